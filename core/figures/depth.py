"""Counts per cell of each data set, and what the quality thresholds cut off."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.figures.rows import names_in, numbers, where
from core.figures.style import DASHED, LIGHT, Theme, axis, bare_axis, chart, faded, note

MEASURES: Mapping[str, str] = MappingProxyType(
    {"counts": "Counts per cell", "genes": "Genes per cell", "mitochondrial": "Mitochondrial counts (%)"}
)
MOST_POINTS = 5000
LETTER, NAME_HEIGHT = 0.024, 14
"""Room of a name above its peak: share of the axis for each letter, and pixels."""
_GRID = 256


def depth_lines(
    cells: pd.DataFrame,
    theme: Theme = LIGHT,
    *,
    colours: Mapping[str, str] | None = None,
    x_title: str = "Counts per cell",
) -> go.Figure:
    """Smooth distribution of counts, one named line per set.

    Parameters
    ----------
    cells
        Columns set and counts, one row per cell.
    theme
        Light or dark.
    colours
        By set; without them the theme's line colours in order.
    x_title
        What is counted.
    """
    sets = names_in(cells, "set")
    chosen = colours or {name: theme.lines[i % len(theme.lines)] for i, name in enumerate(sets)}
    high = float(cells["counts"].quantile(0.995)) if len(cells) else 1.0
    figure = chart(theme=theme)
    placed: list[tuple[float, str, int]] = []
    for name in sets:
        at, height = density(numbers(where(cells, "set", name), "counts"), 0.0, high or 1.0)
        figure.add_scatter(
            x=at,
            y=height,
            mode="lines",
            name=str(name),
            line={"color": chosen[name], "width": 2},
            hovertemplate="%{x:,.0f}<extra>" + str(name) + "</extra>",
        )
        top = int(height.argmax())
        # names of peaks close to each other stand one above the other
        reach = LETTER * (high or 1.0)
        near = {used for x, other, used in placed if abs(at[top] - x) < reach * (len(str(name)) + len(other)) / 2}
        level = next(number for number in range(len(near) + 1) if number not in near)
        placed.append((float(at[top]), str(name), level))
        font = {"color": chosen[name], "weight": 600}
        figure.add_annotation(x=at[top], y=height[top], text=str(name), yshift=10 + NAME_HEIGHT * level, font=font)
    figure.update_layout(margin_t=28 + NAME_HEIGHT * max((level for *_, level in placed), default=0))
    figure.update_xaxes(axis(x_title, tickformat=",", range=[0, high or 1.0]))
    figure.update_yaxes(bare_axis(range=[0, 1.18]))
    return figure


def quality_histogram(
    metrics: pd.DataFrame, measure: str, theme: Theme = LIGHT, *, low: float | None = None, high: float | None = None
) -> go.Figure:
    """Cells by counts, genes or mitochondrial share; bars beyond the thresholds are grey.

    Parameters
    ----------
    metrics
        One row per cell, with the column ``measure``.
    measure
        counts, genes or mitochondrial.
    theme
        Light or dark.
    low, high
        Thresholds in the measure's unit; None for none.
    """
    values = metrics[measure].to_numpy(dtype=float)
    values = values[np.isfinite(values)]
    top = float(values.max()) if len(values) else 1.0
    edges = np.linspace(0, top or 1.0, 51)
    cells, _ = np.histogram(values, bins=edges)
    centres = (edges[:-1] + edges[1:]) / 2
    kept = (centres >= (low if low is not None else -np.inf)) & (centres <= (high if high is not None else np.inf))
    figure = chart(theme=theme, bargap=0.08)
    figure.add_bar(
        x=centres,
        y=cells,
        marker={"color": np.where(kept, theme.training, theme.bar), "line": {"width": 0}},
        hovertemplate="%{y:,} cells near %{x:,.0f}<extra></extra>",
    )
    for edge in (low, high):
        if edge is not None and edges[0] < edge < edges[-1]:
            figure.add_vline(x=edge, line={"color": theme.text, "width": 1, "dash": DASHED})
            figure.add_annotation(
                x=edge, y=1, yref="paper", text=f"{edge:,.6g}", xanchor="left", yanchor="top", xshift=4
            )
    figure.update_xaxes(axis(MEASURES.get(measure, measure), tickformat=",", range=[0, float(edges[-1])]))
    figure.update_yaxes(axis("Cells", tickformat=","))
    return figure


def quality_scatter(
    metrics: pd.DataFrame,
    passing: pd.Series | np.ndarray,
    theme: Theme = LIGHT,
    *,
    x: str = "counts",
    y: str = "genes",
) -> go.Figure:
    """One measure against another, cells that fail in vermillion.

    Parameters
    ----------
    metrics
        One row per cell.
    passing
        (n_cells,) true where the cell is kept.
    theme
        Light or dark.
    x, y
        Columns of ``metrics``.
    """
    step = -(-len(metrics) // MOST_POINTS) or 1
    shown, kept = metrics.iloc[::step], np.asarray(passing, dtype=bool)[::step]
    figure = chart(theme=theme)
    for name, rows, colour in (("kept", kept, theme.training), ("left out", ~kept, theme.validation)):
        figure.add_scatter(
            x=shown[x][rows],
            y=shown[y][rows],
            mode="markers",
            name=name,
            marker={"color": faded(colour, 0.55), "size": 4},
            hovertemplate="%{x:,.0f}, %{y:,.4g}<extra>" + name + "</extra>",
        )
    figure.update_xaxes(axis(MEASURES.get(x, x), tickformat=",", range=[0, 1.03 * float(shown[x].max())]))
    figure.update_yaxes(axis(MEASURES.get(y, y), tickformat=",", range=[0, 1.03 * float(shown[y].max())]))
    if step > 1:
        note(figure, f"{len(shown):,} of {len(metrics):,} cells shown", x=1, y=1)
    figure.update_layout(
        margin_t=28,
        showlegend=True,
        legend={"orientation": "h", "y": 1, "yanchor": "bottom", "x": 0, "itemsizing": "constant"},
    )
    return figure


def density(values: np.ndarray, low: float, high: float) -> tuple[np.ndarray, np.ndarray]:
    """Gaussian kernel density of (n,) values on a grid from ``low`` to ``high``, scaled to a highest point of 1.

    The width is Silverman's rule; the ends reflect, so that nothing leaks below ``low``.
    """
    values = values[np.isfinite(values)]
    at = np.linspace(low, high, _GRID)
    if not len(values):
        return at, np.zeros(_GRID)
    counts, edges = np.histogram(values, bins=_GRID, range=(low, high))
    quartiles = np.subtract(*np.quantile(values, [0.75, 0.25])) / 1.34
    spread = min(filter(None, (float(values.std()), float(quartiles))), default=0.0)
    width = max(0.9 * spread * len(values) ** -0.2, (high - low) / _GRID)
    centres = (edges[:-1] + edges[1:]) / 2
    mirrored = np.concatenate([centres, 2 * low - centres, 2 * high - centres])
    kernel = np.exp(-0.5 * ((at[:, None] - mirrored[None, :]) / width) ** 2)
    height = kernel @ np.tile(counts, 3)
    return at, height / height.max()
