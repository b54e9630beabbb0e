"""Groups of cells on planted and real data."""

from __future__ import annotations

import random

import numpy as np
import pytest
from scipy import sparse

from core.embedding.agreement import ari
from core.embedding.clusters import by_size, k_means, leiden, per_cell, shared_neighbours
from core.embedding.components import principal_components
from core.embedding.neighbours import Neighbours, nearest_neighbours
from core.errors import SpecError
from tests.conftest import real

GROUP = np.repeat([0, 1, 2], [100, 80, 60])
VALUES = np.random.default_rng(0).normal(size=(240, 5)) + 10 * np.eye(5)[GROUP]


def test_leiden_and_k_means_find_planted_groups_largest_first():
    np.testing.assert_array_equal(leiden(nearest_neighbours(VALUES, 15), 0, resolution=0.1), GROUP)
    np.testing.assert_array_equal(k_means(VALUES, 3, 0), GROUP)


def test_leiden_leaves_the_random_numbers_of_others_alone():
    neighbours = nearest_neighbours(np.random.default_rng(1).normal(size=(200, 4)), 10)
    random.seed(5)
    expected = random.random()
    random.seed(5)
    first = leiden(neighbours, 3)
    assert random.random() == expected
    np.testing.assert_array_equal(leiden(neighbours, 3), first)


def test_shared_neighbours_by_hand():
    # 0 and 1 know each other; 2 knows 1. Each neighbourhood holds the cell itself.
    neighbours = Neighbours(np.array([[1], [0], [1]]), np.ones((3, 1)), exact=True)
    expected = [[0, 1, 0], [1, 0, 1 / 3], [0, 1 / 3, 0]]
    np.testing.assert_allclose(shared_neighbours(neighbours).toarray(), expected, rtol=1e-6)


def test_numbers_by_size():
    np.testing.assert_array_equal(by_size(np.array([7, 7, 3, 3, 3, 9])), [1, 1, 0, 0, 0, 2])


def test_more_groups_than_cells_are_refused():
    with pytest.raises(SpecError, match=r"Got 5\. Use a value from 1 to 4\."):
        k_means(np.arange(8.0).reshape(4, 2), 5, 0)


def test_codes_made_comparable():
    code = np.array([[1.0, -3.0], [2.0, 2.0], [0.0, 0.0]])
    np.testing.assert_allclose(per_cell(code, "sum"), [[0.25, -0.75], [0.5, 0.5], [0, 0]])
    np.testing.assert_allclose(per_cell(code, "units").mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(per_cell(code, "units").std(axis=0), 1, rtol=1e-6)
    np.testing.assert_array_equal(per_cell(code, "none"), code)


def test_leiden_on_blood_cells():
    import anndata

    cells = anndata.read_h5ad(real("pbmc3k.h5ad"))
    depth = sparse.diags(1e4 / np.asarray(cells.X.sum(axis=1)).ravel())
    scores = principal_components(sparse.csr_matrix(depth @ cells.X).log1p(), 20).scores
    assert ari(leiden(nearest_neighbours(scores, 15), 0), cells.obs["cell_type_fine"].astype(str)) > 0.55
