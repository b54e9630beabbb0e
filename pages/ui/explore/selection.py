"""The cells that are selected, the same on every picture of a run."""

from __future__ import annotations

from typing import cast

import numpy as np

from core.embedding.spatial import Combine, combined, inside
from core.results import Picture, Results
from pages.ui import session
from pages.ui.scatter import ScatterEvent


def chosen(results: Results) -> np.ndarray | None:
    """(n_cells,), bool; ``None`` where no cell is selected."""
    mask = session.kept(_key(results))
    return mask if mask is not None and len(mask) == len(results.obs) else None


def choose(results: Results, mask: np.ndarray | None) -> None:
    """Select these cells from now on; outlines drawn so far are taken away."""
    session.keep(_key(results), mask if mask is not None and mask.any() else None)
    for name in results.pictures:
        _erase(results, name)


def drawn(results: Results, picture: Picture, event: ScatterEvent, how: str) -> bool:
    """Take an outline into the selection.

    Returns
    -------
    Whether the selection changed, so that the page must be drawn again.
    """
    if event.polygon is None:
        return False
    if event.cleared:
        choose(results, None)
        return True
    if len(event.polygon) < 3:
        return False
    within = inside(np.asarray(event.polygon), picture.points.to_numpy())
    mask = combined(chosen(results), within, cast("Combine", how.lower()))
    session.keep(_key(results), mask if mask.any() else None)
    for name in results.pictures:
        if name != picture.title:
            _erase(results, name)
    return True


def outline(results: Results, name: str) -> int:
    """How often the outline in a picture was taken away."""
    return session.kept(f"{_key(results)}/outline/{name}", 0)


def _erase(results: Results, name: str) -> None:
    session.keep(f"{_key(results)}/outline/{name}", outline(results, name) + 1)


def _key(results: Results) -> str:
    return f"selection/{results.run.directory.name}"
