"""Where nodes of a network and their names go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

_ROUNDS = 300
_LETTER, _LINE = 6.6, 16.0
"""Pixels of a letter and of a line of text."""
_NODE = 12.0
"""Pixels from the middle of a node to its rim."""


class Name(NamedTuple):
    """Where a name is written beside its node, as plotly's annotations say it."""

    xanchor: str
    yanchor: str
    xshift: float
    yshift: float


_RIGHT, _LEFT = Name("left", "middle", 13, 0), Name("right", "middle", -13, 0)
_ABOVE, _BELOW = Name("center", "bottom", 0, 11), Name("center", "top", 0, -11)


def layout(n: int, edges: Sequence[tuple[int, int]]) -> np.ndarray:
    """Places of a network's nodes: linked ones attract, all repel; the same input gives the same picture.

    Parameters
    ----------
    n
        Number of nodes.
    edges
        Pairs of node numbers.

    Returns
    -------
    (n, 2), each coordinate from 0 to 1.

    Source: Fruchterman and Reingold 1991.
    """
    if n == 0:
        return np.zeros((0, 2))
    turn = np.arange(n) * (np.pi * (3 - np.sqrt(5)))
    place = np.sqrt((np.arange(n) + 0.5) / n)[:, None] * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    linked = np.zeros((n, n))
    for a, b in edges:
        linked[a, b] = linked[b, a] = 1.0
    ideal = np.sqrt(4.0 / n)
    for step in np.linspace(0.3, 0.002, _ROUNDS):
        apart = place[:, None] - place[None]
        distance = np.maximum(np.linalg.norm(apart, axis=2), 1e-3)
        force = ideal**2 / distance**2 - linked * distance / ideal - 0.02 / distance
        np.fill_diagonal(force, 0.0)
        push = (apart * force[:, :, None]).sum(axis=1)
        length = np.maximum(np.linalg.norm(push, axis=1, keepdims=True), 1e-9)
        place = place + push / length * np.minimum(length, step)
    low, high = place.min(axis=0), place.max(axis=0)
    return np.where(high > low, (place - low) / np.where(high > low, high - low, 1.0), 0.5)


def name_places(
    place: np.ndarray, edges: Sequence[tuple[int, int]], names: Sequence[str], first: int, size: tuple[float, float]
) -> list[Name]:
    """For each name the side of its node where it covers least.

    Parameters
    ----------
    place
        (n, 2), nodes, 0 to 1.
    edges
        Pairs of node numbers.
    names
        Names of the nodes from ``first`` on.
    first
        Number of the first named node.
    size
        Width and height in pixels that the picture is likely to have.

    Returns
    -------
    One side per name.
    """
    at = place * np.asarray(size)
    along = np.linspace(0.08, 0.92, 12)[:, None]
    turn = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    ring = _NODE * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    points = [at, *(at + point for point in ring)] + [at[a] + along * (at[b] - at[a]) for a, b in edges]
    covered = np.concatenate(points)
    chosen: list[Name] = []
    for number, name in enumerate(names, start=first):
        sides = [_RIGHT, _LEFT, _ABOVE, _BELOW]
        boxes = [_box(at[number], side, name) for side in sides]
        best = int(np.argmin([_cost(box, covered, size) for box in boxes]))
        chosen.append(sides[best])
        left, right, low, high = boxes[best]
        across, up = np.meshgrid(np.linspace(left, right, 8), np.linspace(low, high, 3))
        covered = np.concatenate([covered, np.stack([across.ravel(), up.ravel()], axis=1)])
    return chosen


def _box(node: np.ndarray, side: Name, name: str) -> tuple[float, float, float, float]:
    width = _LETTER * len(name)
    left = node[0] + side.xshift - {"left": 0.0, "center": 0.5, "right": 1.0}[side.xanchor] * width
    low = node[1] + side.yshift - {"bottom": 0.0, "middle": 0.5, "top": 1.0}[side.yanchor] * _LINE
    return left, left + width, low, low + _LINE


def _cost(box: tuple[float, float, float, float], covered: np.ndarray, size: tuple[float, float]) -> float:
    left, right, low, high = box
    inside = (covered[:, 0] > left) & (covered[:, 0] < right) & (covered[:, 1] > low) & (covered[:, 1] < high)
    outside = (
        max(0.0, -left - 50) + max(0.0, right - size[0] - 120) + max(0.0, -low - 30) + max(0.0, high - size[1] - 30)
    )
    return float(inside.sum()) + outside
