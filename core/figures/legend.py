"""A legend in a few short lines below the plot, its entries as close as their words allow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import plotly.graph_objects as go

from core.figures.style import DASHED, Theme

LINE = 20
_MARK, _DASH, _MARK_GAP, _ENTRY_GAP = 10, 20, 6, 14
_WIDE, _NARROW, _LETTER = 7.0, 3.4, 6.0
"""Pixels of a capital, of a narrow letter and of any other at the size of a legend."""


@dataclass(frozen=True)
class Entry:
    """One name of a legend.

    Attributes
    ----------
    name
        What is written.
    colour
        Of the mark before it; empty for words without a mark, which are muted.
    rim
        Colour of the mark's edge; the mark's own where it is empty.
    mark
        Shape of the mark; a dash for dashed lines.
    """

    name: str
    colour: str = ""
    rim: str = ""
    mark: Literal["square", "circle", "dash"] = "square"


def short_legend(
    figure: go.Figure, entries: Sequence[Entry], theme: Theme, *, width: int, above: int, left: int = 0
) -> int:
    """Write ``entries`` below the plot, from its left edge.

    Parameters
    ----------
    figure
        Drawn upon; its own legend is put away.
    entries
        In the order written.
    theme
        Light or dark.
    width
        Pixels that the plot is likely to be wide; a line that would end right of it is broken.
    above
        Pixels between plot and legend, for the ticks and title of the x axis.
    left
        Pixels by which the legend begins left of the plot, under the names of its rows.

    Returns
    -------
    Pixels kept free below the plot.
    """
    lines = 1
    x = 0.0
    for entry in entries:
        mark = (_DASH if entry.mark == "dash" else _MARK) + _MARK_GAP if entry.colour else 0
        wide = mark + words_width(entry.name)
        if x and x + wide > width + left:
            x, lines = 0.0, lines + 1
        middle = -above - LINE * lines + LINE // 2
        if entry.colour:
            _mark(figure, entry, x - left, middle)
        figure.add_annotation(
            text=entry.name,
            font={"color": theme.text if entry.colour else theme.muted},
            x=0,
            xref="paper",
            xanchor="left",
            xshift=x - left + mark,
            y=0,
            yref="paper",
            yanchor="middle",
            yshift=middle,
        )
        x += wide + _ENTRY_GAP
    below = above + LINE * lines
    figure.update_layout(showlegend=False, margin_b=below)
    return below


def words_width(name: str) -> float:
    """Pixels that ``name`` is likely to be wide at the size of a legend."""
    return sum(_NARROW if c in "fijlrt.,:;' " else _WIDE if c.isupper() else _LETTER for c in name)


def _mark(figure: go.Figure, entry: Entry, x: float, middle: float) -> None:
    line = {"color": entry.rim or entry.colour, "width": 1}
    if entry.mark == "dash":
        line = {"color": entry.colour, "width": 2, "dash": DASHED}
    reach = 0 if entry.mark == "dash" else _MARK / 2
    figure.add_shape(
        type={"square": "rect", "circle": "circle", "dash": "line"}[entry.mark],
        xref="paper",
        xsizemode="pixel",
        xanchor=0,
        x0=x,
        x1=x + (_DASH if entry.mark == "dash" else _MARK),
        yref="paper",
        ysizemode="pixel",
        yanchor=0,
        y0=middle - reach,
        y1=middle + reach,
        fillcolor=entry.colour,
        line=line,
    )
