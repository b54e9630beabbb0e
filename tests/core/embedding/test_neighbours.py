"""Neighbours by hand, by brute force, with and without faiss."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.embedding.neighbours import adjacency, nearest_in, nearest_neighbours
from core.errors import DataError

LINE = np.array([[0.0], [1.0], [3.0], [7.0]])


def test_neighbours_on_a_line():
    found = nearest_neighbours(LINE, 2)
    np.testing.assert_array_equal(found.indices, [[1, 2], [0, 2], [1, 0], [2, 1]])
    np.testing.assert_allclose(found.distances, [[1, 3], [1, 2], [2, 3], [4, 6]])
    assert found.exact
    assert found.k == 2


def test_no_more_neighbours_than_other_cells():
    assert nearest_neighbours(LINE, 50).k == 3


def test_copies_of_a_cell_are_neighbours_of_each_other_and_never_of_themselves():
    found = nearest_neighbours(np.zeros((6, 3)), 2)
    assert not (found.indices == np.arange(6)[:, None]).any()
    np.testing.assert_array_equal(found.distances, 0)


@settings(max_examples=20)
@given(st.integers(3, 60), st.integers(1, 6), st.integers(1, 10), st.integers(0, 1000))
def test_neighbours_are_those_of_all_pairs(cells, dimensions, k, seed):
    values = np.random.default_rng(seed).normal(size=(cells, dimensions)).astype(np.float32) + 100
    found = nearest_neighbours(values, k)
    distances = np.linalg.norm(values[:, None] - values[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    np.testing.assert_allclose(found.distances, np.sort(distances, axis=1)[:, : found.k], atol=1e-5)


def test_without_faiss_the_answer_is_the_same(monkeypatch):
    values = np.random.default_rng(0).normal(size=(500, 20))
    fast = nearest_neighbours(values, 10)
    monkeypatch.setitem(sys.modules, "faiss", None)
    plain = nearest_neighbours(values, 10)
    np.testing.assert_array_equal(fast.indices, plain.indices)
    np.testing.assert_array_equal(fast.distances, plain.distances)


def test_inverted_file_finds_nearly_all_and_says_so():
    rng = np.random.default_rng(0)
    values = rng.normal(size=(20_000, 10)) + 5 * rng.normal(size=(20, 10))[np.arange(20_000) % 20]
    exact, quick = nearest_neighbours(values, 10), nearest_neighbours(values, 10, exact=False)
    common = [len(np.intersect1d(a, b)) for a, b in zip(exact.indices[:500], quick.indices[:500], strict=True)]
    assert not quick.exact
    assert np.mean(common) / 10 > 0.95


def test_neighbours_in_a_reference():
    found = nearest_in(LINE, np.array([[2.9], [0.1]]), 2)
    np.testing.assert_array_equal(found.indices, [[2, 1], [0, 1]])
    np.testing.assert_allclose(found.distances, [[0.1, 1.9], [0.1, 0.9]], atol=1e-6)


def test_adjacency_has_a_one_for_each_neighbour():
    expected = [[0, 1, 0, 0], [1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]]
    np.testing.assert_array_equal(adjacency(nearest_neighbours(LINE, 1)).toarray(), expected)


def test_a_value_that_is_no_number_is_refused():
    with pytest.raises(DataError, match=r"not numbers.*1 cells"):
        nearest_neighbours(np.array([[0.0], [np.nan], [1.0]]), 1)
