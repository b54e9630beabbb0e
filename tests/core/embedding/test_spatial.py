"""Outlines: known shapes, a ray-casting loop as witness, set operations."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.embedding.spatial import combined, inside, nearest
from core.errors import DataError

SQUARE = np.array([[0, 0], [2, 0], [2, 2], [0, 2]])


def by_rays(polygon: np.ndarray, point: np.ndarray) -> bool:
    x, y = point
    odd = False
    for (x1, y1), (x2, y2) in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            odd = not odd
    return odd


def test_square_and_its_surroundings():
    points = np.array([[1, 1], [3, 1], [-1, 1], [1, 3], [np.nan, 1], [0.1, 1.9]])
    np.testing.assert_array_equal(inside(SQUARE, points), [True, False, False, False, False, True])
    np.testing.assert_array_equal(inside(SQUARE[::-1], points), inside(SQUARE, points))


def test_a_star_that_crosses_itself_has_a_hole():
    angle = np.pi / 2 + np.arange(5) * 4 * np.pi / 5
    star = np.column_stack([np.cos(angle), np.sin(angle)])
    assert inside(star, np.array([[0, 0], [0, 0.8]])).tolist() == [False, True]


def test_a_point_on_a_shared_edge_lies_in_one_of_two_squares():
    edge = np.array([[2.0, 0.5], [2.0, 1.0]])
    assert (inside(SQUARE, edge) ^ inside(SQUARE + np.array([2, 0]), edge)).all()


@settings(max_examples=40)
@given(st.integers(3, 12), st.integers(0, 10_000))
def test_every_polygon_agrees_with_ray_casting(corners, seed):
    rng = np.random.default_rng(seed)
    polygon, points = rng.normal(size=(corners, 2)), rng.normal(size=(200, 2))
    np.testing.assert_array_equal(inside(polygon, points), [by_rays(polygon, point) for point in points])


def test_a_million_points():
    points = np.random.default_rng(0).uniform(-1, 1, size=(1_000_000, 2)).astype(np.float32)
    angle = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    circle = np.column_stack([np.cos(angle), np.sin(angle)])
    assert inside(circle, points).mean() == pytest.approx(np.pi / 4, abs=2e-3)


def test_two_corners_are_no_outline():
    with pytest.raises(DataError, match="three corners"):
        inside(SQUARE[:2], SQUARE)


def test_set_operations():
    before, drawn = np.array([True, True, False, False]), np.array([True, False, True, False])
    assert combined(before, drawn, "new").tolist() == [True, False, True, False]
    assert combined(before, drawn, "add").tolist() == [True, True, True, False]
    assert combined(before, drawn, "subtract").tolist() == [False, True, False, False]
    assert combined(before, drawn, "intersect").tolist() == [True, False, False, False]
    assert combined(None, drawn, "add").tolist() == drawn.tolist()


def test_nearest_point():
    points = np.array([[np.nan, 0], [0, 0], [3, 4]])
    assert nearest(points, (2.9, 4)) == 2
    assert nearest(points, (10, 10), within=1) is None
    assert nearest(np.empty((0, 2)), (0, 0)) is None
    assert nearest(np.full((2, 2), np.nan), (0, 0)) is None
