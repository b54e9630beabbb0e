"""Principal components against the singular value decomposition, and the test against shuffled genes."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from core.embedding.components import principal_components, shuffled_genes, significant_components
from core.errors import DataError


def low_rank(cells: int, genes: int, rank: int, noise: float = 0.1) -> np.ndarray:
    rng = np.random.default_rng(0)
    values = rng.normal(size=(cells, rank)) * np.linspace(2, 1, rank) @ rng.normal(size=(rank, genes))
    return (values + rng.normal(size=(cells, genes)) * noise).astype(np.float32)


@pytest.mark.parametrize("genes", [40, 700])
@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_matrix])
def test_components_are_those_of_the_singular_value_decomposition(genes, kind):
    values = low_rank(60, genes, 5)
    found = principal_components(kind(values), 5)
    centred = values.astype(np.float64) - values.mean(axis=0)
    _, singular, rotation = np.linalg.svd(centred, full_matrices=False)
    np.testing.assert_allclose(found.variance_ratio, singular[:5] ** 2 / (singular**2).sum(), rtol=1e-4)
    np.testing.assert_allclose(np.abs((found.loadings * rotation[:5]).sum(axis=1)), 1, rtol=1e-4)
    np.testing.assert_allclose(found.scores, (values - found.mean) @ found.loadings.T, atol=1e-2)
    assert found.n == 5


def test_no_more_components_than_the_data_have():
    assert principal_components(low_rank(6, 30, 3), 50).n == 5
    assert principal_components(low_rank(30, 4, 3), 50).n == 3


def test_too_few_or_equal_cells_are_refused():
    with pytest.raises(DataError, match="three cells and two genes"):
        principal_components(np.ones((2, 10)), 2)
    with pytest.raises(DataError, match="same values"):
        principal_components(np.ones((10, 10)), 2)


def test_significant_components_are_the_planted_ones():
    values = low_rank(300, 50, 4, noise=1.0)
    found = significant_components(values, np.random.default_rng(1), limit=10)
    assert found.significant == 4
    assert found.chance.shape == (10, 10)


def test_noise_has_no_significant_component():
    noise = np.random.default_rng(3).normal(size=(200, 50))
    assert significant_components(noise, np.random.default_rng(2), limit=5, permutations=20).significant <= 1


@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_matrix])
def test_shuffling_keeps_the_values_of_each_gene(kind):
    rng = np.random.default_rng(0)
    values = (rng.random((40, 6)) * (rng.random((40, 6)) < 0.4)).astype(np.float32)
    shuffled = shuffled_genes(kind(values), rng)
    dense = shuffled if isinstance(shuffled, np.ndarray) else shuffled.toarray()
    np.testing.assert_array_equal(np.sort(dense, axis=0), np.sort(values, axis=0))
    assert not np.array_equal(dense, values)
