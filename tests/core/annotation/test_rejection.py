from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.annotation.held_out import Folds, HeldOut, ballots, folds
from core.annotation.linear import fit_linear
from core.annotation.rejection import KEPT_HELD_OUT, OpenSet, fit_open_set, ranked, threshold
from core.annotation.shares import Said, set_shares
from core.annotation.transfer import joined


def reference(seed: int = 0, per_type: int = 60) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = np.repeat([0, 1, 2], per_type)
    middles = 4 * np.eye(3, 8)
    return (middles[labels] + rng.normal(size=(len(labels), 8))).astype(np.float32), labels


def held_out(values: np.ndarray, labels: np.ndarray) -> tuple[Folds, HeldOut]:
    cut = folds(labels, None, 3, np.random.default_rng(0))

    def fit(train: np.ndarray, test: np.ndarray) -> Said:
        return {"linear": joined([fit_linear(values[train], labels[train], 3).logits(values[test])])}

    return cut, ballots(cut, fit).counted(set_shares(["linear"], 1, 0))


def fitted(rate: float = 0.05) -> OpenSet:
    values, labels = reference()
    cut, held = held_out(values, labels)
    return fit_open_set(values, labels, cut, held, false_reject_rate=rate, rng=np.random.default_rng(0))


def logits(values: np.ndarray) -> np.ndarray:
    known, labels = reference()
    return joined([fit_linear(known, labels, 3).logits(values)], np.ones(1)).logits


def test_ranks_by_hand():
    ordered = np.array([[1.0, 10], [2, 20], [3, 30], [4, 40]])
    np.testing.assert_allclose(ranked(np.array([[0, 5], [2, 30], [9, 99.0]]), ordered), [0, 0.625, 1])


@pytest.mark.parametrize(("rate", "expected"), [(0.0, 10), (0.1, 9), (0.25, 8), (1.0, 1)])
def test_at_most_the_rate_lies_beyond_the_threshold(rate, expected):
    assert threshold(np.arange(1.0, 11), rate) == expected


@given(st.floats(0, 1))
def test_no_more_known_cells_are_refused_than_asked_for(rate):
    scores = np.random.default_rng(0).random(37).round(1)
    assert (scores > threshold(scores, rate)).mean() <= rate + 1e-12 or rate == 1


def test_new_known_cells_keep_their_label_and_strangers_lose_it():
    rule = fitted()
    fresh, _ = reference(seed=5)
    strangers = (6 * np.eye(8)[4] + np.random.default_rng(1).normal(size=(50, 8))).astype(np.float32)
    known_scores = rule.scores(fresh, logits(fresh))
    strange_scores = rule.scores(strangers, logits(strangers))
    assert rule.assigned(known_scores).mean() > 0.9
    assert rule.assigned(strange_scores).mean() < 0.1
    assert 0 <= known_scores.min() <= known_scores.max() <= 1


def test_a_score_does_not_depend_on_the_other_cells():
    rule = fitted()
    fresh, _ = reference(seed=5)
    whole = rule.scores(fresh, logits(fresh))
    alone = [rule.scores(fresh[i : i + 1], logits(fresh[i : i + 1]))[0] for i in range(5)]
    np.testing.assert_allclose(alone, whole[:5], atol=0.02)


def test_the_curve_loses_cells_and_gains_accuracy():
    curve = fitted().curve()
    assert curve["coverage"].iloc[0] == 1
    assert (curve["coverage"].diff().dropna() <= 0).all()
    assert curve["accuracy"].iloc[50] >= curve["accuracy"].iloc[0]
    at = curve[curve["false_reject_rate"] == 0.25].iloc[0]
    assert at["coverage"] >= 0.75


def test_another_rate_needs_no_new_fit():
    rule = fitted(0.05)
    assert rule.at_rate(0.3).threshold < rule.threshold


def test_the_model_file_brings_every_score_back():
    rule = fitted()
    again = OpenSet.from_dict(rule.to_dict())
    fresh, _ = reference(seed=5)
    np.testing.assert_array_equal(again.scores(fresh, logits(fresh)), rule.scores(fresh, logits(fresh)))
    assert again.threshold == rule.threshold


def test_a_sample_of_many_held_out_cells_knows_which_they_are():
    values, labels = reference(per_type=3400)
    cut, held = held_out(values, labels)
    rule = fit_open_set(values, labels, cut, held, false_reject_rate=0.05, rng=np.random.default_rng(0))
    rows = rule.held_rows
    assert rows is not None and len(np.unique(rows)) == len(rule.held_scores) == KEPT_HELD_OUT < len(labels)
    right = held.votes.log_probabilities.argmax(axis=1) == labels[held.rows]
    np.testing.assert_array_equal(rule.held_correct, right[rows])
    np.testing.assert_array_equal(OpenSet.from_dict(rule.to_dict()).held_rows, rows)


def test_a_model_file_without_row_numbers_still_loads():
    kept = fitted().to_dict()
    del kept["held_rows"]
    assert OpenSet.from_dict(kept).held_rows is None
