"""Heat maps: cells one pixel apart where they are wide enough, row names in full, a colour bar with its range."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.figures.style import LIGHT, Theme, category_axis, chart, colour_bar, diverging, sequential

ROW = 21
"""Pixels of a row."""
BAR = 56
"""Pixels of the colour bar under the chart, its numbers included."""
MOST_GAPS = 40
"""Columns that are still set apart; narrower ones would show more gap than colour."""


def heatmap(
    table: pd.DataFrame,
    theme: Theme = LIGHT,
    *,
    title: str,
    low: float,
    high: float,
    x_title: str = "",
    y_title: str = "",
    around_zero: bool = False,
    words: np.ndarray | None = None,
) -> go.Figure:
    """``table`` as colours, its first row at the top.

    Parameters
    ----------
    table
        Numbers; index and columns are the names.
    theme
        Light or dark.
    title
        What the colours are, with its range, above the colour bar.
    low, high
        Range of the colours, in the table's unit.
    x_title, y_title
        What columns and rows are, where their names do not say so.
    around_zero
        Use the diverging scale.
    words
        Texts written into the cells, of the table's shape.
    """
    figure = chart(theme=theme)
    figure.add_trace(tiles(table, theme, title=title, low=low, high=high, around_zero=around_zero, words=words))
    name_axes(figure, table, theme, x_title=x_title, y_title=y_title)
    fit_height(figure, table, x_title=x_title)
    return figure


def tiles(
    table: pd.DataFrame,
    theme: Theme,
    *,
    title: str,
    low: float,
    high: float,
    around_zero: bool = False,
    words: np.ndarray | None = None,
    bar: bool = True,
    name: str = "",
) -> go.Heatmap:
    """The trace of a heat map; several on one scale share ``low`` and ``high``."""
    rows, columns = [str(row) for row in table.index], [str(column) for column in table.columns]
    written = {} if words is None else {"text": words, "texttemplate": "%{text}"}
    return go.Heatmap(
        z=table.to_numpy(dtype=float),
        x=columns,
        y=rows,
        name=name,
        zmin=low,
        zmax=high,
        colorscale=diverging(theme) if around_zero else sequential(theme),
        showscale=bar,
        colorbar=colour_bar(title, theme, tickvals=[low, (low + high) / 2, high], tickformat=".3~g") if bar else None,
        xgap=1 if len(columns) <= MOST_GAPS else 0,
        ygap=1,
        hovertemplate="%{y}, %{x}: %{z:.3g}<extra>" + name + "</extra>",
        **written,
    )


def name_axes(
    figure: go.Figure,
    table: pd.DataFrame,
    theme: Theme,
    *,
    x_title: str = "",
    y_title: str = "",
    most_columns: int = 24,
    row: int | None = None,
    col: int | None = None,
) -> None:
    """Every row by name; columns by name while they fit, else every few."""
    rows, columns = [str(row) for row in table.index], [str(column) for column in table.columns]
    step = max(1, -(-len(columns) // most_columns))
    figure.update_yaxes(
        {**category_axis(rows, top_down=True, tickfont={"color": theme.text}), "title": {"text": y_title}},
        row=row,
        col=col,
    )
    shown = columns[::step]
    across = category_axis(columns, tickvals=shown, tickangle=0 if _short(shown) else -45)
    figure.update_xaxes({**across, "title": {"text": x_title}}, row=row, col=col)


def fit_height(figure: go.Figure, *tables: pd.DataFrame, x_title: str = "", top: int = 8) -> None:
    """Give each row its height, and room below for the names of columns, the axis title and the colour bar."""
    names = [str(column) for table in tables for column in table.columns]
    ticks = 20 if _short(names) else 14 + round(4.6 * max(len(name) for name in names))
    below = ticks + (24 if x_title else 0) + BAR
    figure.update_layout(height=ROW * len(tables[0]) + top + below, margin={"t": top, "b": below})
    figure.update_xaxes(automargin=False)  # the room is counted here; left to plotly it would come off the rows


def _short(names: Sequence[str]) -> bool:
    return all(len(name) <= 3 for name in names)


def row_shares_heatmap(counts: pd.DataFrame, theme: Theme, *, y_title: str, bar: bool) -> go.Figure:
    """Cells of each row by the label given to them, in per cent of the row, with the per cent written in each field.

    Parameters
    ----------
    counts
        Cells, in rows what they are, in columns the labels given.
    theme
        Light or dark.
    y_title
        Name of the rows.
    bar
        Show the colour bar; without it the axis says what the numbers in the cells are.
    """
    values = counts.to_numpy(dtype=float)
    whole = values.sum(axis=1, keepdims=True)
    shares = np.divide(100 * values, whole, out=np.zeros_like(values), where=whole > 0)
    words = np.array([[f"{share:.0f}" if share >= 0.5 else "" for share in row] for row in shares], dtype=object)
    figure = heatmap(
        pd.DataFrame(shares, index=counts.index, columns=counts.columns),
        theme,
        title="Share of the row (%)",
        low=0,
        high=100,
        x_title="Label given" if bar else "Label given, share of the row (%)",
        y_title=y_title,
        words=words,
    )
    if not bar:
        layout: Any = figure.layout
        figure.update_traces(showscale=False)
        figure.update_layout(height=layout.height - BAR, margin_b=layout.margin.b - BAR)
    return figure
