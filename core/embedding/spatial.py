"""Which cells lie inside a drawn outline, and which one lies under the pointer."""

from __future__ import annotations

from typing import Literal

import numpy as np

from core.errors import DataError

Combine = Literal["new", "add", "subtract", "intersect"]


def inside(polygon: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Points within an outline by the even-odd rule: a line from there outwards crosses it an odd number of times.

    Parameters
    ----------
    polygon
        (n_corners, 2), in order; it closes itself and may cross itself.
    points
        (n_points, 2); a point that is not a number lies outside.

    Returns
    -------
    (n_points,), bool. Of two outlines that share an edge, a point on the edge lies in exactly one.

    Raises
    ------
    DataError
        If the outline has fewer than three corners.
    """
    polygon = np.asarray(polygon, dtype=np.float64)
    if polygon.ndim != 2 or len(polygon) < 3 or polygon.shape[1] != 2:
        raise DataError("An outline needs three corners", len(polygon), "Draw a larger outline")
    points = np.asarray(points)
    low, high = polygon.min(axis=0), polygon.max(axis=0)
    candidates = np.flatnonzero(((points >= low) & (points <= high)).all(axis=1))
    # sorted by height, an edge concerns one slice of the points: a million of them cost a few passes, not one per edge
    candidates = candidates[np.argsort(points[candidates, 1], kind="stable")]
    x, y = points[candidates, 0].astype(np.float64), points[candidates, 1].astype(np.float64)
    odd = np.zeros(len(candidates), dtype=bool)
    for (x1, y1), (x2, y2) in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        if y1 == y2:
            continue
        first, last = np.searchsorted(y, sorted((y1, y2)), side="left")
        crossing = x1 + (y[first:last] - y1) * ((x2 - x1) / (y2 - y1))
        odd[first:last] ^= x[first:last] < crossing
    mask = np.zeros(len(points), dtype=bool)
    mask[candidates[odd]] = True
    return mask


def combined(before: np.ndarray | None, drawn: np.ndarray, how: Combine) -> np.ndarray:
    """The selection after an outline was drawn.

    Parameters
    ----------
    before
        (n_points,), bool, the selection so far; ``None`` for none.
    drawn
        (n_points,), bool, inside the new outline.
    how
        new, add, subtract or intersect.
    """
    if before is None:
        before = np.zeros_like(drawn)
    if how == "new":
        return drawn.copy()
    if how == "add":
        return before | drawn
    return before & ~drawn if how == "subtract" else before & drawn


def nearest(points: np.ndarray, at: tuple[float, float], within: float | None = None) -> int | None:
    """Row number of the point closest to a place.

    Parameters
    ----------
    points
        (n_points, 2).
    at
        x and y.
    within
        Largest distance that still counts; ``None`` for any.

    Returns
    -------
    The lowest row number among equals, or ``None`` where no point is near enough.
    """
    if not len(points):
        return None
    squared = ((np.asarray(points, dtype=np.float64) - np.asarray(at, dtype=np.float64)) ** 2).sum(axis=1)
    if np.isnan(squared).all():
        return None
    best = int(np.nanargmin(squared))
    return best if within is None or squared[best] <= within**2 else None
