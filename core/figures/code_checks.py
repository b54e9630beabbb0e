"""Checks of a code: agreement of clusters, likeness of units, singular values, and a sweep over a penalty's weight."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from scipy.cluster.hierarchy import leaves_list, linkage

from core.figures.heatmaps import BAR, name_axes, tiles
from core.figures.legend import Entry, short_legend
from core.figures.rows import numbers
from core.figures.style import LIGHT, Theme, axis, category_axis, chart, name_ends


def agreement_dots(table: pd.DataFrame, theme: Theme = LIGHT, *, published: str = "NMI in the paper") -> go.Figure:
    """Agreement of groups: dots with their standard deviation, and the published value beside them.

    Parameters
    ----------
    table
        Columns name, nmi, nmi_sd, ari, ari_sd and published (missing where there is none), in the order drawn.
    theme
        Light or dark.
    published
        What the hollow mark is.
    """
    names = [str(name) for name in table["name"]]
    figure = chart(theme=theme)
    for column, title, colour, lift in (("nmi", "NMI", theme.training, -0.14), ("ari", "ARI", theme.validation, 0.14)):
        figure.add_scatter(
            x=numbers(table, column),
            y=np.arange(len(names)) + lift,
            mode="markers",
            name=title,
            marker={"size": 9, "color": colour},
            error_x={"type": "data", "array": numbers(table, f"{column}_sd"), "thickness": 1.5, "width": 3},
            customdata=names,
            hovertemplate="%{customdata}: " + title + " %{x:.3f}<extra></extra>",
        )
    figure.add_scatter(
        x=numbers(table, "published"),
        y=np.arange(len(names)) - 0.14,
        mode="markers",
        marker={"size": 10, "symbol": "diamond-open", "color": theme.text, "line": {"width": 1.5}},
        hovertemplate=published + ": %{x:.3f}<extra></extra>",
    )
    figure.update_xaxes(axis("Agreement, 1 for equal groups", range=[0, 1], grid=True, showline=False))
    rows = category_axis(names, tickfont={"color": theme.text})
    figure.update_yaxes(
        {
            **rows,
            "type": "linear",
            "tickvals": list(range(len(names))),
            "ticktext": names,
            "range": [len(names) - 0.5, -0.5],
        }
    )
    entries = [
        Entry("NMI", theme.training, mark="circle"),
        Entry("ARI", theme.validation, mark="circle"),
        Entry(f"Hollow: {published}"),
    ]
    short_legend(figure, entries, theme, width=360, above=44)
    return figure


def likeness_heatmap(table: pd.DataFrame, theme: Theme = LIGHT, *, title: str = "Correlation") -> go.Figure:
    """Units against units, -1 to 1, like ones beside each other.

    Parameters
    ----------
    table
        Unit x unit correlations, "unit_1" ... in rows and columns.
    theme
        Light or dark.
    title
        What the colours are.
    """
    order = _like_together(table.to_numpy(dtype=float))
    shown = table.iloc[order, order].rename(index=_number, columns=_number)
    names = [str(name) for name in shown.index]
    figure = chart(theme=theme)
    figure.add_trace(tiles(shown, theme, title=f"{title}, −1 to 1", low=-1, high=1, around_zero=True))
    few = names[:: max(1, -(-len(names) // 12))]
    name_axes(figure, shown, theme, x_title="Code unit", most_columns=16)
    figure.update_traces(xgap=0, ygap=0, selector={"type": "heatmap"})
    figure.update_yaxes(tickvals=few, ticktext=few, title_text="Code unit")
    figure.update_layout(margin={"t": 4, "b": BAR + 44})
    return figure


def singular_values(values: pd.DataFrame, theme: Theme = LIGHT) -> go.Figure:
    """Singular values of a code, largest first. ``values`` has columns number and value."""
    sizes = np.maximum(numbers(values, "value"), 1e-12)
    figure = chart(theme=theme)
    figure.add_scatter(
        x=numbers(values, "number"),
        y=sizes,
        mode="lines+markers",
        line={"color": theme.training, "width": 2},
        marker={"size": 4},
        hovertemplate="Number %{x}: %{y:.4g}<extra></extra>",
    )
    low, high = float(np.log10(sizes.min())), float(np.log10(sizes.max()))
    room = 0.06 * ((high - low) or 1.0)
    figure.update_xaxes(axis("Number", range=[0, len(sizes) + 1]))
    figure.update_yaxes(axis("Singular value", type="log", range=[low - room, high + room]))
    return figure


def sweep_curves(epochs: pd.DataFrame, theme: Theme = LIGHT, *, value: str, title: str) -> go.Figure:
    """One line for each weight of a penalty.

    Parameters
    ----------
    epochs
        Columns weight, epoch and ``value``.
    theme
        Light or dark.
    value
        Column that is drawn.
    title
        What it is, for the axis.
    """
    figure, ends = chart(theme=theme, hovermode="x unified"), []
    colours = (theme.muted, *theme.lines)
    for number, (weight, own) in enumerate(epochs.groupby("weight", sort=True)):
        x, y = numbers(own, "epoch"), numbers(own, value)
        name = f"{weight:g}"
        colour = colours[number % len(colours)]
        dash = "4px,3px" if weight == 0 else "solid"
        figure.add_scatter(
            x=x,
            y=y,
            mode="lines",
            name=name,
            line={"color": colour, "width": 2, "dash": dash},
            hovertemplate="%{y:.4g}",
        )
        ends.append((float(x[-1]), float(y[-1]), name, colour))
    low, high = float(epochs[value].min()), float(epochs[value].max())
    room = 0.06 * ((high - low) or abs(high) or 1.0)
    last = float(epochs["epoch"].max())
    figure.update_xaxes(axis("Epoch", range=[1, last]))
    figure.update_yaxes(axis(title, range=[low - room, high + room]))
    name_ends(figure, ends, low=low - room, high=high + room)
    return figure


def _number(unit: str) -> str:
    return str(unit).removeprefix("unit_")


def _like_together(found: np.ndarray) -> np.ndarray:
    """(n,) order of rows in which like ones are neighbours."""
    if len(found) < 3:
        return np.arange(len(found))
    distance = 1 - np.minimum(np.abs(found[np.triu_indices(len(found), k=1)]), 1)
    return leaves_list(linkage(distance, method="average", optimal_ordering=True))
