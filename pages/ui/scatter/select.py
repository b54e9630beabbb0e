"""Which points lie inside an outline."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def inside(x: np.ndarray, y: np.ndarray, polygon: Sequence[tuple[float, float]]) -> np.ndarray:
    """Which points lie inside ``polygon``, by the even-odd rule.

    Parameters
    ----------
    x, y
        (n,), coordinates of the points.
    polygon
        Corners in order; the last is joined to the first. Fewer than three enclose nothing.

    Returns
    -------
    (n,), bool.
    """
    chosen = np.zeros(len(x), dtype=bool)
    if len(polygon) < 3:
        return chosen
    corners = np.asarray(polygon, dtype=np.float64)
    (left, low), (right, high) = corners.min(axis=0), corners.max(axis=0)
    near = np.flatnonzero((x >= left) & (x <= right) & (y >= low) & (y <= high))
    px, py = np.asarray(x, dtype=np.float64)[near], np.asarray(y, dtype=np.float64)[near]
    odd = np.zeros(len(near), dtype=bool)
    for (x0, y0), (x1, y1) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        if y0 == y1:
            continue
        crosses = (y0 > py) != (y1 > py)
        odd ^= crosses & (px < (x1 - x0) * (py - y0) / (y1 - y0) + x0)
    chosen[near] = odd
    return chosen
