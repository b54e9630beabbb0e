"""Intervals around proportions."""

import numpy as np
import pytest

from core.composition.intervals import BANDS, Conformal, conformal, conformal_by_fit, coverage, scale
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
    np.testing.assert_allclose(coverage(*found.around(predicted, np.ones(5000)), truth), level, atol=0.04)


def test_sizes_are_the_order_statistic_that_holds_for_one_more_sample():
    errors = np.arange(1, 10) / 100
    predicted = np.full((9, 1), 0.5)
    found = conformal(predicted, predicted + errors[:, None], 0.8)  # ceil(10 * 0.8) = 8th smallest
    np.testing.assert_allclose(found.sizes, [0.08 / 0.5])
    low, high = found.around(np.array([[0.5], [0.01]]), np.ones(2))
    np.testing.assert_allclose([low[0, 0], high[0, 0]], [0.42, 0.58])
    assert low[1, 0] == 0


def uneven(n: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Half of the samples rebuilt well and predicted well, the others worse the worse they are rebuilt."""
    rng = np.random.default_rng(seed)
    truth = rng.dirichlet(np.ones(5), n)
    residual = np.where(rng.random(n) < 0.5, 0.1, rng.uniform(0.1, 1.0, n)) + rng.uniform(0, 0.01, n)
    wrong = residual[:, None] * rng.normal(0, 0.5, truth.shape) * scale(truth)
    return np.clip(truth + wrong, 0, 1), truth, residual


def test_intervals_by_fit_cover_well_and_badly_rebuilt_samples_alike():
    predicted, truth, residual = uneven(4000, 0)
    found = conformal_by_fit(predicted, truth, residual, 0.9)
    predicted, truth, residual = uneven(6000, 1)
    low, high = found.around(predicted, residual)
    for part in (residual < 0.12, (residual > 0.3) & (residual < 0.6), residual > 0.6):
        np.testing.assert_allclose(coverage(low[part], high[part], truth[part]).mean(), 0.9, atol=0.035)
    alike = conformal(*uneven(4000, 0)[:2], 0.9)
    assert coverage(*alike.around(predicted, residual), truth)[0] < 0.95
    plain = residual < 0.12
    assert coverage(*alike.around(predicted[plain], residual[plain]), truth[plain]).mean() > 0.95


def test_sizes_grow_between_the_bands_and_in_proportion_beyond_them():
    found = Conformal(np.array([[1.0], [3.0]]), 0.9, np.array([0.2, 0.4]))
    np.testing.assert_allclose(found.sizes_at(np.array([0.1, 0.2, 0.3, 0.4, 0.8]))[:, 0], [1, 1, 2, 3, 6])


def test_sizes_never_fall_and_few_mixtures_make_few_bands():
    rng = np.random.default_rng(0)
    found = conformal_by_fit(*noisy(400, 0), rng.random(400), 0.9)
    assert found.sizes.shape == (BANDS, 5)
    assert (np.diff(found.sizes, axis=0) >= 0).all()
    assert conformal_by_fit(*noisy(400, 0), rng.random(400), 0.99).sizes.shape == (4, 5)


def test_a_high_level_needs_enough_mixtures():
    with pytest.raises(DataError, match="need at least 19 held-out mixtures"):
        conformal(np.zeros((10, 2)), np.zeros((10, 2)), 0.95)
