"""How well predicted proportions agree with measured ones, and methods with each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.figures.dots import MANY, dot
from core.figures.legend import Entry, short_legend, words_width
from core.figures.rows import names_in, where
from core.figures.style import DASHED, LIGHT, Theme, axis, chart, label_colours, rim
from core.figures.thinning import thinned

_ROW = 44


def method_dots(
    scores: pd.DataFrame, theme: Theme = LIGHT, *, floor: float | None = None, ours: str | None = None, width: int = 440
) -> go.Figure:
    """Scores of several methods, with their range and the score of one answer for every sample.

    Parameters
    ----------
    scores
        Columns method, measure, mean, low, high; one row per method and measure.
    theme
        Light or dark.
    floor
        Score of giving every sample the same answer, in the first measure's unit.
    ours
        Method printed in bold.
    width
        Pixels that the plot is likely to be wide, which decide where the legend breaks.
    """
    methods = names_in(scores, "method")
    measures = names_in(scores, "measure")
    figure = chart(theme=theme, height=_ROW * len(methods) + 92)
    marks: tuple[Literal["circle", "square"], ...] = ("circle", "square")
    entries = []
    for number, measure in enumerate(measures):
        part = where(scores, "measure", measure)
        colour = theme.lines[number % len(theme.lines)]
        shift = 0.22 * (number - (len(measures) - 1) / 2)
        figure.add_scatter(
            x=part["mean"],
            y=[methods.index(method) + shift for method in part["method"]],
            mode="markers",
            name=str(measure),
            marker={"size": 10, "color": colour, "symbol": marks[number % 2]},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": part["high"] - part["mean"],
                "arrayminus": part["mean"] - part["low"],
                "thickness": 2,
                "width": 0,
                "color": colour,
            },
            customdata=part["method"],
            hovertemplate="%{customdata}: %{x:.2f}<extra>" + str(measure) + "</extra>",
        )
        entries.append(Entry(str(measure), colour, mark=marks[number % 2]))
    if floor is not None:
        figure.add_vline(x=floor, line={"color": theme.failed, "width": 2, "dash": DASHED})
        entries.append(Entry("floor: one answer for every sample", theme.failed, mark="dash"))
    low = min(0.0, float(scores["low"].min())) if len(scores) else 0.0
    figure.update_xaxes(
        axis("Agreement with the measured proportions", grid=True, range=[1.05 * low, 1.02], showline=False)
    )
    figure.update_yaxes(
        tickmode="array",
        tickvals=list(range(len(methods))),
        ticktext=[f"<b>{name}</b>" if name == ours else str(name) for name in methods],
        tickfont={"color": theme.text},
        range=[len(methods) - 0.5, -0.5],
        showgrid=False,
    )
    names = round(max((words_width(name) for name in methods), default=0))
    short_legend(figure, entries, theme, width=width, above=44, left=names)
    return figure


def expected_against_predicted(
    table: pd.DataFrame,
    theme: Theme = LIGHT,
    *,
    title: str = "",
    colours: Mapping[str, str] | None = None,
    measured_by: str = "Measured",
    width: int = 400,
) -> go.Figure:
    """Each sample and type as a dot; a right answer lies on the dashed line.

    Parameters
    ----------
    table
        Columns sample, cell_type, expected, predicted (shares from 0 to 1).
    theme
        Light or dark.
    title
        Words above the chart, such as ``CCC 0.71 (floor 0.66), r 0.81``.
    colours
        The file's own colours by type.
    measured_by
        Title of the x axis.
    width
        Pixels that the plot is likely to be wide, which decide where the legend breaks.

    Of many rows some are drawn, as small dots.
    """
    types = names_in(table, "cell_type")
    chosen = label_colours(types, colours, theme)
    drawn = thinned(table)
    many = len(drawn) > MANY
    highest = float(table[["expected", "predicted"]].to_numpy().max()) if len(table) else 1.0
    step = next((size for size in (0.05, 0.1, 0.15, 0.2, 0.25) if 4 * size >= highest), 0.25)
    top = 4 * step
    figure = chart(theme=theme)
    line = {"color": theme.muted, "width": 1, "dash": DASHED}
    figure.add_scatter(x=[0, top], y=[0, top], mode="lines", line=line, showlegend=False, hoverinfo="skip")
    figure.add_annotation(x=top, y=top, text="equal", xanchor="right", xshift=-30, yshift=-2)
    for name in types:
        part = where(drawn, "cell_type", name)
        figure.add_scatter(
            x=part["expected"],
            y=part["predicted"],
            mode="markers",
            name=name,
            marker=dot(chosen[name], theme, many=many),
            customdata=np.stack([part["sample"].astype(str), 100 * part["expected"], 100 * part["predicted"]], axis=-1),
            hovertemplate="%{customdata[0]}: "
            + measured_by.lower()
            + " %{customdata[1]:.3s} %, predicted %{customdata[2]:.3s} %"
            "<extra>" + name + "</extra>",
        )
    ticks = {
        "tickmode": "array",
        "tickvals": [step * i for i in range(5)],
        "ticktext": [f"{100 * step * i:.0f} %" for i in range(5)],
    }
    room = [-0.02 * top, 1.02 * top]
    figure.update_xaxes({**axis(measured_by, range=room), **ticks})
    figure.update_yaxes({**axis("Predicted", range=room), **ticks})
    above(figure, title)
    entries = [Entry(name, chosen[name], rim(chosen[name], theme), mark="circle") for name in types]
    short_legend(figure, entries, theme, width=width, above=44)
    return figure


def above(figure: go.Figure, words: str) -> None:
    """``words`` over the plot, at its left; nothing where there are none."""
    if words:
        figure.add_annotation(
            x=0, y=1, xref="paper", yref="paper", text=words, xanchor="left", yanchor="bottom", yshift=8
        )
        figure.update_layout(margin_t=32)
