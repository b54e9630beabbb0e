"""How far labels can be trusted: coverage, calibration, confusion, probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.figures.heatmaps import heatmap, row_shares_heatmap
from core.figures.style import DASHED, LIGHT, Theme, axis, category_axis, chart, faded, legend_below

_SCORES = ("precision", "recall", "f1")
_LETTER, _MAP_WIDTH = 7.0, 480
"""Pixels of a letter, and of the narrowest probability map, which decide which groups are named."""


def coverage_curve(
    curve: pd.DataFrame, theme: Theme = LIGHT, *, labelled: float | None = None, right: float | None = None
) -> go.Figure:
    """How many labels are right when only so many cells get one.

    Parameters
    ----------
    curve
        Columns coverage, accuracy and, for the band, low and high (shares from 0 to 1).
    theme
        Light or dark.
    labelled, right
        The present choice, marked on the curve.
    """
    curve = curve.sort_values("coverage")
    figure = chart(theme=theme, margin={"r": 24})
    if {"low", "high"} <= set(curve.columns):
        figure.add_scatter(x=curve["coverage"], y=curve["high"], mode="lines", line={"width": 0}, hoverinfo="skip")
        figure.add_scatter(
            x=curve["coverage"],
            y=curve["low"],
            mode="lines",
            line={"width": 0},
            fill="tonexty",
            fillcolor=faded(theme.training, 0.15),
            hoverinfo="skip",
        )
    figure.add_scatter(
        x=curve["coverage"],
        y=curve["accuracy"],
        mode="lines",
        line={"color": theme.training, "width": 2},
        customdata=100 * curve[["coverage", "accuracy"]].to_numpy(),
        hovertemplate="%{customdata[0]:.1f} % labelled, %{customdata[1]:.1f} % right<extra></extra>",
    )
    lowest = float(curve["low" if "low" in curve else "accuracy"].min()) if len(curve) else 0.0
    left = float(curve["coverage"].min()) if len(curve) else 0.0
    floor = next(edge for edge in (0.9, 0.8, 0.6, 0.5, 0.0) if lowest >= edge or edge == 0.0)
    if labelled is not None and right is not None:
        figure.add_vline(x=labelled, line={"color": theme.text, "width": 1})
        marker = {"size": 12, "color": theme.training, "line": {"color": theme.panel, "width": 1.5}}
        figure.add_scatter(x=[labelled], y=[right], mode="markers", marker=marker, hoverinfo="skip")
        figure.add_annotation(
            x=labelled,
            y=right,
            text=f"{100 * labelled:.0f} % labelled, {100 * right:.1f} % right",
            font={"color": theme.text, "weight": 600},
            xanchor="right" if labelled > 0.4 + 0.6 * left else "left",
            xshift=-12 if labelled > 0.4 + 0.6 * left else 12,
            yshift=-18,
        )
    start = np.floor(10 * left) / 10 if left < 0.995 else 0.9
    figure.update_xaxes(axis("Cells that get a label", percent=True, range=[start, 1.0]))
    figure.update_yaxes(axis("Labels that are right", percent=True, range=[floor, 1.0]))
    figure.update_yaxes(range=[floor, 1.0 + 0.04 * (1 - floor)])
    return figure


def reliability(bins: pd.DataFrame, theme: Theme = LIGHT) -> go.Figure:
    """Share of right labels in each bin of probability; on the dashed line a probability means what it says.

    ``bins`` has columns probability and accuracy (shares from 0 to 1) and cells (how many).
    """
    figure = chart(theme=theme)
    line = {"color": theme.muted, "width": 1, "dash": DASHED}
    figure.add_scatter(x=[0, 1], y=[0, 1], mode="lines", line=line, hoverinfo="skip")
    figure.add_annotation(x=0.86, y=0.95, text="equal", xanchor="right")
    size = np.sqrt(bins["cells"] / max(float(bins["cells"].max()), 1.0)) if len(bins) else []
    figure.add_scatter(
        x=bins["probability"],
        y=bins["accuracy"],
        mode="lines+markers",
        line={"color": theme.training, "width": 2},
        marker={"size": 6 + 12 * np.asarray(size, dtype=float), "color": theme.training, "opacity": 1},
        customdata=bins["cells"],
        hovertemplate="%{y:.2f} right at %{x:.2f}, %{customdata:,} cells<extra></extra>",
        cliponaxis=False,
    )
    figure.update_xaxes(axis("Probability given", range=[0, 1.0]))
    figure.update_yaxes(axis("Share that is right", range=[0, 1.02]))
    return figure


def confusion_heatmap(counts: pd.DataFrame, theme: Theme = LIGHT, *, bar: bool = True) -> go.Figure:
    """Given label against true label.

    Parameters
    ----------
    counts
        Cells, true types in rows, given labels in columns.
    theme
        Light or dark.
    bar
        Show the colour bar; without it the axis says what the numbers in the cells are.
    """
    return row_shares_heatmap(counts, theme, y_title="True type", bar=bar)


def probability_heatmap(
    probabilities: pd.DataFrame,
    theme: Theme = LIGHT,
    *,
    groups: Sequence[object] | None = None,
    most: int = 400,
    in_order: bool = False,
) -> go.Figure:
    """Probability of every type for each cell, cells in columns, sorted by their best type (or by ``groups``).

    Parameters
    ----------
    probabilities
        Cells in rows, types in columns; rows sum to 1.
    theme
        Light or dark.
    groups
        (n_cells,) clusters or labels that cells are sorted by.
    most
        Cells shown at most, evenly spaced through the sorted ones.
    in_order
        Whether the cells are in their order already, as `core.annotation.identity.ordered_cells` has them: all are
        shown, and each of ``groups`` is named where it begins.
    """
    if in_order:
        return _ordered_map(probabilities, theme, [str(name) for name in groups or ()])
    values = probabilities.to_numpy(dtype=float)
    first = (
        values.argmax(axis=1) if groups is None else np.unique(np.asarray(groups, dtype=str), return_inverse=True)[1]
    )
    order = np.lexsort((-values.max(axis=1), first)) if len(values) else np.arange(0)
    kept = order[np.linspace(0, len(order) - 1, min(most, len(order))).astype(int)] if len(order) else order
    return _map(probabilities.iloc[kept], theme)


def _map(probabilities: pd.DataFrame, theme: Theme) -> go.Figure:
    figure = heatmap(probabilities.T, theme, title="Probability, 0 to 1", low=0, high=1, x_title="Cells")
    figure.update_traces(xgap=0)
    figure.update_xaxes(showticklabels=False)
    return figure


def _ordered_map(probabilities: pd.DataFrame, theme: Theme, groups: Sequence[str]) -> go.Figure:
    """The map with a line and a name where each group begins; names that would touch are left out."""
    n = len(probabilities)
    figure = _map(probabilities.set_axis([str(number) for number in range(n)]), theme)
    figure.update_traces(
        customdata=np.tile(np.asarray(probabilities.index, dtype=object), (probabilities.shape[1], 1)),
        hovertemplate="%{customdata}, %{y}: %{z:.3f}<extra></extra>",
    )
    layout: Any = figure.layout
    figure.update_layout(margin_t=30, height=layout.height + 22)
    free = -1.0
    for start in [number for number in range(n) if number == 0 or groups[number] != groups[number - 1]]:
        if start:
            figure.add_vline(x=start - 0.5, line={"color": theme.text, "width": 1})
        wide = _LETTER * len(groups[start]) * n / _MAP_WIDTH
        end = next((number for number in range(start, n) if groups[number] != groups[start]), n)
        at = (start + end) / 2 - wide / 2
        if at >= free and at + wide <= n:
            place = {"x": (start + end) / 2 - 0.5, "y": 1, "yref": "paper", "yanchor": "bottom", "yshift": 4}
            figure.add_annotation(text=groups[start], font={"color": theme.text}, **place)
            free = at + wide
    return figure


def per_type_bars(scores: pd.DataFrame, theme: Theme = LIGHT) -> go.Figure:
    """Precision, recall and F1 of each type. ``scores`` has columns cell_type, precision, recall, f1."""
    names = [str(name) for name in scores["cell_type"]]
    figure = chart(theme=theme, barmode="group", bargap=0.3, bargroupgap=0.08)
    for number, score in enumerate(_SCORES):
        figure.add_bar(
            x=names,
            y=scores[score],
            name="F1" if score == "f1" else score.capitalize(),
            marker={"color": (theme.training, theme.network["class_head"], theme.bar)[number], "line": {"width": 0}},
            hovertemplate="%{x}: %{y:.2f}<extra>%{fullData.name}</extra>",
        )
    figure.update_xaxes(category_axis(names, showline=True))
    figure.update_yaxes(axis("Score, 0 to 1", range=[0, 1]))
    legend_below(figure)
    return figure
