"""Proportions of cell types in bulk samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.figures.heatmaps import heatmap
from core.figures.legend import Entry, short_legend
from core.figures.rows import numbers
from core.figures.style import LIGHT, Theme, axis, category_axis, chart, label_colours, rim

SHARES = [0, 0.25, 0.5, 0.75, 1.0]
_GROUP_GAP = 0.25
_LETTER, _NAMES, _GROUPS = 9.0, 26, 24
"""Pixels that a letter of a level name takes with its share of the gaps; of the line of names; of that of groups."""


def composition_bars(
    proportions: pd.DataFrame,
    theme: Theme = LIGHT,
    *,
    groups: Sequence[object] | None = None,
    selected: str | None = None,
    colours: Mapping[str, str] | None = None,
    width: int = 440,
) -> go.Figure:
    """One stacked bar per sample.

    Parameters
    ----------
    proportions
        Samples in rows, cell types in columns; rows sum to 1.
    theme
        Light or dark.
    groups
        (n_samples,) group of each sample; groups stand together, named under a line.
    selected
        Name of the sample that is framed.
    colours
        The file's own colours by type.
    width
        Pixels that the plot is likely to be wide, which decide whether names are turned and where the legend breaks.
    """
    order = np.argsort([str(g) for g in groups], kind="stable") if groups is not None else np.arange(len(proportions))
    table = proportions.iloc[order]
    group = [str(groups[int(i)]) for i in order] if groups is not None else [""] * len(table)
    names = [str(name) for name in table.index]
    jumps = np.cumsum([0, *(a != b for a, b in zip(group[1:], group[:-1], strict=True))]) if names else np.array([])
    at = np.arange(len(names)) + _GROUP_GAP * jumps
    chosen = label_colours(table.columns, colours, theme)
    figure = chart(theme=theme, barmode="stack", bargap=0.22)
    for label in table.columns:
        figure.add_bar(
            x=at,
            y=table[label],
            name=str(label),
            width=0.78,
            marker={"color": chosen[str(label)], "line": {"color": theme.panel, "width": 1}},
            customdata=np.stack([names, 100 * table[label].to_numpy(dtype=float)], axis=-1),
            hovertemplate="%{customdata[0]}: %{customdata[1]:.3s} %<extra>" + str(label) + "</extra>",
        )
    ticks = [f"<b>{name}</b>" if name == selected else name for name in names]
    turned = _LETTER * sum(map(len, names)) > width
    below = _NAMES if not turned else 14 + round(4.6 * max(map(len, names)))
    figure.update_xaxes(tickmode="array", tickvals=at, ticktext=ticks, showline=False, automargin=False)
    figure.update_xaxes(tickangle=-45 if turned else 0)
    figure.update_yaxes(axis("Proportion", percent=True, range=[-0.012, 1.012]))
    if selected in names:
        x = at[names.index(selected)]
        line = {"color": theme.text, "width": 1.5}
        figure.add_shape(type="rect", x0=x - 0.46, x1=x + 0.46, y0=-0.008, y1=1.008, line=line, layer="above")
    if groups is not None:
        _name_groups(figure, at, group, theme, below)
    entries = [Entry(str(name), chosen[str(name)], rim(chosen[str(name)], theme)) for name in table.columns]
    short_legend(figure, entries, theme, width=width, above=below + (_GROUPS if groups is not None else 0))
    return figure


def composition_heatmap(proportions: pd.DataFrame, theme: Theme = LIGHT) -> go.Figure:
    """The same table as colours: cell types in rows, samples in columns."""
    table = 100 * proportions.T
    high = 10 * np.ceil(float(table.to_numpy().max(initial=10)) / 10)
    return heatmap(table, theme, title="Proportion (%)", low=0.0, high=high)


def sample_intervals(
    intervals: pd.DataFrame, theme: Theme = LIGHT, *, colours: Mapping[str, str] | None = None
) -> go.Figure:
    """Proportion of each type in one sample, with its interval.

    Parameters
    ----------
    intervals
        Columns cell_type, proportion, low, high (shares from 0 to 1) and level, one row per type.
    theme
        Light or dark.
    colours
        The file's own colours by type.
    """
    names = [str(name) for name in intervals["cell_type"]]
    chosen = label_colours(names, colours, theme)
    top = min(1.0, 1.08 * float(intervals["high"].max())) if names else 1.0
    figure = chart(theme=theme, height=28 * len(names) + 56)
    ranges = zip(names, *(numbers(intervals, column) for column in ("proportion", "low", "high")), strict=True)
    for name, share, low, high in ranges:
        colour = rim(chosen[name], theme)
        figure.add_scatter(
            x=[low, high], y=[name] * 2, mode="lines", line={"color": colour, "width": 3}, hoverinfo="skip"
        )
        figure.add_scatter(
            x=[share],
            y=[name],
            mode="markers",
            marker={"size": 9, "color": theme.panel, "line": {"color": colour, "width": 2}},
            hovertemplate=f"{name}: {100 * share:.1f} %, {100 * low:.1f} to {100 * high:.1f} %<extra></extra>",
        )
    figure.update_xaxes(axis("Proportion", percent=True, range=[0, top]))
    figure.update_yaxes(category_axis(names, top_down=True, showgrid=True, tickfont={"color": theme.text}))
    return figure


def _name_groups(figure: go.Figure, at: np.ndarray, group: list[str], theme: Theme, names: int) -> None:
    for name in dict.fromkeys(group):
        rows = [i for i, other in enumerate(group) if other == name]
        left, right = at[rows[0]] - 0.4, at[rows[-1]] + 0.4
        line = {"color": theme.muted, "width": 1}
        place = {"yref": "paper", "ysizemode": "pixel", "yanchor": 0}
        figure.add_shape(type="line", x0=left, x1=right, y0=-names, y1=-names, line=line, **place)
        figure.add_annotation(x=(left + right) / 2, y=0, yref="paper", yanchor="top", yshift=-names - 4, text=name)
