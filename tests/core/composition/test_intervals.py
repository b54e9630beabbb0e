"""Intervals around proportions."""

import numpy as np
import pytest

from core.composition.intervals import conformal, coverage, scale
from core.errors import DataError


def noisy(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = rng.dirichlet(np.ones(5), n)
    found = np.clip(truth + rng.normal(0, 0.3, truth.shape) * scale(truth), 0, 1)
    return found, truth


@pytest.mark.parametrize("level", [0.5, 0.9])
def test_fresh_samples_are_covered_at_the_level(level):
    found = conformal(*noisy(4000, 0), level)
    predicted, truth = noisy(5000, 1)
    np.testing.assert_allclose(coverage(*found.around(predicted), truth), level, atol=0.04)


def test_sizes_are_the_order_statistic_that_holds_for_one_more_sample():
    errors = np.arange(1, 10) / 100
    predicted = np.full((9, 1), 0.5)
    found = conformal(predicted, predicted + errors[:, None], 0.8)  # ceil(10 * 0.8) = 8th smallest
    np.testing.assert_allclose(found.sizes, [0.08 / 0.5])
    low, high = found.around(np.array([[0.5], [0.01]]))
    np.testing.assert_allclose([low[0, 0], high[0, 0]], [0.42, 0.58])
    assert low[1, 0] == 0


def test_a_high_level_needs_enough_mixtures():
    with pytest.raises(DataError, match="need at least 19 held-out mixtures"):
        conformal(np.zeros((10, 2)), np.zeros((10, 2)), 0.95)
