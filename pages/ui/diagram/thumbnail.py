"""A small drawing of a network for recipe cards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pages.ui.diagram.shapes import COLOURS, bar_height

WIDTH, HEIGHT = 186, 60
BAR, ROOM = 9, 48.0


def diagram_thumbnail(layers: Sequence[Mapping[str, Any]], width: int = WIDTH, height: int = HEIGHT) -> str:
    """``layers`` as bars in one row, joined by ribbons; without words.

    Parameters
    ----------
    layers
        Rows of ``core.networks.shape.layer_table``. With a decoder, heads are left out; without one, the head ends it.
    width, height
        Size in pixels.

    Returns
    -------
    One ``<svg>`` element; ``thumbnail`` shows it in a page.
    """
    rebuilt = any(row["kind"] == "output" for row in layers)
    rows = [row for row in layers if not rebuilt or row["kind"] not in ("class", "proportion")]
    inputs = int(layers[0]["inputs"])
    sizes = [inputs, *(int(row["units"]) for row in rows)]
    kinds = ["input", *(row["kind"] for row in rows)]
    step = min(30.0, (width - 48) / max(len(sizes) - 1, 1))
    left = (width - step * (len(sizes) - 1)) / 2
    places = [left + step * number for number in range(len(sizes))]
    heights = [bar_height(size, max(sizes), ROOM) * 0.98 for size in sizes]
    middle = height / 2
    ribbons = "".join(
        f'<polygon points="{x0:.1f},{middle - h0 / 2:.1f} {x1:.1f},{middle - h1 / 2:.1f} {x1:.1f},{middle + h1 / 2:.1f}'
        f' {x0:.1f},{middle + h0 / 2:.1f}" fill="var(--cd-hidden)" fill-opacity="0.17"/>'
        for x0, x1, h0, h1 in zip(places, places[1:], heights, heights[1:], strict=False)
    )
    bars = "".join(
        f'<rect x="{x - BAR / 2:.1f}" y="{middle - h / 2:.1f}" width="{BAR}" height="{h:.1f}" rx="2"'
        f' fill="{COLOURS[kind]}"/>'
        for x, h, kind in zip(places, heights, kinds, strict=True)
    )
    return (
        f'<svg class="cd-thumbnail" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" height="{height}"'
        f' role="img" aria-label="Network of {len(rows)} layers">{ribbons}{bars}</svg>'
    )
