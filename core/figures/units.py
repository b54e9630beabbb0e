"""Health of the code's units: one square each."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.figures.style import LIGHT, Theme, bare_axis, chart, legend_of

STATES = ("working", "saturated", "silent")


def unit_health(units: pd.DataFrame, theme: Theme = LIGHT, *, columns: int = 16) -> go.Figure:
    """A grid of squares, row by row. ``units`` has columns unit and state (working, saturated or silent)."""
    colours = [theme.working, theme.saturated, theme.silent]
    rows = max(-(-len(units) // columns), 1)
    state = np.full(rows * columns, np.nan)
    state[: len(units)] = [STATES.index(name) for name in units["state"]]
    words = [f"Unit {unit}: {name}" for unit, name in zip(units["unit"], units["state"], strict=True)]
    words += [""] * (rows * columns - len(units))
    squares = {
        "type": "heatmap",
        "z": state.reshape(rows, columns),
        "zmin": -0.5,
        "zmax": 2.5,
        "colorscale": [[edge / 3, colours[i]] for i in range(3) for edge in (i, i + 1)],
        "showscale": False,
        "xgap": 3,
        "ygap": 3,
        "text": np.array(words, dtype=object).reshape(rows, columns),
        "hovertemplate": "%{text}<extra></extra>",
        "hoverongaps": False,
    }
    marks = [
        {
            "type": "scatter",
            "x": [None],
            "y": [None],
            "mode": "markers",
            "marker": {"color": colour, "symbol": "square", "size": 10},
            "name": f"{int((units['state'] == name).sum())} {name}",
        }
        for name, colour in zip(STATES, colours, strict=True)
    ]
    legend, below = legend_of([mark["name"] for mark in marks], width=280, axis_title=False)
    return chart(
        [squares, *marks],
        theme,
        xaxis=bare_axis(range=[-0.5, columns - 0.5]),
        yaxis=bare_axis(range=[rows - 0.5, -0.5]),
        margin={"l": 0, "r": 0, "t": 0, "b": below},
        showlegend=True,
        legend=legend,
        height=24 * rows + below,
    )
