"""Shares of cell types by group of samples, or along a number: small panels, or one type large."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.figures.panels import panel_name
from core.figures.rows import numbers, where
from core.figures.style import LIGHT, Theme, axis, faded, template
from core.figures.thinning import thinned

MOST_COLUMNS = 4
JITTER = 0.16
LETTER = 6.5
"""Pixels of a letter of a group's name."""


def group_panels(
    table: pd.DataFrame,
    theme: Theme = LIGHT,
    *,
    types: Sequence[str],
    groups: Sequence[str],
    title: str,
    group_title: str,
    words: Mapping[str, str] | None = None,
    width: int = 560,
) -> go.Figure:
    """One panel for each type: a box of each group with its samples, or every sample along a number.

    Samples of one subject are joined by a line.

    Parameters
    ----------
    table
        Columns sample, cell_type, value, and group (text), or number where there are no groups; optionally subject.
    theme
        Light or dark.
    types
        Panels in order.
    groups
        Groups in order; empty for a number.
    title, group_title
        Of the axes of values and of groups.
    words
        Type -> words under its name, such as ``adjusted p 0.01``.
    width
        Pixels that the plot is likely to be wide, which decide whether names of groups are turned.
    """
    columns = max(1, min(MOST_COLUMNS, len(types), int(np.ceil(np.sqrt(len(types) * 1.2)))))
    rows = -(-len(types) // columns)
    figure = make_subplots(
        rows,
        columns,
        shared_xaxes=True,
        vertical_spacing=min(0.16, 0.4 / max(1, rows)),
        horizontal_spacing=0.26 / columns if columns > 1 else 0,
    )
    figure.update_layout(template=template(theme), showlegend=False, margin={"t": 36})
    turned = LETTER * sum(map(len, groups)) > 0.8 * width / columns
    for number, name in enumerate(types):
        place: dict[str, Any] = {"row": number // columns + 1, "col": number % columns + 1}
        part, last = where(table, "cell_type", name), number + columns >= len(types)
        if groups:
            _boxes(figure, part, groups, theme, place)
            ticks: dict[str, Any] = {"tickvals": list(range(len(groups))), "ticktext": list(groups)}
            look = {"tickmode": "array", "range": [-0.6, len(groups) - 0.4], "tickangle": -45 if turned else 0, **ticks}
        else:
            _dots(figure, part, numbers(part, "number"), theme, place, theme.lines[0])
            look = {}
        figure.update_xaxes({**axis(group_title if last else ""), **look, "showticklabels": last}, **place)
        figure.update_yaxes(axis(title if place["col"] == 1 else "", rangemode="normal"), **place)
        panel_name(figure, f"<b>{name}</b>" + (f"<br>{words[name]}" if words and name in words else ""), theme, place)
    return figure


def _boxes(figure: go.Figure, part: pd.DataFrame, groups: Sequence[str], theme: Theme, place: dict[str, int]) -> None:
    paired = "subject" in part and bool(part["subject"].notna().any())
    if paired:
        _lines(figure, part, groups, theme, place)
    for position, group in enumerate(groups):
        rows = where(part, "group", group)
        colour = theme.lines[position % len(theme.lines)]
        figure.add_box(
            y=numbers(rows, "value"),
            x0=position,
            name=group,
            boxpoints=False,
            width=0.55,
            fillcolor=faded(colour, 0.25),
            line={"color": colour, "width": 1.5},
            hoverinfo="skip",
            **place,
        )
        spread = np.zeros(len(rows)) if paired else np.random.default_rng(0).uniform(-JITTER, JITTER, len(rows))
        _dots(figure, rows, position + spread, theme, place, colour)


def _lines(figure: go.Figure, part: pd.DataFrame, groups: Sequence[str], theme: Theme, place: dict[str, int]) -> None:
    """One trace of all subjects, with gaps between them."""
    at = {group: position for position, group in enumerate(groups)}
    x: list[float | None] = []
    y: list[float | None] = []
    for _, rows in part.dropna(subset=["subject"]).groupby("subject", sort=False):
        means = rows.groupby("group")["value"].mean()
        x += [*(at[str(group)] for group in means.index), None]
        y += [*map(float, means), None]
    line = {"color": faded(theme.muted, 0.6), "width": 1}
    figure.add_scatter(x=x, y=y, mode="lines", line=line, hoverinfo="skip", **place)


def _dots(
    figure: go.Figure, rows: pd.DataFrame, x: np.ndarray, theme: Theme, place: dict[str, int], colour: str
) -> None:
    drawn = thinned(rows.assign(x=x))
    figure.add_scatter(
        x=drawn["x"],
        y=drawn["value"],
        mode="markers",
        marker={"size": 5, "color": colour, "opacity": 0.85, "line": {"color": theme.panel, "width": 0.5}},
        customdata=drawn["sample"].astype(str),
        hovertemplate="%{customdata}: %{y:.3~g}<extra></extra>",
        **place,
    )
