"""Expected against predicted proportions in small panels, one for each group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.figures.dots import edge
from core.figures.panels import panel_name
from core.figures.rows import numbers, where
from core.figures.style import DASHED, LIGHT, Theme, axis, label_colours, template
from core.figures.thinning import MOST_DOTS, thinned

MOST_COLUMNS = 5
LARGE, SMALL = 5, 3
"""Size of a dot where a panel holds few, or many."""
MANY = 150


def expected_panels(
    table: pd.DataFrame,
    theme: Theme = LIGHT,
    *,
    by: str,
    groups: Sequence[str],
    words: Mapping[str, str] | None = None,
    names: Mapping[str, str] | None = None,
    colours: Mapping[str, str] | None = None,
    measured_by: str = "Measured",
) -> go.Figure:
    """One panel for each group, all on one scale; a right answer lies on the dashed line, the fitted line is solid.

    The line is fitted to all rows of the group by least squares; of many rows some are drawn.

    Parameters
    ----------
    table
        Columns sample, cell_type, expected, predicted (shares from 0 to 1) and ``by``.
    theme
        Light or dark.
    by
        Column that makes the panels, such as cell_type or nCellTypes.
    groups
        Values of ``by`` to draw, as text, in order.
    words
        Group -> words under its name, such as ``r 0.93, CCC 0.88``.
    names
        Group -> what it is called, where its value does not say it.
    colours
        The file's own colours by type.
    measured_by
        Title of the x axes.

    Source: digitalDLSorteR, ``corrExpPredPlot``.
    """
    columns = max(1, min(MOST_COLUMNS, len(groups), int(np.ceil(np.sqrt(len(groups) * 1.4)))))
    rows = -(-len(groups) // columns)
    figure = make_subplots(
        rows,
        columns,
        shared_xaxes=True,
        shared_yaxes=True,
        vertical_spacing=min(0.18, 0.36 / max(1, rows)),
        horizontal_spacing=0.16 / columns,
    )
    figure.update_layout(template=template(theme), showlegend=False, margin={"t": 36})
    highest = max((float(table[side].max()) for side in ("expected", "predicted")), default=1.0) if len(table) else 1.0
    top = min(1.0, 1.04 * highest) or 1.0
    own = label_colours(table["cell_type"].unique(), colours, theme)
    for number, group in enumerate(groups):
        place: dict[str, Any] = {"row": number // columns + 1, "col": number % columns + 1}
        part = where(table, by, group)
        line = {"color": theme.muted, "width": 1, "dash": DASHED}
        figure.add_scatter(x=[0, top], y=[0, top], mode="lines", line=line, hoverinfo="skip", **place)
        figure.add_trace(_dots(part, theme, own, measured_by, MOST_DOTS // len(groups)), **place)
        if (fitted := _fitted(part)) is not None:
            line = {"color": theme.text, "width": 1.5}
            figure.add_scatter(x=fitted[0], y=fitted[1], mode="lines", line=line, hoverinfo="skip", **place)
        title = f"<b>{(names or {}).get(group, group)}</b>"
        title += f"<br>{words[group]}" if words and group in words else ""
        panel_name(figure, title, theme, place)
        figure.update_xaxes(
            _axis(measured_by if place["row"] == rows or number + columns >= len(groups) else "", top), **place
        )
        figure.update_yaxes(_axis("Predicted" if place["col"] == 1 else "", top), **place)
        if number + columns >= len(groups):
            figure.update_xaxes(showticklabels=True, **place)
    return figure


def _dots(part: pd.DataFrame, theme: Theme, own: Mapping[str, str], measured_by: str, most: int) -> go.Scatter:
    drawn = thinned(part, most)
    many = len(drawn) > MANY
    shades = [own[str(name)] for name in drawn["cell_type"]]
    true, found = numbers(drawn, "expected"), numbers(drawn, "predicted")
    return go.Scatter(
        x=true,
        y=found,
        mode="markers",
        marker={
            "size": SMALL if many else LARGE,
            "opacity": 0.6 if many else 1.0,
            "color": shades,
            "line": {"color": [edge(shade, theme) for shade in shades], "width": 0 if many else 0.5},
        },
        customdata=np.stack([drawn["sample"], drawn["cell_type"], 100 * true, 100 * found], axis=-1),
        hovertemplate="%{customdata[0]}, %{customdata[1]}: "
        + measured_by.lower()
        + " %{customdata[2]:.3s} %, predicted %{customdata[3]:.3s} %<extra></extra>",
    )


def _fitted(part: pd.DataFrame) -> tuple[np.ndarray, np.ndarray] | None:
    """Both ends of the least-squares line; none through fewer than three rows or where nothing varies."""
    true, found = numbers(part, "expected"), numbers(part, "predicted")
    if len(true) < 3 or np.ptp(true) == 0:
        return None
    ends = np.array([true.min(), true.max()])
    slope = np.cov(true, found)[0, 1] / true.var(ddof=1)
    return ends, found.mean() + slope * (ends - true.mean())


def _axis(title: str, top: float) -> dict[str, Any]:
    half = next((step for step in (0.05, 0.1, 0.2, 0.25, 0.5) if 2 * step >= 0.8 * top), 0.5)
    ticks = [tick for tick in (0.0, half, 2 * half) if tick <= top * 1.001]
    words = [f"{100 * tick:.0f}" for tick in ticks]
    made = axis(f"{title} (%)" if title else "", range=[-0.02 * top, 1.02 * top])
    return {**made, "tickmode": "array", "tickvals": ticks, "ticktext": words}
