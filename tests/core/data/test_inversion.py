from __future__ import annotations

import anndata as ad
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from core.data.inversion import counts_behind
from tests.conftest import real

COUNTS = sparse.csr_matrix(np.random.default_rng(0).poisson(0.7, (40, 30)).astype(np.float64))


def scaled(counts, target=1e4):
    totals = np.maximum(np.asarray(counts.sum(axis=1)).ravel(), 1)
    return sparse.csr_matrix(sparse.diags(target / totals) @ counts)


def logged(values, base):
    values = values.copy()
    values.data = (
        np.log1p(values.data) if base == "log1p" else np.log2(values.data + 1) if base == "log2" else values.data
    )
    return values


def same(found, expected):
    return found is not None and (found != expected).nnz == 0


def test_one_cell_by_hand():
    cells = [
        [1, 2, 0, 5],
        [1, 2, 3, 7],
        [2, 2, 3, 7],
        [1, 4, 9, 1],
        [6, 1, 2, 8],
        [3, 1, 0, 2],
        [1, 2, 3, 4],
        [5, 4, 3, 1],
    ]
    values = sparse.csr_matrix(np.log1p(np.array(cells) * np.arange(1, 9)[:, None] * 12.5))
    np.testing.assert_array_equal(counts_behind(values, "log1p").toarray(), cells)


@pytest.mark.parametrize("base", ["log1p", "log2", "linear"])
@pytest.mark.parametrize("target", [1, 1e4, 1e6])
def test_scaled_counts_come_back_exactly(base, target):
    assert same(counts_behind(logged(scaled(COUNTS, target), base), base), COUNTS)


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000), st.floats(0.7, 3), st.sampled_from([np.float32, np.float64]))
def test_any_counts_come_back_where_each_cell_holds_a_single_count(seed, rate, kind):
    counts = np.random.default_rng(seed).poisson(rate, (20, 40)).astype(float)
    counts[:, 0] = 1
    counts = sparse.csr_matrix(counts)
    assert same(counts_behind(logged(scaled(counts), "log1p").astype(kind), "log1p"), counts)


def test_cells_whose_smallest_value_stands_for_more_than_one_count():
    counts = COUNTS.toarray()
    counts[0] = 0
    counts[0, :9] = [2, 3, 5, 7, 2, 9, 11, 4, 5]
    counts = sparse.csr_matrix(counts)
    assert same(counts_behind(logged(scaled(counts), "log1p"), "log1p"), counts)


@pytest.mark.parametrize(("taken", "asked"), [("log1p", "log2"), ("log2", "log1p"), ("log1p", "linear")])
def test_another_logarithm_does_not_pass(taken, asked):
    assert counts_behind(logged(scaled(COUNTS), taken), asked) is None


def test_continuous_values_do_not_pass():
    values = COUNTS.copy()
    values.data = np.random.default_rng(1).gamma(2, 1, values.nnz)
    assert counts_behind(values, "log1p") is None
    one = logged(scaled(COUNTS), "log1p")
    one.data[one.indptr[7] : one.indptr[8]] *= np.random.default_rng(2).uniform(1, 1.1, np.diff(one.indptr)[7])
    assert counts_behind(one, "log1p") is None


def test_single_values_are_no_evidence():
    assert counts_behind(sparse.csr_matrix(np.eye(12) * 4.2), "log1p") is None


def test_pbmc3k_comes_back_from_log1p_cp10k():
    counts = ad.read_h5ad(real("pbmc3k.h5ad")).X
    for base in ("log1p", "log2"):
        assert same(counts_behind(logged(scaled(counts), base).astype(np.float32), base), counts)


def test_values_rounded_to_three_decimals_come_back():
    import scanpy as sc

    values = sparse.csr_matrix(sc.datasets.pbmc68k_reduced().raw.X)
    values.eliminate_zeros()
    counts = counts_behind(values, "log1p")
    assert counts is not None and counts.data.max() == 259
    unit = np.expm1(values.data) / counts.data
    rows = np.repeat(np.arange(700), np.diff(values.indptr))
    smallest = np.array([unit[rows == row].max() / unit[rows == row].min() for row in range(0, 700, 50)])
    assert (smallest < 1.002).all()
