"""Two files that are one mix as expected; two that lie apart do not mix."""

from __future__ import annotations

import numpy as np
import pytest

from core.embedding.mixing import mixing

RNG = np.random.default_rng(0)


def test_one_cloud_cut_in_two_mixes_as_expected():
    values = RNG.normal(size=(900, 5))
    query = np.arange(900) < 300
    row = mixing(values, query, np.full(900, "T")).iloc[0]
    assert (row["reference"], row["query"], row["neighbours"]) == (600, 300, 30)
    assert row["expected"] == pytest.approx(600 / 899)
    assert row["mixing"] == pytest.approx(1, abs=0.03)


def test_files_that_lie_apart_do_not_mix_and_other_types_have_no_say():
    values = RNG.normal(size=(200, 5))
    query = np.arange(200) % 2 == 0
    types = np.where(np.arange(200) < 100, "far", "near")
    values[(types == "far") & query] += 50
    table = mixing(values, query, types).set_index("cell_type")
    assert table.loc["far", "mixing"] == 0
    assert table.loc["near", "mixing"] == pytest.approx(1, abs=0.15)
    alone = mixing(values[types == "near"], query[types == "near"], types[types == "near"]).iloc[0]
    assert alone["share"] == table.loc["near", "share"]


def test_a_type_of_few_cells_is_left_out_and_a_small_one_has_fewer_neighbours():
    values, types = RNG.normal(size=(24, 3)), np.array(["few"] * 4 + ["some"] * 20)
    query = np.array([True] * 4 + [True] * 10 + [False] * 10)
    table = mixing(values, query, types)
    assert table["cell_type"].tolist() == ["some"] and table["neighbours"].tolist() == [5]
