"""Bars and ribbons as SVG; lengths in pixels of a drawing 840 wide, colours as CSS variables of both themes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

COLOURS = {
    "input": "var(--cd-input)",
    "encoder": "var(--cd-hidden)",
    "code": "var(--cd-code)",
    "decoder": "var(--cd-decoder)",
    "output": "var(--cd-decoder)",
    "class": "var(--cd-class)",
    "proportion": "var(--cd-proportion)",
}
BAR = 30
NORM_GAP, NORM_WIDTH = 3, 4
SMALLEST_BAR = 14.0
LETTER = 5.8
"""Usual width of a letter of 12 px."""


@dataclass(frozen=True)
class Bar:
    """One layer in its place: middle x, middle y and height.

    ``row`` is its layer table row, None for the input; ``beside`` writes its words at its right, not below it, where
    they have ``room``.
    """

    x: float
    y: float
    height: float
    kind: str
    units: int
    name: str
    words: str
    dropout: float = 0.0
    norm: str = "none"
    row: int | None = None
    beside: bool = False
    room: float = math.inf

    @property
    def top(self) -> float:
        return self.y - self.height / 2

    @property
    def bottom(self) -> float:
        return self.y + self.height / 2

    @property
    def right(self) -> float:
        """Where the next ribbon begins: behind the norm bar where there is one."""
        return self.x + BAR / 2 + (NORM_GAP + NORM_WIDTH if self.norm != "none" else 0)


def bar_height(units: int, largest: int, room: float) -> float:
    """Height of a bar: the logarithm of its units, so that 20,000 genes and 2 units fit one drawing."""
    return max(SMALLEST_BAR, room * math.log2(1 + units) / math.log2(1 + max(largest, 2)))


def bar_svg(bar: Bar, *, chosen: bool) -> str:
    """A layer: its bar, the shaded part that dropout silences, the norm as a thin bar, its words, a place to click."""
    left, width, colour = bar.x - BAR / 2, BAR, COLOURS[bar.kind]
    parts = []
    if chosen:
        parts.append(
            f'<rect x="{left - 5:.1f}" y="{bar.top - 5:.1f}" width="{width + 10}" height="{bar.height + 10:.1f}" rx="5"'
            ' fill="none" stroke="var(--cd-text)" stroke-width="2"/>'
        )
    parts.append(
        f'<rect x="{left:.1f}" y="{bar.top:.1f}" width="{width}" height="{bar.height:.1f}" rx="3" fill="{colour}"/>'
    )
    if bar.dropout > 0:
        shaded = bar.height * min(bar.dropout, 1.0)
        parts.append(
            f'<rect x="{left:.1f}" y="{bar.bottom - shaded:.1f}" width="{width}" height="{shaded:.1f}" rx="3"'
            ' fill="var(--cd-panel)" fill-opacity="0.42"/>'
        )
    if bar.norm != "none":
        parts.append(
            f'<rect x="{left + width + NORM_GAP:.1f}" y="{bar.top:.1f}" width="{NORM_WIDTH}" height="{bar.height:.1f}"'
            ' fill="var(--cd-norm)"/>'
        )
    parts.append(_words(bar))
    title = f"<title>{escape(f'{bar.units:,} {bar.name}, {bar.words}')}</title>"
    if bar.row is None:
        return f"<g>{title}{''.join(parts)}</g>"
    return (
        f'<g class="cd-layer" data-row="{bar.row}" tabindex="0" role="button"'
        f' aria-label="{escape(bar.name, quote=True)}, {bar.units} units">{title}{"".join(parts)}</g>'
    )


def ribbon_svg(left: Bar, right: Bar, weights: int, *, share: tuple[float, float] = (0.0, 1.0)) -> str:
    """The weights between two layers, with their number; ``share`` is the part of the left bar it begins at."""
    x0, x1 = left.right, right.x - BAR / 2
    y0, y1 = left.top + share[0] * left.height, left.top + share[1] * left.height
    colour = COLOURS[right.kind] if right.kind in ("decoder", "output", "class", "proportion") else "var(--cd-hidden)"
    corners = f"{x0:.1f},{y0:.1f} {x1:.1f},{right.top:.1f} {x1:.1f},{right.bottom:.1f} {x0:.1f},{y1:.1f}"
    middle = ((y0 + y1) / 2 + right.y) / 2
    label = ""
    if x1 - x0 >= 34:
        label = text((x0 + x1) / 2, middle + 4, short(weights), "cd-mono-word", anchor="middle")
    return f'<polygon points="{corners}" fill="{colour}" fill-opacity="0.15"/>{label}'


def text(x: float, y: float, words: str, name: str, *, anchor: str = "start") -> str:
    """A piece of text; ``name`` is its class."""
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{name}" text-anchor="{anchor}">{escape(words)}</text>'


def short(count: int) -> str:
    """A number of weights in four signs: ``328k``, ``8.3k``, ``1.2M``."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if count >= size:
            value = count / size
            return f"{value:.0f}{letter}" if value >= 10 else f"{value:.1f}{letter}"
    return str(count)


def described(row: Mapping[str, Any]) -> str:
    """Activation, norm, dropout and what else is special in a few words: ``relu, BN, drop 0.2``."""
    parts = [str(row["activation"]).replace("_", " ")]
    if row.get("norm", "none") != "none":
        parts.append({"batch": "BN", "layer": "LN"}[row["norm"]])
    if row.get("dropout"):
        parts.append(f"drop {row['dropout']:g}")
    parts += row.get("parts", ())
    return ", ".join(parts)


def named(row: Mapping[str, Any], number: int) -> str:
    """What a layer is called under its bar."""
    kinds = {"code": "code", "output": "genes back"}
    if row["kind"] == "class":
        return "cell types" if row["layer"] == "classes" else f"head {number}"
    if row["kind"] == "proportion":
        return "proportions"
    return kinds.get(row["kind"], f"hidden {number}")


def _words(bar: Bar) -> str:
    lines: Sequence[tuple[str, str]] = (
        (f"{bar.units:,}", "cd-count"),
        (bar.name, "cd-name"),
        (bar.words, "cd-quiet"),
    )
    if bar.beside:
        return "".join(text(bar.x + BAR / 2 + 9, bar.y - 11 + 16 * at, *line) for at, line in enumerate(lines))
    return "".join(
        text(bar.x, bar.bottom + 24 + 17 * at, _fitting(words, bar.room), name, anchor="middle")
        for at, (words, name) in enumerate(lines)
    )


def _fitting(words: str, room: float) -> str:
    """As many parts of ``words`` as there is room for; the bar's tip says them in full."""
    parts = words.split(", ")
    shorter = (", ".join(parts[:count]) for count in range(len(parts), 0, -1))
    return next((part for part in shorter if len(part) * LETTER + 2 <= room), "")
