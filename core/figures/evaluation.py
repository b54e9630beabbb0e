"""Claims tried again: values with their range, differences in each split, baselines."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go

from core.figures.rows import names_in, where
from core.figures.style import (
    DASHED,
    LIGHT,
    Theme,
    axis,
    category_axis,
    chart,
    faded,
    legend_below,
    legend_remark,
    name_ends,
    round_ticks,
)

ROOM = 0.3
"""Share of the longest bar that is kept free behind it for its number."""
SMALLEST_IN_FULL = 1e-4


def value_bands(
    values: pd.DataFrame,
    theme: Theme = LIGHT,
    *,
    x_title: str,
    y_title: str,
    paper: float | None = None,
    colours: Mapping[str, str] | None = None,
) -> go.Figure:
    """Mean of each method along a setting, with its range as a band.

    Parameters
    ----------
    values
        Columns at (the setting's value), method, mean, low, high.
    theme
        Light or dark.
    x_title, y_title
        What is varied and what is measured, with units.
    paper
        The setting's value in the paper, marked with a dashed line.
    colours
        By method; without them the theme's line colours in order.
    """
    methods = names_in(values, "method")
    chosen = colours or _line_colours(methods, theme)
    figure = chart(theme=theme)
    ends = []
    for name in methods:
        part = where(values, "method", name, by="at")
        band = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"}
        figure.add_scatter(x=part["at"], y=part["high"], **band)
        figure.add_scatter(x=part["at"], y=part["low"], fill="tonexty", fillcolor=faded(chosen[name], 0.15), **band)
        figure.add_scatter(
            x=part["at"],
            y=part["mean"],
            mode="lines+markers",
            name=name,
            line={"color": chosen[name], "width": 2},
            marker={"size": 7},
            hovertemplate="%{y:.4g} at %{x}<extra>" + name + "</extra>",
        )
        ends.append((float(part["at"].iloc[-1]), float(part["mean"].iloc[-1]), name, chosen[name]))
    low, high = (float(values["low"].min()), float(values["high"].max())) if len(values) else (0.0, 1.0)
    room = 0.05 * ((high - low) or 1.0)
    first, last = (float(values["at"].min()), float(values["at"].max())) if len(values) else (0.0, 1.0)
    figure.update_xaxes(axis(x_title, range=[first - 0.04 * (last - first), last + 0.02 * (last - first)]))
    figure.update_yaxes(axis(y_title, range=[low - room, high + room]))
    name_ends(figure, ends, low=low - room, high=high + room)
    if paper is not None:
        figure.add_vline(x=paper, line={"color": theme.muted, "width": 1, "dash": DASHED})
        figure.add_annotation(
            x=paper, y=1, yref="paper", text=f"paper: {paper:g}", xanchor="left", yanchor="top", xshift=5
        )
    return figure


def difference_dots(
    differences: pd.DataFrame, theme: Theme = LIGHT, *, y_title: str, remark: str = "", split_title: str = "Split"
) -> go.Figure:
    """Difference from a baseline in each split. ``differences`` has columns split, method, difference."""
    methods = names_in(differences, "method")
    figure = chart(theme=theme)
    for name, colour in _line_colours(methods, theme).items():
        part = where(differences, "method", name)
        figure.add_scatter(
            x=part["split"].astype(str),
            y=part["difference"],
            mode="markers",
            name=name,
            marker={"size": 10, "color": colour},
            hovertemplate="Split %{x}: %{y:+.4g}<extra>" + name + "</extra>",
        )
    figure.add_hline(y=0, line={"color": theme.text, "width": 1, "dash": DASHED})
    reach = 1.2 * (float(differences["difference"].abs().max()) if len(differences) else 1.0)
    splits = names_in(differences, "split")
    figure.update_xaxes({**category_axis(splits, showline=False), "title": {"text": split_title}})
    ticks = round_ticks(-(reach or 1.0), reach or 1.0)
    signed = [f"{tick:+.3g}".replace("-", "−") if tick else "0" for tick in ticks]
    figure.update_yaxes(axis(y_title, range=[-(reach or 1.0), reach or 1.0]))
    figure.update_yaxes(tickvals=ticks, ticktext=signed)
    if remark:
        legend_remark(figure, remark)
    legend_below(figure)
    return figure


def baseline_bars(
    values: pd.DataFrame, theme: Theme = LIGHT, *, value_title: str, ours: str | None = None, paper: float | None = None
) -> go.Figure:
    """One lying bar per method with its range, ours in the primary colour.

    Parameters
    ----------
    values
        Columns method, value and, for ranges, low and high; in the order drawn, from the top.
    theme
        Light or dark.
    value_title
        What is measured, with its unit.
    ours
        Method in the primary colour.
    paper
        The paper's number, as a dashed line.
    """
    names = [str(name) for name in values["method"]]
    figure = chart(theme=theme)
    ranged = {"low", "high"} <= set(values.columns)
    error = (
        {
            "type": "data",
            "symmetric": False,
            "array": values["high"] - values["value"],
            "arrayminus": values["value"] - values["low"],
            "thickness": 1.5,
            "width": 4,
            "color": theme.muted,
        }
        if ranged
        else None
    )
    end = values["high"] if ranged else values["value"]
    figure.add_bar(
        orientation="h",
        y=names,
        x=values["value"],
        marker={"color": [theme.primary if name == ours else theme.bar for name in names], "line": {"width": 0}},
        error_x=error,
        hovertemplate="%{y}: %{x:.4g}<extra></extra>",
    )
    for name, value, at in zip(names, values["value"], end, strict=True):
        words = f"<b>{written(value)}</b>" if name == ours else written(value)
        figure.add_annotation(y=name, x=max(at, 0.0), text=words, xanchor="left", xshift=4, font={"color": theme.text})
    longest = max([0.0, *map(float, end), paper or 0.0])
    lowest = min([0.0, *map(float, values["value"])])
    if paper is not None:
        figure.add_vline(x=paper, line={"color": theme.muted, "width": 1, "dash": DASHED})
        side = "right" if paper > 0.5 * longest else "left"
        figure.add_annotation(
            x=paper, y=1, yref="paper", text=f"paper: {written(paper)}", xanchor=side, yanchor="bottom"
        )
        figure.update_layout(margin_t=24)
    figure.update_yaxes(category_axis(names, top_down=True, ticklabelstandoff=4, ticklen=0))
    figure.update_xaxes(axis(value_title, range=[lowest, lowest + (1 + ROOM) * ((longest - lowest) or 1.0)]))
    return figure


def written(value: float) -> str:
    """Three digits; powers of ten where the number is tiny; a true minus."""
    if value and abs(value) < SMALLEST_IN_FULL:
        digits, _, power = f"{value:.0e}".partition("e")
        return f"{digits} × 10<sup>{int(power)}</sup>".replace("-", "−")
    return f"{value:.3g}".replace("-", "−")


def _line_colours(methods: list[str], theme: Theme) -> dict[str, str]:
    return {name: theme.lines[number % len(theme.lines)] for number, name in enumerate(methods)}
