from __future__ import annotations

from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.project import Project
from core.tasks import check
from tests.conftest import real
from tests.pages.prepare.conftest import Open, words


def read_by_path(test: AppTest, kind: str, path: object) -> AppTest:
    test.selectbox(key="path-kind-0").set_value(kind)
    test.text_input(key="path-of-path-0").set_value(str(path))
    sent = next(button for button in test.button if button.form_id == "form-path-0")
    return sent.click().run()


@pytest.fixture
def reference_file(tmp_path: Path) -> Path:
    """Sixty cells with two types and no other column that looks like labels."""
    rng = np.random.default_rng(0)
    counts = rng.poisson(2.0, (60, 40)).astype(np.float32)
    obs = pd.DataFrame({"cell_type": ["B", "T"] * 30, "age": rng.random(60)}, index=[f"cell{n}" for n in range(60)])
    var = pd.DataFrame(index=[f"GENE{n}" for n in range(40)])
    path = tmp_path / "cells.h5ad"
    anndata.AnnData(counts, obs=obs, var=var).write_h5ad(path)
    return path


def test_without_files_the_page_offers_the_demo_and_says_what_each_file_is_for(empty: Project, opened: Open):
    test = opened(empty, "data")
    assert not test.exception
    assert "No file yet" in words(test) and "Nothing has been read yet" in words(test)
    assert test.button[-1].label == "Use the demo's files"


def test_a_reference_by_path_is_read_and_its_only_label_column_is_taken(
    empty: Project, opened: Open, reference_file: Path
):
    test = read_by_path(opened(empty, "data"), "reference", reference_file)
    assert not test.exception
    source = empty.draft.data.reference
    assert source is not None
    assert (source.path, source.label_column) == (str(reference_file), "cell_type")
    assert len(source.fingerprint) == 16
    assert "cells.h5ad" in words(test) and "cell types" in words(test)


@pytest.mark.parametrize(
    ("kind", "path", "said"),
    [
        ("reference", "/nowhere/cells.h5ad", "There is no file or folder at this path"),
        ("query", "", "No path was given"),
        ("gene_sets", __file__, "GMT"),
    ],
)
def test_a_wrong_file_says_so_in_three_parts_and_changes_nothing(
    demo: Project, opened: Open, kind: str, path: str, said: str
):
    before = demo.path.read_text()
    test = read_by_path(opened(demo, "data"), kind, path)
    assert not test.exception
    assert said in words(test)
    assert demo.path.read_text() == before


def test_another_label_column_is_read_anew_and_the_types_follow(demo: Project, opened: Open):
    test = opened(demo, "data")
    box = next(box for box in test.selectbox if box.label == "Cell type")
    assert box.value == "cell_type"
    box.set_value("phase").run()
    assert not test.exception
    source = demo.draft.data.reference
    assert source is not None and source.label_column == "phase"
    assert ">3</div>" in words(test)  # G1, S and G2M


def test_a_meaning_that_does_not_fit_is_refused_and_the_old_one_stays(
    empty: Project, opened: Open, reference_file: Path
):
    test = read_by_path(opened(empty, "data"), "reference", reference_file)
    next(box for box in test.selectbox if box.label == "Cell type").set_value("age").run()
    assert not test.exception
    assert "The column age holds too many different labels" in words(test)
    assert next(box for box in test.selectbox if box.label == "Cell type").value == "cell_type"
    source = empty.draft.data.reference
    assert source is not None and source.label_column == "cell_type"


def test_removing_a_file_leaves_the_others(demo: Project, opened: Open):
    test = opened(demo, "data")
    test.button(key="remove-bulk-0").click().run()
    assert not test.exception
    data = demo.draft.data
    assert data.bulk is None and data.query is not None
    found = check.stored(demo, data)
    assert found is not None
    left_over = found.report.find("truth")
    assert left_over is not None and left_over.kind == "choose"


def test_real_sets_with_two_label_columns_ask_which(empty: Project, opened: Open):
    test = read_by_path(opened(empty, "data"), "reference", real("pbmc3k.h5ad"))
    assert not test.exception
    source = empty.draft.data.reference
    assert source is not None and source.label_column is None
    assert "1 choice to make" in words(test)
