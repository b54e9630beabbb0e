from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.specs import DataSpec, SourceSpec
from core.specs.several import distinctly_named, files, place, with_files

A, B, C = (SourceSpec(path=f"{name}.h5ad") for name in "abc")


def test_files_are_the_first_and_then_the_further_ones():
    data = DataSpec(reference=A, more_references=(B, C), query=A)
    assert files(data, "reference") == (A, B, C)
    assert files(data, "query") == (A,) and files(data, "bulk") == ()


@pytest.mark.parametrize("sources", [(), (A,), (A, B, C)])
def test_files_come_back_as_they_were_set(sources):
    assert files(with_files(DataSpec(bulk=C, more_bulk=(A,)), "bulk", sources), "bulk") == sources


def test_every_file_has_a_path_in_the_data():
    assert [place("bulk", at) for at in range(3)] == ["data.bulk", "data.more_bulk.0", "data.more_bulk.1"]


@given(st.lists(st.sampled_from(["a", "b", "a 2", "c"]), max_size=6))
def test_names_become_distinct_and_free_ones_stay(names):
    made = distinctly_named([SourceSpec(path=f"{name}.csv") for name in names])
    called = [source.called for source in made]
    assert len(set(called)) == len(called)
    assert all(new.startswith(old) for new, old in zip(called, names, strict=True))
    if len(set(names)) == len(names):
        assert called == names and not any(source.name for source in made)
