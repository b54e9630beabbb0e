from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from core.data import moments as module
from core.data.moments import grouped_moments


@given(st.integers(0, 10_000), st.integers(1, 30), st.integers(1, 4), st.booleans())
def test_moments_are_those_of_numpy(seed, n, k, is_sparse):
    rng = np.random.default_rng(seed)
    values = rng.poisson(1.0, (n, 5)) * rng.normal(size=(n, 5))
    groups = rng.integers(-1, k, n)
    found = grouped_moments(sparse.csr_matrix(values) if is_sparse else values, groups, k)
    for group in range(k):
        rows = values[groups == group]
        assert found.cells[group] == len(rows)
        np.testing.assert_array_equal(found.detected[group], (rows != 0).sum(axis=0))
        if len(rows):
            np.testing.assert_allclose(found.mean[group], rows.mean(axis=0), atol=1e-12)
        if len(rows) > 1:
            np.testing.assert_allclose(found.variance[group], rows.var(axis=0, ddof=1), atol=1e-10)


def test_a_constant_gene_has_no_variance_whatever_its_size():
    values = np.full((1000, 1), 1234.567)
    assert grouped_moments(values, np.zeros(1000, dtype=int), 1).variance.item() == 0.0


def test_large_sets_are_summed_in_parts_to_the_same_answer(monkeypatch):
    values = sparse.random(500, 7, 0.4, format="csr", random_state=0)
    groups = np.arange(500) % 3
    whole = grouped_moments(values, groups, 3)
    monkeypatch.setattr("core.data.blocks.PIECE", 64)
    parts = module.grouped_moments(values, groups, 3, lambda part, rows: part)
    np.testing.assert_allclose(parts.sums, whole.sums)
    np.testing.assert_allclose(parts.squares, whole.squares)
