from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.annotation.held_out import ballots, folds
from core.annotation.shares import Said, set_shares
from core.annotation.transfer import Votes
from core.errors import DataError


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def test_complete_batches_are_held_out_whole():
    labels = np.array([0, 1, 0, 1, 0])
    batches = np.array(["a", "a", "b", "b", "c"])
    cut = folds(labels, batches, 3, rng())
    assert cut.kind == "batch"
    assert cut.number.tolist() == [0, 0, 1, 1, -1]
    assert cut.train(0).tolist() == [2, 3, 4]


def test_one_complete_batch_falls_back_to_parts_of_every_type():
    cut = folds(np.array([0, 1, 0, 1, 0, 0]), np.array(["a", "a", "b", "a", "b", "a"]), 2, rng())
    assert cut.kind == "stratified"
    assert cut.n_folds == 2


def test_many_batches_share_folds():
    labels = np.tile([0, 1], 7)
    cut = folds(labels, np.repeat(np.arange(7), 2), 3, rng())
    assert cut.n_folds == 3


@given(st.lists(st.integers(1, 9), min_size=2, max_size=5).filter(lambda sizes: max(sizes) > 1), st.integers(2, 5))
def test_every_type_is_in_training_whenever_a_fold_is_held_out(sizes, n_folds):
    labels = np.repeat(np.arange(len(sizes)), sizes)
    cut = folds(labels, None, n_folds, rng())
    for fold in range(cut.n_folds):
        assert len(cut.test(fold)) > 0
        assert set(labels[cut.train(fold)]) == set(labels)


def test_only_lonely_cells_cannot_be_held_out():
    with pytest.raises(DataError, match="held out"):
        folds(np.arange(4), None, 3, rng())


def test_votes_come_back_beside_their_rows():
    labels = np.array([0, 0, 0, 1, 1, 1])
    cut = folds(labels, None, 3, rng())

    def fit(train: np.ndarray, test: np.ndarray) -> Said:
        assert not set(train) & set(test)
        return {"linear": Votes(test[:, None] * np.ones(2), test[:, None] * np.ones(2))}

    held = ballots(cut, fit).counted(set_shares(["linear"], 1, 0))
    assert sorted(held.rows) == list(range(6))
    np.testing.assert_array_equal(held.votes.logits[:, 0], held.rows)
