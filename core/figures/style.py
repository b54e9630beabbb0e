"""The house style of a chart: fonts, axes, grid, legends, names at line ends."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.figures.axes import TICKS, axis, bare_axis, category_axis, log_ticks, round_ticks
from core.figures.palette import NOT_ASSIGNED, canonical, label_colours, rim
from core.figures.tokens import CODE_FONT, DARK, FONT, LIGHT, OKABE_ITO, THEMES, Theme

__all__ = [
    "CODE_FONT",
    "DARK",
    "DASHED",
    "FONT",
    "LIGHT",
    "NOT_ASSIGNED",
    "OKABE_ITO",
    "THEMES",
    "Theme",
    "axis",
    "bare_axis",
    "canonical",
    "category_axis",
    "chart",
    "colour_bar",
    "diverging",
    "end_names",
    "end_room",
    "faded",
    "italic",
    "label_colours",
    "legend_below",
    "legend_of",
    "legend_remark",
    "log_ticks",
    "name_ends",
    "note",
    "rim",
    "round_ticks",
    "sequential",
    "template",
]

DASHED = "4px,3px"
ASSUMED_HEIGHT = 260
"""Pixels of a plot area, used to keep names at line ends apart before the real size is known."""
LINE = 18.0
"""Pixels of a line of words."""


def chart(traces: Iterable[Any] = (), theme: Theme = LIGHT, **layout: Any) -> go.Figure:
    """A figure in the house style; ``layout`` as plotly names it."""
    # all at once: each later update takes plotly milliseconds, and live charts are drawn again and again
    return go.Figure(list(traces), layout={"template": template(theme), **layout})


def template(theme: Theme = LIGHT) -> go.layout.Template:
    """Everything that all charts of a theme share; never change it."""
    return _template(theme.name)


@cache
def _template(name: str) -> go.layout.Template:
    theme = THEMES[name]
    ticks = {"size": 12, "color": theme.muted}
    line = {
        "gridcolor": theme.grid,
        "linecolor": theme.border,
        "zeroline": False,
        "automargin": True,
        "nticks": TICKS,
        "tickfont": ticks,
        "title": {"font": ticks, "standoff": 8},
        "ticks": "",
    }
    return go.layout.Template(
        layout={
            "font": {"family": FONT, "size": 12, "color": theme.text},
            "paper_bgcolor": theme.panel,
            "plot_bgcolor": theme.panel,
            "colorway": list(theme.lines),
            "margin": {"l": 8, "r": 12, "t": 12, "b": 8},
            "xaxis": {**line, "showgrid": False, "showline": True},
            "yaxis": {
                **line,
                "showgrid": True,
                "showline": False,
                "ticks": "outside",
                "ticklen": 6,
                "tickcolor": "rgba(0,0,0,0)",
            },
            "showlegend": False,
            "hoverlabel": {
                "bgcolor": theme.panel,
                "bordercolor": theme.border,
                "font": {"family": FONT, "size": 12, "color": theme.text},
            },
            "separators": ".,",
            "bargap": 0.25,
            "barcornerradius": 0,
            "modebar": {"color": theme.muted, "bgcolor": "rgba(0,0,0,0)"},
            "annotationdefaults": {"font": {"size": 12, "color": theme.muted}, "showarrow": False},
        }
    )


def legend_below(figure: go.Figure, *, width: int = 440, axis_title: bool = True, constant: bool = True) -> int:
    """Show the legend under the chart, from its left edge.

    Parameters
    ----------
    figure
        Drawn upon, all its traces in place.
    width
        Pixels that the chart is likely to be wide, which decide how many rows are kept free.
    axis_title
        Leave room for the ticks and title of the x axis.
    constant
        Draw every mark in one size; false keeps lines thin.

    Returns
    -------
    Pixels kept free below the plot.
    """
    traces: list[Any] = list(figure.data)
    names = [trace.name for trace in traces if trace.showlegend is not False and trace.name]
    legend, below = legend_of(names, width=width, axis_title=axis_title, constant=constant)
    figure.update_layout(showlegend=True, margin={"b": below}, legend=legend)
    return below


def legend_of(
    names: Sequence[str], *, width: int = 440, axis_title: bool = True, constant: bool = True
) -> tuple[dict[str, Any], int]:
    """The legend of :func:`legend_below` for entries of these ``names``, and the pixels to keep free below the plot."""
    widest = 48 + 6.2 * max((len(re.sub("<.*?>", "", name)) for name in names), default=0)
    total = sum(48 + 6.2 * len(re.sub("<.*?>", "", name)) for name in names)
    rows = 1 if total <= width else -(-len(names) // max(1, int(width // widest)))
    legend = {
        "orientation": "h",
        "x": 0,
        "xanchor": "left",
        "xref": "container",
        "y": 0,
        "yanchor": "bottom",
        "yref": "container",
        "font": {"size": 12},
        "itemsizing": "constant" if constant else "trace",
        "bgcolor": "rgba(0,0,0,0)",
        "traceorder": "normal",
    }
    return legend, 20 * rows + (48 if axis_title else 12)


def name_ends(
    figure: go.Figure, ends: Sequence[tuple[float, float, str, str]], *, low: float, high: float, room: bool = True
) -> None:
    """Write each line's name behind its last point, in its colour, pushed apart where they would touch.

    Parameters
    ----------
    figure
        Drawn upon.
    ends
        (x, y, name, colour) of each last point; y in units of the axis (log10 of it on a log axis). A name may
        hold line breaks (``<br>``).
    low, high
        Range of the y axis in the same units.
    room
        Make room right of the plot; without it names lie inside.
    """
    if not ends:
        return
    figure.update_layout(annotations=[*figure.layout.annotations, *end_names(ends, low, high)])  # pyright: ignore[reportAttributeAccessIssue]
    if room:
        figure.update_layout(margin_r=end_room(ends))


def end_names(ends: Sequence[tuple[float, float, str, str]], low: float, high: float) -> list[dict[str, Any]]:
    """The annotations of :func:`name_ends`."""
    if not ends:
        return []
    height = [(y - low) / ((high - low) or 1) * ASSUMED_HEIGHT for _, y, _, _ in ends]
    lines = [name.split("<br>") for _, _, name, _ in ends]
    shifts = apart(height, LINE * max(map(len, lines))) - np.asarray(height)
    return [
        {
            "x": x,
            "y": y,
            "text": name,
            "align": "left",
            "xanchor": "left",
            "xshift": 6,
            "yshift": float(shift),
            "font": {"color": colour, "weight": 600},
        }
        for (x, y, name, colour), shift in zip(ends, shifts, strict=True)
    ]


def end_room(ends: Sequence[tuple[float, float, str, str]]) -> int:
    """Pixels right of a plot that the names at its line ends take."""
    return 16 + round(6.6 * max(len(line) for _, _, name, _ in ends for line in name.split("<br>")))


def apart(positions: Sequence[float], gap: float) -> np.ndarray:
    """``positions`` moved as little as is needed to lie at least ``gap`` apart, their order and mean kept."""
    order = np.argsort(positions, kind="stable")
    moved = np.asarray(positions, dtype=float)[order]
    steps = np.arange(len(moved)) * gap
    level = moved - steps
    # pool adjacent violators: the nearest non-decreasing sequence
    blocks: list[list[float]] = []
    for value in level:
        blocks.append([float(value)])
        while len(blocks) > 1 and np.mean(blocks[-2]) > np.mean(blocks[-1]):
            blocks[-2:] = [blocks[-2] + blocks[-1]]
    fitted = np.concatenate([np.full(len(block), np.mean(block)) for block in blocks]) + steps
    result = np.empty_like(fitted)
    result[order] = fitted
    return result


def note(figure: go.Figure, text: str, *, x: float = 0.0, y: float = 0.0) -> None:
    """A muted remark at a place in the plot, given in shares of its width and height, growing to the inside."""
    figure.add_annotation(
        text=text, x=x, y=y, xref="paper", yref="paper", xanchor="right" if x > 0.5 else "left", yanchor="bottom"
    )


def legend_remark(figure: go.Figure, text: str) -> None:
    """Words behind the last entry of the legend."""
    words = f'<span style="color:{figure.layout.template.layout.xaxis.tickfont.color}">{text}</span>'  # pyright: ignore[reportAttributeAccessIssue]
    figure.add_scatter(
        x=[None], y=[None], mode="markers", marker={"color": "rgba(0,0,0,0)"}, name=words, hoverinfo="skip"
    )


def sequential(theme: Theme = LIGHT) -> list[list[Any]]:
    """Colour scale from none to much."""
    return _scale(theme.sequential)


def diverging(theme: Theme = LIGHT) -> list[list[Any]]:
    """Colour scale with zero in its middle."""
    return _scale(theme.diverging)


def colour_bar(title: str, theme: Theme = LIGHT, **more: Any) -> dict[str, Any]:
    """A thin horizontal bar under the chart, with its range."""
    return {
        "orientation": "h",
        "title": {"text": title, "side": "right", "font": {"size": 12, "color": theme.muted}},
        "tickfont": {"size": 12, "color": theme.muted},
        "thickness": 8,
        "lenmode": "pixels",
        "len": 160 + round(6.6 * len(title)),
        "x": 0,
        "xanchor": "left",
        "y": 0,
        "yref": "container",
        "yanchor": "bottom",
        "outlinewidth": 0,
        "nticks": 3,
        "ypad": 18,
        "xpad": 0,
        **more,
    }


def faded(colour: str, strength: float) -> str:
    """``colour`` at a strength from 0 to 1, as CSS."""
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return f"rgba({red},{green},{blue},{strength})"


def italic(names: Iterable[str]) -> list[str]:
    """Gene names as they are written on charts."""
    return [f"<i>{name}</i>" for name in names]


def _scale(colours: Sequence[str]) -> list[list[Any]]:
    return [[position / (len(colours) - 1), colour] for position, colour in enumerate(colours)]
