"""Bland-Altman: the difference of predicted and true proportions against their mean."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.figures.agreement import above
from core.figures.dots import MANY, dot
from core.figures.rows import names_in, numbers, where
from core.figures.style import DASHED, LIGHT, Theme, axis, chart, colour_bar, label_colours, legend_below, sequential
from core.figures.thinning import thinned

FIELDS = 48
"""Fields of a density along each axis."""


def bland_altman(
    table: pd.DataFrame,
    theme: Theme = LIGHT,
    *,
    title: str = "",
    colours: Mapping[str, str] | None = None,
    measured_by: str = "measured",
    log_offset: float | None = None,
    density: bool = False,
    width: int = 440,
) -> go.Figure:
    """Predicted minus measured against their mean, with the mean difference and 1.96 standard deviations either side.

    Mean and limits are those of all rows; of many rows some are drawn.

    Parameters
    ----------
    table
        Columns sample, cell_type, expected, predicted (shares from 0 to 1).
    theme
        Light or dark.
    title
        Words above the chart.
    colours
        The file's own colours by type.
    measured_by
        What predicted proportions are compared with, in a word.
    log_offset
        Compare log2(p + log_offset) in place of p.
    density
        How many rows lie where, in place of a dot for each.
    width
        Pixels that the plot is likely to be wide, which decide where the legend breaks.

    Source: Bland and Altman 1986; digitalDLSorteR, ``blandAltmanLehPlot``.
    """
    points = _points(table, log_offset)
    difference = numbers(points, "difference")
    centre = float(difference.mean()) if len(points) else 0.0
    spread = 1.96 * float(difference.std(ddof=1)) if len(points) > 1 else 0.0
    least = 0.01 if log_offset else 1.0
    reach = 1.15 * max(float(np.abs(difference).max(initial=0)), abs(centre) + spread, least)
    figure = chart(theme=theme, margin={"r": 116})
    if density:
        figure.add_trace(_density(points, reach, theme))
    else:
        _dots(figure, points, theme, colours, "" if log_offset else " points")
    lines = ((centre, "mean", "solid"), (centre - spread, "−1.96 sd", DASHED), (centre + spread, "+1.96 sd", DASHED))
    for value, words, dash in lines:
        figure.add_hline(y=value, line={"color": theme.muted, "width": 1, "dash": dash})
        figure.add_annotation(
            x=1,
            xref="paper",
            y=value,
            text=f"{words}, {value:+.{2 if log_offset else 1}f}".replace("-", "−"),
            xanchor="left",
            xshift=6,
        )
    unit = "log2" if log_offset else "%"
    figure.update_xaxes(axis(f"Mean of {measured_by} and predicted ({unit})"))
    unit = "log2" if log_offset else "points"
    figure.update_yaxes(axis(f"Predicted minus {measured_by} ({unit})", range=[-reach, reach]))
    above(figure, title)
    if density:
        figure.update_layout(margin_b=92)
    else:
        legend_below(figure, width=width)
    return figure


def _points(table: pd.DataFrame, log_offset: float | None) -> pd.DataFrame:
    """Mean and difference of both sides, in per cent or as logarithms."""
    true, found = numbers(table, "expected"), numbers(table, "predicted")
    if log_offset:
        true, found = np.log2(true + log_offset), np.log2(found + log_offset)
    else:
        true, found = 100 * true, 100 * found
    return table[["sample", "cell_type"]].assign(mean=(true + found) / 2, difference=found - true)


def _dots(figure: go.Figure, points: pd.DataFrame, theme: Theme, colours: Mapping[str, str] | None, unit: str) -> None:
    types = names_in(points, "cell_type")
    chosen = label_colours(types, colours, theme)
    drawn = thinned(points)
    many = len(drawn) > MANY
    for name in types:
        rows = where(drawn, "cell_type", name)
        figure.add_scatter(
            x=rows["mean"],
            y=rows["difference"],
            mode="markers",
            name=name,
            marker=dot(chosen[name], theme, many=many),
            customdata=rows["sample"].astype(str),
            hovertemplate="%{customdata}: %{y:+.2f}" + unit + "<extra>" + name + "</extra>",
        )


def _density(points: pd.DataFrame, reach: float, theme: Theme) -> go.Heatmap:
    """How many points lie in each field, on a scale of powers of ten; empty fields are left open."""
    mean, difference = numbers(points, "mean"), numbers(points, "difference")
    across = (float(mean.min()), float(mean.max())) if len(mean) and np.ptp(mean) else (0.0, 1.0)
    counts, x, y = np.histogram2d(mean, difference, bins=FIELDS, range=(across, (-reach, reach)))
    powers = np.arange(int(np.log10(max(counts.max(), 1))) + 1)
    shown = np.log10(np.where(counts.T > 0, counts.T, np.nan))
    return go.Heatmap(
        x=(x[1:] + x[:-1]) / 2,
        y=(y[1:] + y[:-1]) / 2,
        z=shown,
        zmin=0.0,
        zmax=max(1.0, float(np.log10(max(counts.max(), 1)))),
        colorscale=sequential(theme),
        colorbar=colour_bar(
            "Sample and type pairs", theme, tickvals=powers, ticktext=[f"{10 ** int(power):,}" for power in powers]
        ),
        customdata=counts.T,
        hovertemplate="%{customdata:,.0f} here<extra></extra>",
    )
