from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.split import stratified_folds, stratified_split
from core.errors import DataError

LABELS = st.lists(st.sampled_from("abcde"), min_size=2, max_size=60)


def test_a_quarter_of_each_class_is_held_out():
    labels = np.array(["a"] * 8 + ["b"] * 4)
    train, test = stratified_split(labels, 0.25, np.random.default_rng(0))
    assert [int((labels[test] == name).sum()) for name in "ab"] == [2, 1]
    assert sorted([*train, *test]) == list(range(12))


def test_a_class_of_one_is_for_training_and_a_class_of_two_is_on_both_sides():
    labels = np.array(["alone", "pair", "pair", *["many"] * 20])
    train, test = stratified_split(labels, 0.05, np.random.default_rng(1))
    assert "alone" in labels[train] and "alone" not in labels[test]
    assert "pair" in labels[train] and "pair" in labels[test]


def test_sizes_add_up_to_the_share_asked_for():
    labels = np.repeat(list("abcdefg"), 7)
    assert stratified_split(labels, 0.5, np.random.default_rng(0))[1].size == 25  # 24.5 rounds up


def test_a_share_of_nothing_leaves_the_test_side_empty():
    train, test = stratified_split(5, 0.0, np.random.default_rng(0))
    assert train.tolist() == [0, 1, 2, 3, 4] and test.size == 0


def test_a_share_of_one_is_refused():
    with pytest.raises(DataError, match="between 0 and 1"):
        stratified_split(5, 1.0, np.random.default_rng(0))


@given(LABELS, st.floats(0.01, 0.99), st.integers(0, 99))
def test_each_row_is_on_one_side_and_each_class_of_two_on_both(labels, share, seed):
    train, test = stratified_split(labels, share, np.random.default_rng(seed))
    assert np.array_equal(np.sort(np.concatenate([train, test])), np.arange(len(labels)))
    names = np.array(labels)
    for name in set(labels):
        if (names == name).sum() > 1:
            assert name in names[train] and name in names[test]


@given(LABELS, st.integers(2, 6), st.integers(0, 99))
def test_each_row_is_tested_once_and_folds_are_of_one_size(labels, folds, seed):
    if folds > len(labels):
        folds = len(labels)
    parts = stratified_folds(labels, folds, np.random.default_rng(seed))
    assert np.array_equal(np.sort(np.concatenate([test for _, test in parts])), np.arange(len(labels)))
    sizes = [test.size for _, test in parts]
    assert max(sizes) - min(sizes) <= 1
    names = np.array(labels)
    for name in set(labels):
        per_fold = [int((names[test] == name).sum()) for _, test in parts]
        assert max(per_fold) - min(per_fold) <= 1


def test_missing_labels_are_divided_like_a_class():
    labels = np.array(["a", "a", "a", "a", None, None, None, None], dtype=object)
    _, test = stratified_split(labels, 0.5, np.random.default_rng(0))
    assert [label is None for label in labels[test]].count(True) == 2


def test_the_same_seed_gives_the_same_rows():
    first, second = (stratified_split(100, 0.3, np.random.default_rng(7))[1] for _ in range(2))
    assert np.array_equal(first, second)


def test_more_folds_than_cells_are_refused():
    with pytest.raises(DataError, match="3 cells cannot be divided into 4 parts"):
        stratified_folds(3, 4, np.random.default_rng(0))
