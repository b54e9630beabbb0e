"""Impact of gene sets on code units, beside chance and beside a comparison without a network."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.figures.heatmaps import heatmap, name_axes, tiles
from core.figures.style import LIGHT, Theme, template

_TITLE, _SIGNED = "Impact, 0 to 1", "Impact, −1 to 1"
_ROW, _NAMES, _BAR = 19, 24, 44
"""Pixels of a row, of the panels' names above and of the colour bar below."""
_UNITS = 44
"""Pixels of the units' numbers and their title."""
SHORT_NAME = 3
"""Letters of a column's name that stay level."""
LARGEST_MARK, SMALLEST_MARK, SMALLEST_SHARE = 15, 5, 0.1
"""Pixels of marks of the largest and of no difference, and the share of the largest below which none is drawn."""


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
    around_zero: bool = False,
    x_title: str = "Code unit",
) -> go.Figure:
    """Impact, impact after shuffling genes, and a mean difference without a network, on one scale.

    Parameters
    ----------
    impact, null
        Gene set x unit (or cell type), 0 to 1.
    control
        Gene set x cell type, 0 to 1; None where the cells have no labels.
    theme
        Light or dark.
    beyond
        As ``impact``, true where beyond chance.
    selected
        (gene set, unit) that is framed.
    around_zero
        Whether all three are -1 to 1, with 0 in the middle.
    x_title
        What the columns of the first two are; empty where their names say so.
    """
    shown = short_units(impact)
    title, low = (_SIGNED, -1) if around_zero else (_TITLE, 0)
    # beyond these numbers the tiles of units become narrower, so that the panel without a network keeps its room
    wide, short = 24 * min(len(impact.columns), 26), 16 * min(len(null.columns), 20)
    if not x_title:
        wide = short = 34 * len(impact.columns)
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
        trace = tiles(ordered, theme, title=title, low=low, high=1, around_zero=around_zero, bar=column == 1, name=name)
        figure.add_trace(trace, row=1, col=column)
        below, most = (x_title, (12, 6)[column - 1] if x_title else 40) if column < 3 else ("", 40)
        name_axes(figure, ordered, theme, x_title=below, most_columns=most, row=1, col=column)
        _name_panel(figure, name, "x domain" if column == 1 else f"x{column} domain", theme)
    _fit(figure, len(impact), *(table for _, table in named))
    if beyond is not None:
        figure.add_trace(_dots(short_units(beyond), theme), row=1, col=1)
    if selected is not None:
        _frame(figure, shown, str(selected[0]), _number(selected[1]), theme)
    return figure


def difference_heatmap(
    difference: pd.DataFrame,
    theme: Theme = LIGHT,
    *,
    names: tuple[str, str] = ("A", "B"),
    beyond: pd.DataFrame | None = None,
    x_title: str = "Code unit",
) -> go.Figure:
    """Impact in one group of cells minus another, -1 to 1; gene sets in rows, units in columns.

    Parameters
    ----------
    difference
        Gene set x unit (or cell type).
    theme
        Light or dark.
    names
        What the two groups are called.
    beyond
        The same shape, true where the difference is beyond chance; these cells carry a dot.
    x_title
        What the columns are; empty where their names say so.
    """
    shown = short_units(difference)
    figure = heatmap(shown, theme, title=_SIGNED, low=-1, high=1, x_title=x_title, around_zero=True)
    _name_panel(figure, f"{names[0]} minus {names[1]}", "x domain", theme)
    _fit(figure, len(shown), shown)
    if beyond is not None:
        figure.add_trace(_dots(short_units(beyond), theme))
        figure.update_xaxes(range=[-0.5, len(shown.columns) - 0.5])
    return figure


def overlaid_heatmap(
    whole: pd.DataFrame,
    difference: pd.DataFrame,
    theme: Theme = LIGHT,
    *,
    names: tuple[str, str] = ("A", "B"),
    around_zero: bool = False,
    x_title: str = "Code unit",
) -> go.Figure:
    """Impact on all cells as colours, and on top of each the sign and size of a difference between two groups.

    Triangles upward are more in the first group, downward more in the second; they grow with the difference, and
    below a tenth of the largest none is drawn.

    Parameters
    ----------
    whole
        Gene set x unit (or cell type), 0 to 1, or -1 to 1 ``around_zero``.
    difference
        The same rows and columns, -1 to 1.
    theme
        Light or dark.
    names
        What the two groups are called.
    around_zero
        Whether ``whole`` has 0 in the middle.
    x_title
        What the columns are; empty where their names say so.

    Source: Kinalis et al., Figure 1d and e: a difference of groups laid over the impact on all cells.
    """
    shown, apart = short_units(whole), short_units(difference)
    title, low = (_SIGNED, -1) if around_zero else (_TITLE, 0)
    figure = heatmap(shown, theme, title=title, low=low, high=1, x_title=x_title, around_zero=around_zero)
    _name_panel(figure, "All cells", "x domain", theme)
    _fit(figure, len(shown), shown)
    strongest = float(apart.abs().to_numpy().max()) or 1.0
    # orange and the panel's own colour stand out from every blue of the tiles; the form says the sign as well
    for sign, symbol, colour, rim, name in (
        (1, "triangle-up", theme.validation, theme.panel, names[0]),
        (-1, "triangle-down", theme.panel, theme.text, names[1]),
    ):
        figure.add_trace(_marks(apart * sign / strongest, symbol, colour, rim, f"more in {name}"))
    figure.update_xaxes(range=[-0.5, len(shown.columns) - 0.5])  # marks would take room at both ends
    return figure


def short_units(table: pd.DataFrame) -> pd.DataFrame:
    """``table`` with its columns unit_1, unit_2 ... named 1, 2 ..."""
    return table.rename(columns=_number)


def _name_panel(figure: go.Figure, name: str, domain: str, theme: Theme) -> None:
    """``name`` in bold above the panel whose x axis is ``domain``."""
    place = {"x": 0, "xref": domain, "xanchor": "left", "y": 1, "yref": "paper", "yanchor": "bottom", "yshift": 4}
    figure.add_annotation(text=f"<b>{name}</b>", font={"color": theme.text}, **place)


def _fit(figure: go.Figure, rows: int, *tables: pd.DataFrame) -> None:
    """Room for the rows, and below them for the names of columns and a colour bar that starts at the left edge."""
    longest = max(len(str(name)) for table in tables for name in table.columns)
    below = (_UNITS if longest <= SHORT_NAME else max(_UNITS, 14 + round(4.6 * longest))) + _BAR
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


def _marks(share: pd.DataFrame, symbol: str, colour: str, rim: str, name: str) -> go.Scatter:
    """Marks where ``share`` is above 0, the larger the more."""
    values = share.to_numpy(dtype=float)
    rows, columns = np.nonzero(values >= SMALLEST_SHARE)
    return go.Scatter(
        x=[str(share.columns[int(column)]) for column in columns],
        y=[str(share.index[int(row)]) for row in rows],
        mode="markers",
        marker={
            "symbol": symbol,
            "size": SMALLEST_MARK + (LARGEST_MARK - SMALLEST_MARK) * values[rows, columns],
            "color": colour,
            "line": {"color": rim, "width": 1},
        },
        customdata=values[rows, columns],
        name=name,
        showlegend=False,
        hovertemplate="%{y}, %{x}: %{customdata:.2f} of the largest difference<extra>" + name + "</extra>",
    )


def _frame(figure: go.Figure, table: pd.DataFrame, row: str, column: str, theme: Theme) -> None:
    x, y = [str(name) for name in table.columns].index(column), [str(name) for name in table.index].index(row)
    line = {"color": theme.text, "width": 2}
    figure.add_shape(type="rect", xref="x", yref="y", x0=x - 0.5, x1=x + 0.5, y0=y - 0.5, y1=y + 0.5, line=line)
