"""How well predicted proportions agree with measured ones, and methods with each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.figures.legend import Entry, short_legend, words_width
from core.figures.rows import names_in, where
from core.figures.style import DASHED, LIGHT, Theme, axis, category_axis, chart, label_colours, legend_below, rim

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
    """
    types = names_in(table, "cell_type")
    chosen = label_colours(types, colours, theme)
    highest = float(table[["expected", "predicted"]].to_numpy().max()) if len(table) else 1.0
    step = next((size for size in (0.05, 0.1, 0.15, 0.2, 0.25) if 4 * size >= highest), 0.25)
    top = 4 * step
    figure = chart(theme=theme)
    line = {"color": theme.muted, "width": 1, "dash": DASHED}
    figure.add_scatter(x=[0, top], y=[0, top], mode="lines", line=line, showlegend=False, hoverinfo="skip")
    figure.add_annotation(x=top, y=top, text="equal", xanchor="right", xshift=-30, yshift=-2)
    for name in types:
        part = where(table, "cell_type", name)
        figure.add_scatter(
            x=part["expected"],
            y=part["predicted"],
            mode="markers",
            name=name,
            marker={"size": 8, "color": chosen[name], "line": {"color": _edge(chosen[name], theme), "width": 1}},
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
    _above(figure, title)
    entries = [Entry(name, chosen[name], rim(chosen[name], theme), mark="circle") for name in types]
    short_legend(figure, entries, theme, width=width, above=44)
    return figure


def bland_altman(
    table: pd.DataFrame, theme: Theme = LIGHT, *, title: str = "", colours: Mapping[str, str] | None = None
) -> go.Figure:
    """Predicted minus measured against their mean, with the mean difference and 1.96 standard deviations either side.

    ``table`` has columns sample, cell_type, expected, predicted (shares from 0 to 1).

    Source: Bland and Altman 1986.
    """
    types = names_in(table, "cell_type")
    chosen = label_colours(types, colours, theme)
    mean = (table["expected"] + table["predicted"]) / 2
    difference = table["predicted"] - table["expected"]
    centre, spread = float(difference.mean()), 1.96 * float(difference.std(ddof=1)) if len(table) > 1 else 0.0
    reach = 1.15 * max(float(difference.abs().max()) if len(table) else 0.0, abs(centre) + spread, 0.01)
    figure = chart(theme=theme, margin={"r": 116})
    for name in types:
        rows = table["cell_type"].astype(str) == name
        figure.add_scatter(
            x=100 * mean[rows],
            y=100 * difference[rows],
            mode="markers",
            name=name,
            marker={"size": 8, "color": chosen[name], "line": {"color": _edge(chosen[name], theme), "width": 1}},
            customdata=table.loc[rows, "sample"].astype(str),
            hovertemplate="%{customdata}: %{y:+.1f} points<extra>" + name + "</extra>",
        )
    lines = ((centre, "mean", "solid"), (centre - spread, "−1.96 sd", DASHED), (centre + spread, "+1.96 sd", DASHED))
    for value, words, dash in lines:
        figure.add_hline(y=100 * value, line={"color": theme.muted, "width": 1, "dash": dash})
        figure.add_annotation(
            x=1,
            xref="paper",
            y=100 * value,
            text=f"{words}, {100 * value:+.1f}".replace("-", "−"),
            xanchor="left",
            xshift=6,
        )
    figure.update_xaxes(axis("Mean of measured and predicted (%)"))
    figure.update_yaxes(axis("Predicted minus measured (points)", range=[-100 * reach, 100 * reach]))
    _above(figure, title)
    legend_below(figure)
    return figure


def error_bars(errors: pd.DataFrame, theme: Theme = LIGHT, *, colours: Mapping[str, str] | None = None) -> go.Figure:
    """Mean absolute error of each type. ``errors`` has columns cell_type, mean and sd (shares from 0 to 1)."""
    names = [str(name) for name in errors["cell_type"]]
    chosen = label_colours(names, colours, theme)
    figure = chart(theme=theme)
    figure.add_bar(
        x=names,
        y=100 * errors["mean"],
        marker={
            "color": [chosen[name] for name in names],
            "line": {"color": [rim(chosen[n], theme) for n in names], "width": 1},
        },
        error_y={"type": "data", "array": 100 * errors["sd"], "thickness": 1.5, "width": 4, "color": theme.muted},
        hovertemplate="%{x}: %{y:.1f} points<extra></extra>",
    )
    figure.update_xaxes(category_axis(names, showline=True))
    figure.update_yaxes(
        axis("Mean absolute error (points)", range=[0, 105 * float((errors["mean"] + errors["sd"]).max())])
    )
    return figure


def _edge(colour: str, theme: Theme) -> str:
    darker = rim(colour, theme)
    return theme.panel if darker == colour else darker


def _above(figure: go.Figure, words: str) -> None:
    if words:
        figure.add_annotation(
            x=0, y=1, xref="paper", yref="paper", text=words, xanchor="left", yanchor="bottom", yshift=8
        )
        figure.update_layout(margin_t=32)
