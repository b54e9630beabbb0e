"""Errors of predicted proportions: how they spread, and their mean with its bar."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.figures.rows import names_in, numbers, where
from core.figures.style import LIGHT, Theme, axis, category_axis, chart, faded, label_colours, rim
from core.figures.thinning import order_statistics

MOST_SPREAD = 501
"""Values that a violin or box is drawn of at most: quantiles of all, evenly spaced, those of a box among them."""


def error_distribution(
    errors: pd.DataFrame,
    theme: Theme = LIGHT,
    *,
    by: str,
    error: str,
    title: str,
    box: bool = False,
    scale: float = 1.0,
    group_title: str = "",
    colours: Mapping[str, str] | None = None,
) -> go.Figure:
    """How errors spread within each group, the values as dots beside.

    Groups of more than 501 values are drawn by 501 of their quantiles, evenly spaced, so that violin, box and dots
    have the shape of all values.

    Parameters
    ----------
    errors
        One row for each sample and type, with the columns ``by`` and ``error``.
    theme
        Light or dark.
    by
        Column that makes the groups, such as cell_type, nCellTypes or pBin.
    error
        Column of the errors.
    title
        Title of the axis of errors, with its unit.
    box
        Boxes in place of violins.
    scale
        What an error is multiplied by to have the unit of ``title``.
    group_title
        Title of the axis of groups, where their names do not say what they are.
    colours
        Colours by group, where groups are cell types.

    Source: digitalDLSorteR, ``distErrorPlot``.
    """
    groups, names, own = _groups(errors, by, colours, theme)
    figure = chart(theme=theme)
    for group, name in zip(groups, names, strict=True):
        values = scale * numbers(where(errors, by, group), error)
        edge = rim(own[name], theme)
        common = {
            "y": values if len(values) <= MOST_SPREAD else order_statistics(values, MOST_SPREAD),
            "name": name,
            "jitter": 0.5,
            "pointpos": 0,
            "fillcolor": faded(own[name], 0.35),
            "marker": {"size": 3, "color": edge, "opacity": 0.5},
            "line": {"color": edge, "width": 1.5},
            "hovertemplate": f"{name}: %{{y:.3f}}<extra></extra>",
        }
        if box:
            figure.add_box(**common, boxpoints="all")
        else:
            width = _bandwidth(values) if len(values) > MOST_SPREAD else None
            look = {"spanmode": "hard", "meanline": {"visible": True}, "scalemode": "width", "bandwidth": width}
            figure.add_violin(**common, points="all", **look)
    figure.update_xaxes(_group_axis(names, group_title))
    figure.update_yaxes(axis(title, rangemode="tozero"))
    return figure


def error_bars(
    errors: pd.DataFrame,
    theme: Theme = LIGHT,
    *,
    by: str = "cell_type",
    spread: Literal["sd", "se"] = "sd",
    title: str = "Mean absolute error (points)",
    scale: float = 100.0,
    group_title: str = "",
    colours: Mapping[str, str] | None = None,
) -> go.Figure:
    """Mean error of each group, with its standard deviation or standard error above and below.

    Parameters
    ----------
    errors
        Columns ``by``, mean and ``spread``; one row for each group. A missing spread has no bar.
    theme
        Light or dark.
    by
        Column of the groups: cell_type, nCellTypes or pBin.
    spread
        Standard deviation of the errors, or standard error of their mean.
    title
        Title of the axis of errors, with its unit.
    scale
        What an error is multiplied by to have the unit of ``title``.
    group_title
        Title of the axis of groups, where their names do not say what they are.
    colours
        Colours by group, where groups are cell types.

    Source: digitalDLSorteR, ``barErrorPlot``.
    """
    _, names, own = _groups(errors, by, colours, theme, sort=False)
    mean, reach = scale * numbers(errors, "mean"), scale * np.nan_to_num(numbers(errors, spread))
    figure = chart(theme=theme)
    figure.add_bar(
        x=names,
        y=mean,
        marker={
            "color": [own[name] for name in names],
            "line": {"color": [rim(own[name], theme) for name in names], "width": 1},
        },
        error_y={"type": "data", "array": reach, "thickness": 1.5, "width": 4, "color": theme.muted},
        hovertemplate="%{x}: %{y:.3~g}<extra></extra>",
    )
    figure.update_xaxes(_group_axis(names, group_title))
    top = 1.05 * float((mean + reach).max(initial=0)) or 1.0
    figure.update_yaxes(axis(title, range=[min(0.0, 1.05 * float((mean - reach).min(initial=0))), top]))
    return figure


def _groups(
    table: pd.DataFrame, by: str, colours: Mapping[str, str] | None, theme: Theme, *, sort: bool = True
) -> tuple[list[Any], list[str], dict[str, str]]:
    """The groups, their names and the colour of each name: types in order of appearance, numbers rising."""
    groups = names_in(table, by) if by == "cell_type" or not sort else sorted(table[by].unique())
    names = [f"{group:g}" if isinstance(group, float | np.floating) else str(group) for group in groups]
    if by == "cell_type":
        return groups, names, label_colours(names, colours, theme)
    return groups, names, dict.fromkeys(names, theme.lines[0])


def _group_axis(names: list[str], title: str) -> dict[str, Any]:
    made = category_axis(names, showline=True)
    return {**made, "title": {"text": title}} if title else made


def _bandwidth(values: np.ndarray) -> float | None:
    """Of a density of all values (Silverman 1986, equation 3.31), in place of one made for the few that are drawn."""
    quarters = np.quantile(values, [0.25, 0.75])
    spreads = [value for value in (values.std(ddof=1), (quarters[1] - quarters[0]) / 1.349) if value > 0]
    return 1.06 * min(spreads) * len(values) ** -0.2 if spreads else None
