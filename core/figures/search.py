"""A search over settings: trials as lines across their settings, the best so far, and what mattered."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.figures.axes import log_ticks, round_ticks
from core.figures.style import DASHED, LIGHT, Theme, axis, bare_axis, category_axis, chart, faded

SHADES = 5
"""Groups of trials by their value, each in a colour of its own."""
ROOM = 0.06
"""Share of an upright axis that is kept free at both ends."""
MOST_LETTERS = 15
UNFINISHED = ("pruned", "stopped")


@dataclass(frozen=True)
class Upright:
    """One upright axis: a setting with its range or its choices.

    Attributes
    ----------
    name
        Column of the trials.
    title
        What stands above the axis.
    low, high, log
        Ends of a range of numbers, and whether it goes by factors.
    choices
        Names of the choices, in order; empty for a range. The column then holds these names.
    """

    name: str
    title: str
    low: float = 0.0
    high: float = 1.0
    log: bool = False
    choices: tuple[str, ...] = field(default=())

    def place(self, value: Any) -> float:
        """Height of ``value``, 0 at the lower end and below it, 1 at the upper end and above it."""
        if self.choices:
            at = self.choices.index(str(value)) if str(value) in self.choices else 0
            return at / max(len(self.choices) - 1, 1)
        low, high, now = (math.log10(each) if self.log else each for each in (self.low, self.high, float(value)))
        return min(max((now - low) / ((high - low) or 1.0), 0.0), 1.0)

    def ticks(self) -> list[tuple[float, str]]:
        """Heights and words of its ticks."""
        if self.choices:
            return [(self.place(name), name) for name in self.choices]
        ends = (math.log10(self.low), math.log10(self.high)) if self.log else (self.low, self.high)
        values = log_ticks(*ends) if self.log else round_ticks(*ends)
        return [(self.place(value), f"{value:,.4g}".replace("-", "−")) for value in values]


def parallel_coordinates(
    trials: pd.DataFrame,
    uprights: Sequence[Upright],
    value: Upright,
    theme: Theme = LIGHT,
    *,
    higher_is_better: bool = False,
    chosen: int | None = None,
) -> go.Figure:
    """Each trial as a line over one upright axis per setting, the last one its value; good values are strong.

    Parameters
    ----------
    trials
        Columns trial, state, value, and one for each of ``uprights``; trials without a value are left out.
    uprights, value
        The settings, and the axis of the values.
    theme
        Light or dark.
    higher_is_better
        Whether large values are good.
    chosen
        Number of the trial that is drawn over the others.
    """
    figure = chart(theme=theme)
    shown = trials.dropna(subset=["value"])
    axes = [*uprights, value]
    unfinished = shown.loc[shown["state"].isin(UNFINISHED)]
    _lines(figure, unfinished, axes, {"color": faded(theme.muted, 0.35), "width": 1, "dash": "dot"})
    complete = shown.loc[shown["state"] == "complete"].sort_values("value", ascending=higher_is_better)
    for shade, part in enumerate(np.array_split(np.arange(len(complete)), min(SHADES, max(len(complete), 1)))):
        colour = theme.sequential[1 + shade * (len(theme.sequential) - 2) // max(min(SHADES, len(complete)) - 1, 1)]
        _lines(figure, complete.iloc[part], axes, {"color": colour, "width": 1.5})
    _lines(figure, shown.loc[shown["trial"] == chosen], axes, {"color": theme.validation, "width": 3}, markers=True)
    for at, each in enumerate(axes):
        _draw_upright(figure, at, each, theme, last=at == len(axes) - 1)
    figure.update_xaxes(bare_axis(range=[-0.25, len(axes) - 0.5]))
    figure.update_yaxes(bare_axis(range=[-ROOM, 1 + 2.4 * ROOM]))
    figure.update_layout(hovermode="closest", margin={"l": 4, "r": 4, "t": 4, "b": 4})
    return figure


def best_so_far(
    values: pd.DataFrame,
    theme: Theme = LIGHT,
    *,
    y_title: str,
    present: float | None = None,
    repeats: tuple[float, float] | None = None,
) -> go.Figure:
    """The value of each complete trial as a dot, and the best up to it as a line.

    Parameters
    ----------
    values
        Columns trial, value, best.
    theme
        Light or dark.
    y_title
        What the value is.
    present
        Value of the network as it is, as a dashed line.
    repeats
        Mean and standard deviation of the best trial with other seeds, as a band.
    """
    figure = chart(theme=theme)
    figure.add_scatter(
        x=values["trial"],
        y=values["value"],
        mode="markers",
        marker={"color": theme.bar, "size": 7},
        name="trial",
        hovertemplate="trial %{x}: %{y:.4g}<extra></extra>",
    )
    figure.add_scatter(
        x=values["trial"],
        y=values["best"],
        mode="lines",
        line={"color": theme.training, "width": 2, "shape": "hv"},
        name="best so far",
        hovertemplate="best so far: %{y:.4g}<extra></extra>",
    )
    if present is not None:
        figure.add_hline(y=present, line={"color": theme.muted, "width": 1, "dash": DASHED})
        falls = len(values) > 1 and values["best"].iloc[-1] < values["best"].iloc[0]
        _beside_line(figure, present, "as it is now", above=falls)  # away from the line of the best
    if repeats is not None:
        mean, sd = repeats
        if sd:
            figure.add_hrect(y0=mean - sd, y1=mean + sd, fillcolor=faded(theme.validation, 0.15), line_width=0)
        figure.add_hline(y=mean, line={"color": theme.validation, "width": 1.5})
        _beside_line(figure, mean, "best, other seeds", theme.validation, left=True)
    last = float(values["trial"].max())
    ticks = round_ticks(0, last, steps=[size * 10**power for power in range(4) for size in (1, 2, 5)])
    figure.update_xaxes(axis("Trial", range=[0, last + 0.5]), tickvals=ticks)
    figure.update_yaxes(axis(y_title, range=_limits(values, present, repeats)))
    return figure


def importance_bars(shares: Mapping[str, float], theme: Theme = LIGHT) -> go.Figure:
    """Share of the spread of values that each setting explains; ``shares`` by title, adding up to 1."""
    ordered = sorted(shares.items(), key=lambda item: item[1], reverse=True)
    names = [_short(name, 24) for name, _ in ordered]
    values = [share for _, share in ordered]
    figure = chart(theme=theme)
    figure.add_bar(
        x=values,
        y=names,
        orientation="h",
        marker={"color": theme.training},
        text=[f"{100 * share:.0f} %" for share in values],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{y}: %{text}<extra></extra>",
    )
    figure.update_xaxes(axis("Share of the differences explained", percent=True, range=[0, 1]))
    figure.update_yaxes(category_axis(names, top_down=True))
    figure.update_layout(margin={"r": 40})
    return figure


def _lines(
    figure: go.Figure, trials: pd.DataFrame, axes: Sequence[Upright], line: dict[str, Any], *, markers: bool = False
) -> None:
    """All ``trials`` as one trace, with a gap between them."""
    if trials.empty:
        return
    x: list[float | None] = []
    y: list[float | None] = []
    words: list[str] = []
    for record in trials.to_dict("records"):
        told = f"<b>trial {record['trial']}</b>, {record['state']}<br>" + "<br>".join(
            f"{each.title}: {_worded(record[each.name])}" for each in axes
        )
        x += [*range(len(axes)), None]
        y += [*(each.place(record[each.name]) for each in axes), None]
        words += [told] * (len(axes) + 1)
    figure.add_scatter(
        x=x,
        y=y,
        mode="lines+markers" if markers else "lines",
        line=line,
        marker={"size": 7},
        text=words,
        hovertemplate="%{text}<extra></extra>",
    )


def _draw_upright(figure: go.Figure, at: int, each: Upright, theme: Theme, *, last: bool) -> None:
    figure.add_shape(
        type="line", x0=at, x1=at, y0=0, y1=1, line={"color": theme.text if last else theme.border, "width": 1}
    )
    figure.add_annotation(
        x=at,
        y=1 + ROOM,
        text=f"<b>{_short(each.title, 20)}</b>",
        hovertext=each.title,
        yanchor="bottom",
        xanchor="left" if at == 0 else "center",  # no room on its other side
        xshift=-12 if at == 0 else 0,
        font={"color": theme.text},
    )
    for height, words in each.ticks():
        figure.add_annotation(
            x=at, y=height, text=_short(words), xanchor="left", xshift=4, bgcolor=faded(theme.panel, 0.7)
        )


def _limits(values: pd.DataFrame, present: float | None, repeats: tuple[float, float] | None) -> list[float]:
    """The ends of an axis that holds all values, the dashed line and the band."""
    mean, sd = repeats or (values["value"].iloc[0], 0.0)
    shown = [*values["value"], mean - sd, mean + sd, *([] if present is None else [present])]
    low, high = float(min(shown)), float(max(shown))
    room = 0.08 * ((high - low) or abs(high) or 1.0)
    return [low - room, high + room]


def _beside_line(
    figure: go.Figure, y: float, words: str, colour: str | None = None, *, above: bool = True, left: bool = False
) -> None:
    font = {"font": {"color": colour}} if colour else {}
    place = {"x": 0, "xanchor": "left"} if left else {"x": 1, "xanchor": "right"}
    figure.add_annotation(xref="paper", y=y, yanchor="bottom" if above else "top", text=words, **place, **font)


def _short(words: str, most: int = MOST_LETTERS) -> str:
    return words if len(words) <= most else f"{words[: most - 1]}…"


def _worded(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
