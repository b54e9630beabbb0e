"""Cells become samples."""

import time

import anndata
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from core.composition.mixtures import from_counts, mixtures
from core.composition.pool import pool_of
from core.composition.pseudobulk import UNITS, add_cpm, add_raw_count, mean_cpm, pseudobulk
from core.errors import DataError
from core.specs import DeconvolveSpec
from tests.conftest import real

COUNTS = np.array([[1, 0, 3], [0, 2, 0], [5, 1, 0]], dtype=np.float32)
ALL_THREE = from_counts(pool_of(np.array([0, 0, 0]), 1), np.array([[3]]), np.random.default_rng(0))
SIX = from_counts(pool_of(np.array([0, 1, 1]), 2), np.array([[1, 0], [1, 1], [1, 2], [0, 1]]), np.random.default_rng(3))


def cpm(values: np.ndarray) -> np.ndarray:
    return 1e6 * values / values.sum(axis=-1, keepdims=True)


def test_raw_counts_add_up():
    np.testing.assert_array_equal(add_raw_count(sparse.csr_matrix(COUNTS), ALL_THREE), [[6, 3, 3]])


@pytest.mark.parametrize("kind", UNITS)
def test_each_kind_follows_its_definition(kind):
    expected = []
    for mixture in range(len(SIX)):
        cells = COUNTS[SIX.cells_of(mixture)].astype(float)
        logs = np.log2(cpm(cells + 1))
        made = {"add_raw_count": cells.sum(axis=0), "mean_cpm": logs.mean(axis=0), "add_cpm": cpm(logs.sum(axis=0))}
        expected.append(made[kind])
    np.testing.assert_allclose(pseudobulk(sparse.csr_matrix(COUNTS), SIX, kind), expected, rtol=1e-5)


@given(st.integers(1, 1000))
def test_raw_sums_scale_with_depth(depth):
    deeper = add_raw_count(sparse.csr_matrix(COUNTS * depth), SIX)
    np.testing.assert_allclose(deeper, depth * add_raw_count(sparse.csr_matrix(COUNTS), SIX))


def test_mean_of_logs_is_not_the_log_of_the_mean():
    counts = sparse.csr_matrix(COUNTS)
    logs = np.log2(cpm(COUNTS.astype(float) + 1).mean(axis=0))
    assert np.abs(mean_cpm(counts, ALL_THREE)[0] - logs).max() > 0.01
    np.testing.assert_allclose(add_cpm(counts, ALL_THREE).sum(), 1e6, rtol=1e-6)


def test_a_mixture_without_counts_is_refused():
    with pytest.raises(DataError, match="hold no counts"):
        add_raw_count(sparse.csr_matrix((3, 2), dtype=np.float32), ALL_THREE)


def test_thousands_of_mixtures_over_all_genes_take_seconds():
    data = anndata.read_h5ad(real("pbmc3k.h5ad"))
    codes = data.obs["cell_type"].cat.codes.to_numpy().astype(int)
    pool = pool_of(codes, codes.max() + 1)
    counts = sparse.csr_matrix(data.X)
    made = mixtures(pool, 2000, DeconvolveSpec(design="digital_sorter"), np.random.default_rng(0))
    add_raw_count(counts, from_counts(pool, np.ones((1, pool.n_types)), np.random.default_rng(0)))  # compiled
    start = time.process_time()
    sums = add_raw_count(counts, made)
    assert time.process_time() - start < 3
    cells = made.cells_of(7)
    np.testing.assert_allclose(sums[7], np.asarray(counts[cells].sum(axis=0)).ravel())
