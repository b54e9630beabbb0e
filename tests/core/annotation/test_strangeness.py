from __future__ import annotations

import numpy as np
import pytest

from core.annotation.strangeness import surroundings, unit_length


def reference() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1, 2], 40)
    middles = np.array([[6, 0, 0, 0, 0], [0, 6, 0, 0, 0], [0, 0, 6, 0, 0.0]])
    return middles[labels] + rng.normal(size=(120, 5)), labels


MEASURES = ("max_logit", "cosine", "mahalanobis", "residual")


def test_a_far_cell_is_stranger_than_a_near_one_by_each_distance():
    values, labels = reference()
    around = surroundings(values, labels, np.random.default_rng(0))
    cells = np.array([[6, 0, 0, 0, 0], [-5, -5, -5, 0, 30.0]])
    near, far = around.measured(cells, np.array([[9.0, 0, 0], [1, 1, 1]]), MEASURES)
    assert near[0] == -9
    assert far[0] == -1
    assert (far[1:3] > near[1:3]).all()


def test_mahalanobis_is_the_distance_to_the_nearest_mean():
    values, labels = reference()
    around = surroundings(values, labels, np.random.default_rng(0))
    mean = values[labels == 1].mean(axis=0, keepdims=True)
    assert around.measured(mean, np.zeros((1, 3)), ("mahalanobis",))[0, 0] == pytest.approx(0, abs=1e-6)


def test_the_residual_is_the_share_outside_the_components():
    rng = np.random.default_rng(1)
    values = rng.normal(size=(40, 3)) @ rng.normal(size=(3, 50))
    around = surroundings(values, np.repeat([0, 1], 20), rng)
    inside = around.measured(values[:1], np.zeros((1, 2)), ("residual",))
    assert inside[0, 0] == pytest.approx(0, abs=1e-5)


def test_scores_do_not_depend_on_the_block():
    values, labels = reference()
    around = surroundings(values, labels, np.random.default_rng(0))
    logits = np.zeros((120, 3))
    whole = around.measured(values, logits, MEASURES)
    np.testing.assert_allclose(around.measured(values[7:8], logits[:1], MEASURES)[0], whole[7], rtol=1e-5, atol=1e-6)
    assert around.measured(values[:0], logits[:0], MEASURES).shape == (0, 4)


def test_types_without_spread_still_have_a_distance():
    values = np.repeat(np.eye(3), 4, axis=0)
    around = surroundings(values, np.repeat([0, 1, 2], 4), np.random.default_rng(0))
    assert np.isfinite(around.measured(values, np.zeros((12, 3)), MEASURES)).all()


def test_rows_of_zeros_stay_zeros():
    np.testing.assert_array_equal(unit_length(np.array([[3.0, 4.0], [0, 0]])), [[0.6, 0.8], [0, 0]])
