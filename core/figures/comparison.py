"""Scores of several annotators side by side, with their intervals."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go

from core.figures.rows import numbers, where
from core.figures.style import DASHED, LIGHT, Theme, axis, category_axis, chart, round_ticks

GAP = 0.06
"""Share of the width between two panels."""
WIDTH = 2.5
"""Pixels of an interval's line."""
ROOM = 0.08
"""Share of an axis left free on both sides."""


def score_dots(
    scores: pd.DataFrame,
    titles: Mapping[str, str],
    theme: Theme = LIGHT,
    *,
    panels: Mapping[str, str],
    ours: str,
    floor: str = "",
    differences: bool = False,
) -> go.Figure:
    """One row per method, one panel per score: a dot with its interval; the dashed line is where ``ours`` lies.

    Parameters
    ----------
    scores
        Columns method, metric, value, low, high (shares from 0 to 1) and, for differences, difference,
        difference_low, difference_high.
    titles
        Methods in the order drawn, from the top, with what they are called.
    theme
        Light or dark.
    panels
        Metrics in order, with the title of each axis.
    ours
        The method in the primary colour, that the others are compared with.
    floor
        A method so far below all others that it has no say in the axes: beyond their end it is an arrow with its
        number.
    differences
        Draw how far each lies from ``ours``, in percentage points, in place of the scores.
    """
    figure = chart(theme=theme)
    names = [titles[name] for name in titles if not (differences and name == ours)]
    width = (1 - GAP * (len(panels) - 1)) / len(panels)
    columns = ("difference", "difference_low", "difference_high") if differences else ("value", "low", "high")
    for place, (metric, title) in enumerate(panels.items()):
        part = where(scores, "metric", metric)
        part = part.loc[part["method"].isin(list(titles))].dropna(subset=list(columns))
        x = f"x{place + 1 if place else ''}"
        drawn = _axis(part.loc[part["method"] != floor], columns, title, differences)
        _dots(figure, part, titles, theme, x, columns, ours, differences, drawn["range"][0])
        marked = 0.0 if differences else _own(part, ours)
        if marked is not None:
            line = {"color": theme.muted, "width": 1, "dash": DASHED}
            figure.add_shape(type="line", xref=x, yref="paper", x0=marked, x1=marked, y0=0, y1=1, line=line)
        start = place * (width + GAP)
        figure.update_layout({f"xaxis{x[1:]}": {**drawn, "domain": [start, start + width]}})
    figure.update_yaxes(category_axis(names, top_down=True, showgrid=True, tickfont={"color": theme.text}))
    return figure


def _dots(
    figure: go.Figure,
    part: pd.DataFrame,
    titles: Mapping[str, str],
    theme: Theme,
    x: str,
    columns: tuple[str, str, str],
    ours: str,
    differences: bool,
    lowest: float,
) -> None:
    scale = 100.0 if differences else 1.0
    rows = zip(part["method"].astype(str), *(scale * numbers(part, column) for column in columns), strict=True)
    for name, value, low, high in rows:
        if differences and name == ours:
            continue
        colour, title = theme.primary if name == ours else theme.muted, titles[name]
        line = {"color": colour, "width": WIDTH}
        if value < lowest:
            words = f"◂ {value:.0f}".replace("-", "−") if differences else f"◂ {100 * value:.0f} %"
            place = {"xref": x, "yref": "y", "x": lowest, "y": title, "xanchor": "left"}
            figure.add_annotation(**place, text=words, font={"color": theme.muted})
            continue
        figure.add_scatter(
            x=[low, high], y=[title] * 2, xaxis=x, mode="lines", line=line, hoverinfo="skip", showlegend=False
        )
        form = (
            f"{title}: {value:+.1f} points, {low:+.1f} to {high:+.1f}".replace("-", "−")
            if differences
            else f"{title}: {100 * value:.1f} %, {100 * low:.1f} to {100 * high:.1f} %"
        )
        figure.add_scatter(
            x=[value],
            y=[title],
            xaxis=x,
            mode="markers",
            marker={
                "size": 10,
                "color": colour if name == ours else theme.panel,
                "line": {"color": colour, "width": 2},
            },
            hovertemplate=f"{form}<extra></extra>",
            showlegend=False,
        )


def _own(part: pd.DataFrame, ours: str) -> float | None:
    own = part.loc[part["method"] == ours, "value"]
    return None if own.empty else float(own.iloc[0])


def _axis(part: pd.DataFrame, columns: tuple[str, str, str], title: str, differences: bool) -> dict:
    """From the lowest to the highest end with some room; differences always hold 0."""
    scale = 100.0 if differences else 1.0
    low = scale * float(part[columns[1]].min()) if len(part) else 0.0
    high = scale * float(part[columns[2]].max()) if len(part) else 1.0
    if differences:
        low, high = min(low, 0.0), max(high, 0.0)
    room = ROOM * ((high - low) or 1.0)
    if differences:
        ticks = round_ticks(low - room, high + room)
        words = [f"{tick:+.3g}".replace("-", "−") if tick else "0" for tick in ticks]
        return {**axis(f"{title} (points)", range=[low - room, high + room]), "tickvals": ticks, "ticktext": words}
    return axis(title, percent=True, range=[max(low - room, 0.0), min(high + room, 1.0 + 0.02)])
