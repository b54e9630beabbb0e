"""Impact of gene sets on code units, beside chance and beside a comparison without a network."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.figures.heatmaps import heatmap, name_axes, tiles
from core.figures.style import LIGHT, Theme, template

_TITLE = "Impact, 0 to 1"
_ROW, _NAMES, _BAR = 19, 24, 44
"""Pixels of a row, of the panels' names above and of the colour bar below."""
_UNITS = 44
"""Pixels of the units' numbers and their title."""


def impact_heatmap(
    impact: pd.DataFrame,
    theme: Theme = LIGHT,
    *,
    beyond: pd.DataFrame | None = None,
    selected: tuple[str, str] | None = None,
) -> go.Figure:
    """Gene sets in rows, code units in columns.

    Parameters
    ----------
    impact
        Gene set x unit, 0 to 1.
    theme
        Light or dark.
    beyond
        The same shape, true where the impact is beyond chance; these cells carry a dot.
    selected
        (gene set, unit) that is framed.
    """
    shown = short_units(impact)
    figure = heatmap(shown, theme, title=_TITLE, low=0, high=1, x_title="Code unit")
    if beyond is not None:
        figure.add_trace(_dots(short_units(beyond), theme))
    if selected is not None:
        _frame(figure, shown, str(selected[0]), _number(selected[1]), theme)
    return figure


def impact_panels(
    impact: pd.DataFrame,
    null: pd.DataFrame,
    control: pd.DataFrame | None,
    theme: Theme = LIGHT,
    *,
    beyond: pd.DataFrame | None = None,
    selected: tuple[str, str] | None = None,
) -> go.Figure:
    """Impact, impact after shuffling genes, and a mean difference without a network, on one scale.

    Parameters
    ----------
    impact, null
        Gene set x unit, 0 to 1.
    control
        Gene set x cell type, 0 to 1; None where the cells have no labels.
    theme
        Light or dark.
    beyond
        As ``impact``, true where beyond chance.
    selected
        (gene set, unit) that is framed.
    """
    shown = short_units(impact)
    # beyond these numbers the tiles of units become narrower, so that the panel without a network keeps its room
    wide, short = 24 * min(len(impact.columns), 26), 16 * min(len(null.columns), 20)
    widths, named = (
        [max(wide, 200), max(short, 140)],
        [("Impact", shown), ("Shuffled genes, the null", short_units(null))],
    )
    if control is not None:
        widths.append(max(34 * len(control.columns), 120))
        named.append(("No network, mean difference", control))
    figure = make_subplots(cols=len(named), shared_yaxes=True, column_widths=widths, horizontal_spacing=0.02)
    figure.update_layout(template=template(theme))
    for column, (name, table) in enumerate(named, start=1):
        ordered = table.reindex(impact.index)
        trace = tiles(ordered, theme, title=_TITLE, low=0, high=1, bar=column == 1, name=name)
        figure.add_trace(trace, row=1, col=column)
        title = "Code unit" if column < 3 else ""
        name_axes(figure, ordered, theme, x_title=title, most_columns=(12, 6, 40)[column - 1], row=1, col=column)
        _name_panel(figure, name, "x domain" if column == 1 else f"x{column} domain", theme)
    _fit(figure, len(impact), control)
    if beyond is not None:
        figure.add_trace(_dots(short_units(beyond), theme), row=1, col=1)
    if selected is not None:
        _frame(figure, shown, str(selected[0]), _number(selected[1]), theme)
    return figure


def difference_heatmap(
    difference: pd.DataFrame, theme: Theme = LIGHT, *, names: tuple[str, str] = ("A", "B")
) -> go.Figure:
    """Impact in one group of cells minus another, -1 to 1; gene sets in rows, units in columns."""
    shown, title = short_units(difference), "Impact, −1 to 1"
    figure = heatmap(shown, theme, title=title, low=-1, high=1, x_title="Code unit", around_zero=True)
    _name_panel(figure, f"{names[0]} minus {names[1]}", "x domain", theme)
    _fit(figure, len(shown), None)
    return figure


def short_units(table: pd.DataFrame) -> pd.DataFrame:
    """``table`` with its columns unit_1, unit_2 ... named 1, 2 ..."""
    return table.rename(columns=_number)


def _name_panel(figure: go.Figure, name: str, domain: str, theme: Theme) -> None:
    """``name`` in bold above the panel whose x axis is ``domain``."""
    place = {"x": 0, "xref": domain, "xanchor": "left", "y": 1, "yref": "paper", "yanchor": "bottom", "yshift": 4}
    figure.add_annotation(text=f"<b>{name}</b>", font={"color": theme.text}, **place)


def _fit(figure: go.Figure, rows: int, control: pd.DataFrame | None) -> None:
    """Room for the rows, and below them for the names of columns and a colour bar that starts at the left edge."""
    longest = max((len(str(name)) for name in control.columns), default=0) if control is not None else 0
    below = max(_UNITS, 14 + round(4.6 * longest)) + _BAR
    figure.update_layout(height=_ROW * rows + _NAMES + below, margin={"t": _NAMES, "b": below})
    figure.update_xaxes(automargin=False)
    figure.update_traces(
        colorbar={"xref": "container", "x": 0, "xpad": 9, "ypad": 4}, selector={"type": "heatmap", "showscale": True}
    )


def _number(unit: object) -> str:
    return str(unit).removeprefix("unit_")


def _dots(beyond: pd.DataFrame, theme: Theme) -> go.Scatter:
    rows, columns = np.nonzero(beyond.to_numpy(dtype=bool))
    return go.Scatter(
        x=[str(beyond.columns[int(column)]) for column in columns],
        y=[str(beyond.index[int(row)]) for row in rows],
        mode="markers",
        marker={"size": 6, "color": theme.panel, "line": {"color": theme.silent, "width": 0.5}},
        name="beyond chance",
        hoverinfo="skip",
    )


def _frame(figure: go.Figure, table: pd.DataFrame, row: str, column: str, theme: Theme) -> None:
    x, y = [str(name) for name in table.columns].index(column), [str(name) for name in table.index].index(row)
    line = {"color": theme.text, "width": 2}
    figure.add_shape(type="rect", xref="x", yref="y", x0=x - 0.5, x1=x + 0.5, y0=y - 0.5, y1=y + 0.5, line=line)
