"""Telling two samples of cells apart."""

import numpy as np
import pytest

from core.composition.simulated.two_samples import auc_interval, neighbour_mixing, two_sample_auc

DRAWS = np.random.default_rng(0).normal(size=(3, 150, 4))


def auc(first: np.ndarray, second: np.ndarray, seed: int = 0) -> float:
    return two_sample_auc(first, second, np.random.default_rng(seed))


def test_one_distribution_is_not_told_apart():
    area = auc(DRAWS[0], DRAWS[1])
    low, high = auc_interval(area, 150, 150)
    assert low < 0.5 < high and area == pytest.approx(0.5, abs=0.1)
    assert neighbour_mixing(DRAWS[0], DRAWS[1]) == pytest.approx(1, abs=0.1)


def test_few_cells_of_one_distribution_are_not_told_apart_on_average():
    draws = np.random.default_rng(1).normal(size=(60, 2, 6, 5))
    assert np.mean([auc(one, other) for one, other in draws]) == pytest.approx(0.5, abs=0.08)


def test_samples_that_lie_apart_are():
    assert auc(DRAWS[0], DRAWS[1] + 9) == 1
    assert neighbour_mixing(DRAWS[0], DRAWS[1] + 9) == 0


def test_an_area_of_one_is_surer_the_more_cells_there_are():
    few, many = auc_interval(1.0, 4, 4), auc_interval(1.0, 100, 100)
    assert few[0] < 0.8 < 0.95 < many[0] < 1 and few[1] == many[1] == 1


def test_a_different_spread_about_the_same_mean_is_found():
    assert auc(DRAWS[0], 3 * DRAWS[1]) > 0.8


def test_samples_of_different_size_mix_as_well():
    assert neighbour_mixing(DRAWS[0][:30], DRAWS[1]) == pytest.approx(1, abs=0.15)


def test_the_same_seed_gives_the_same_area():
    assert auc(DRAWS[0], DRAWS[2], 3) == auc(DRAWS[0], DRAWS[2], 3)


def test_two_cells_of_each_are_enough_to_answer():
    assert 0 <= auc(DRAWS[0][:2], DRAWS[1][:2]) <= 1
