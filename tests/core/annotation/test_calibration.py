from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import log_softmax

from core.annotation.calibration import (
    Calibration,
    calibrate,
    calibration_error,
    conformal_cutoff,
    label_sets,
    reliability,
    temperature,
)

THREE = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7]])


def drawn(heat: float, n: int = 4000) -> tuple[np.ndarray, np.ndarray]:
    """Cells whose labels are drawn from their probabilities, and votes that are ``heat`` times too certain."""
    rng = np.random.default_rng(0)
    honest = log_softmax(rng.normal(size=(n, 4)) * 2, axis=1)
    labels = (rng.random((n, 1)) > np.exp(honest).cumsum(axis=1)).sum(axis=1)
    return log_softmax(honest * heat, axis=1), labels


def test_reliability_counts_by_hand():
    table = reliability(THREE, np.array([0, 1, 1]), bins=2)
    assert table["cells"].tolist() == [0, 3]
    assert table["probability"][1] == pytest.approx(0.8)
    assert table["accuracy"][1] == pytest.approx(2 / 3)
    assert calibration_error(THREE, np.array([0, 1, 1]), bins=2) == pytest.approx(0.8 - 2 / 3)


@given(st.sampled_from([0.5, 1.0, 2.0, 3.0]))
def test_the_temperature_undoes_too_much_certainty(heat):
    votes, labels = drawn(heat)
    assert temperature(votes, labels) == pytest.approx(heat, rel=0.08)


def test_calibration_lowers_the_error():
    votes, labels = drawn(3.0)
    found = calibrate(votes, labels, "batch")
    assert found.error_before > 0.1
    assert found.error_after < 0.03
    assert found.method == "batch"
    assert Calibration.from_dict(found.to_dict()) == found


@pytest.mark.parametrize("level", [0.9, 0.95])
def test_label_sets_of_new_cells_hold_the_true_type(level):
    votes, labels = drawn(1.0, 8000)
    probabilities = np.exp(votes)
    cutoff = conformal_cutoff(probabilities[:4000], labels[:4000], level)
    hits = [
        str(k) in s.split("|")
        for k, s in zip(labels[4000:], label_sets(probabilities[4000:], list("0123"), cutoff), strict=True)
    ]
    assert np.mean(hits) == pytest.approx(level, abs=0.02)


def test_the_cutoff_is_the_right_order_statistic():
    probabilities = np.column_stack([np.arange(1, 10) / 10, 1 - np.arange(1, 10) / 10])
    # Nine cells at 0.8: rank ceil(10 * 0.8) = 8, so the second smallest true probability.
    assert conformal_cutoff(probabilities, np.zeros(9, dtype=int), 0.8) == pytest.approx(0.2)
    assert conformal_cutoff(probabilities, np.zeros(9, dtype=int), 0.95) == 0.0


def test_label_sets_are_never_empty_and_begin_with_the_best():
    assert label_sets(THREE, ["A", "B"], 0.95) == ["A", "A", "B"]
    assert label_sets(THREE, ["A", "B"], 0.2) == ["A", "A|B", "B|A"]
