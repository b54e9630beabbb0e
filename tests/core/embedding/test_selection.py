"""Markers against scipy's own test, composition and shifted units by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse, stats

from core.embedding import ranks
from core.embedding.selection import composition, markers, shifted_units, wilcoxon
from core.errors import DataError
from tests.conftest import real


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.booleans())
def test_rank_sum_test_is_that_of_scipy(seed, negative):
    rng = np.random.default_rng(seed)
    values = rng.integers(-3 if negative else 0, 4, size=(40, 7)).astype(float)
    mask = rng.permutation(40) < rng.integers(2, 38)
    expected = stats.mannwhitneyu(values[mask], values[~mask], method="asymptotic").pvalue
    varying = np.ptp(values, axis=0) > 0
    np.testing.assert_allclose(wilcoxon(sparse.csr_matrix(values), mask)[varying], expected[varying], rtol=1e-9)


def test_blocks_of_genes_give_the_same_ranks(monkeypatch):
    values = sparse.random(50, 30, 0.3, format="csc", rng=np.random.default_rng(0))
    mask = np.arange(50) < 20
    whole = ranks.rank_sums(values, mask)
    monkeypatch.setattr(ranks, "BLOCK", 40)
    np.testing.assert_allclose(ranks.rank_sums(values, mask), whole)


def test_markers_by_hand():
    # gene "up" has 3 counts in every selected cell and none elsewhere, "flat" is the same everywhere
    up = np.log1p([3, 3, 3, 0, 0, 0])
    table = markers(sparse.csr_matrix(np.column_stack([np.ones(6), up])), ["flat", "up"], np.arange(6) < 3)
    assert table["gene"].tolist() == ["up", "flat"]
    assert table["log2_fold"].tolist() == pytest.approx([2.0, 0.0])
    assert table["share"].tolist() == [1, 1]
    assert table["share_rest"].tolist() == [0, 1]
    assert table["p"].iloc[1] == 1


def test_a_single_cell_has_no_markers():
    with pytest.raises(DataError, match=r"Got 1 of 6 cells selected"):
        markers(np.ones((6, 2)), ["a", "b"], np.arange(6) < 1)


def test_markers_of_killer_cells():
    import anndata

    cells = anndata.read_h5ad(real("pbmc3k.h5ad"))
    depth = sparse.diags(1e4 / np.asarray(cells.X.sum(axis=1)).ravel())
    table = markers(
        sparse.csr_matrix(depth @ cells.X).log1p(), list(cells.var_names), (cells.obs["cell_type"] == "NK").to_numpy()
    )
    assert {"GNLY", "GZMB", "PRF1", "NKG7"} <= set(table["gene"][:20])
    assert table["p_adjusted"].iloc[0] < 1e-100
    assert (table["log2_fold"][:10] > 1).all()


def test_composition_counts_inside_and_in_all():
    table = composition(["T", "B", "T", "T", "B", "NK"], np.array([1, 1, 1, 0, 0, 0], dtype=bool))
    assert table.to_dict("list") == {"label": ["T", "B"], "cells": [2, 1], "of": [3, 2], "share": [2 / 3, 1 / 3]}


def test_units_that_stand_out():
    code = np.array([[1.0, 5, 0], [1, 5, 0], [1, 1, 0.5], [1, 1, 0]])
    table = shifted_units(code, np.array([True, True, False, False]))
    assert table["unit"].tolist() == ["unit_2", "unit_3", "unit_1"]
    assert table["shift"].tolist() == pytest.approx([2.0, -0.25 / np.std([0, 0, 0.5, 0]), 0.0])
