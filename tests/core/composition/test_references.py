"""Answers of several references as one."""

import numpy as np
import pytest

from core.composition.deconvolve import Composition
from core.composition.references import all_labels, mean_shares, together

LABELS = (("B", "T"), ("T", "NK", "B"))


def composition(shares: list[list[float]], half: float, residual: list[float], beyond: list[float]) -> Composition:
    proportions = np.array(shares)
    low, high = np.clip(proportions - half, 0, 1), np.clip(proportions + half, 0, 1)
    weight = np.full(len(shares), half)
    spread = np.full(proportions.shape, half)
    return Composition(proportions, low, high, spread, weight, np.array(residual), np.array(beyond))


FIRST = composition([[0.5, 0.5], [0.2, 0.8]], 0.1, [0.4, 0.6], [0.3, 0.9])
SECOND = composition([[0.4, 0.2, 0.4], [0.8, 0.0, 0.2]], 0.2, [0.5, 0.5], [0.7, 0.2])


def test_a_type_is_averaged_over_the_references_that_know_it():
    assert all_labels(LABELS) == ("B", "NK", "T")
    found = mean_shares([FIRST.proportions, SECOND.proportions], LABELS)
    np.testing.assert_allclose(found[0], np.array([0.45, 0.2, 0.45]) / 1.1)
    np.testing.assert_allclose(found[1], [0.2, 0.0, 0.8])


def test_intervals_hold_the_estimate_and_the_better_fit_speaks_for_the_sample():
    found = together([FIRST, SECOND], LABELS)
    np.testing.assert_allclose(found.proportions.sum(axis=1), 1)
    assert ((found.low <= found.proportions) & (found.proportions <= found.high) & (found.high <= 1)).all()
    np.testing.assert_allclose(found.residual, [0.4, 0.5])
    np.testing.assert_allclose(found.out_of_reference, [0.3, 0.2])
    np.testing.assert_allclose(found.linear_weight, 0.15)
    np.testing.assert_allclose(found.spread[0], np.sqrt([0.025 + 0.05**2, 0.04, 0.025 + 0.05**2]))


@pytest.mark.parametrize("sample", [0, 1])
def test_one_sample_alone_gets_the_same_answer(sample):
    alone = mean_shares([each.proportions[[sample]] for each in (FIRST, SECOND)], LABELS)
    np.testing.assert_array_equal(alone[0], together([FIRST, SECOND], LABELS).proportions[sample])


def test_one_reference_is_left_as_it_is():
    assert together([FIRST], LABELS[:1]) is FIRST
