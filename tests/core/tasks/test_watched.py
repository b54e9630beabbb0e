from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.tasks.watched import sample_size, stratified


def test_a_quarter_of_the_cells_is_watched_within_bounds():
    assert sample_size(100, 64) == 100
    assert sample_size(1_000, 64) == 500
    assert sample_size(4_000, 64) == 1_000
    assert sample_size(1_000_000, 64) == 2_000
    assert sample_size(1_000_000, 2_048) == 128
    assert sample_size(10, 2**20) == 1


@given(st.lists(st.integers(1, 60), min_size=1, max_size=6), st.integers(0, 5))
def test_every_type_has_its_share_and_none_is_left_out(sizes, seed):
    labels = np.repeat([f"type {number}" for number in range(len(sizes))], sizes)
    size = max(len(labels) // 2, len(sizes))
    rows = stratified(labels, size, np.random.default_rng(seed))
    assert len(rows) == min(size, len(labels)) and len(set(rows)) == len(rows) and (np.diff(rows) > 0).all()
    assert set(labels[rows]) == set(labels)
    for name, count in zip(*np.unique(labels, return_counts=True), strict=True):
        assert abs((labels[rows] == name).sum() - count * size / len(labels)) <= len(sizes) + 1


def test_the_same_seed_watches_the_same_cells():
    labels = np.repeat(["a", "b"], [300, 20])
    first, second = (stratified(labels, 50, np.random.default_rng(3)) for _ in range(2))
    np.testing.assert_array_equal(first, second)
