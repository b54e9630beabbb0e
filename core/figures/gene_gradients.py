"""Heat maps of gradients below each other: types in rows, genes in columns, one scale."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.figures.heatmaps import BAR, MOST_GAPS
from core.figures.style import LIGHT, Theme, category_axis, chart, colour_bar, diverging, italic

TITLE, LETTER, BETWEEN, TOP = 20, 5.9, 6, 2
"""Pixels of a panel's title, of a letter of a gene's name, between two panels, and above the first."""
LONGEST = 10
"""Letters of a gene's name below a column; longer names are cut, and whole where the pointer rests."""
LOWEST_ROW = 12
"""Pixels of a row whose name can still be read."""


def gradient_heatmaps(
    panels: Sequence[tuple[str, pd.DataFrame]],
    theme: Theme = LIGHT,
    *,
    title: str,
    limit: float,
    height: int,
) -> go.Figure:
    """Panels from top to bottom, their genes equally wide.

    Parameters
    ----------
    panels
        Title and table (types x genes) of each.
    theme
        Light or dark.
    title
        What the colours are, with its unit.
    limit
        Value of the strongest colour, on either side of 0.
    height
        Pixels of the figure; more where rows would be too low for their names.
    """
    figure = chart(theme=theme)
    below = [round(LETTER * max(map(len, _short(table.columns)), default=1)) + 8 for _, table in panels]
    rows, columns = sum(len(table) for _, table in panels), max((len(table.columns) for _, table in panels), default=1)
    fixed = TOP + BAR + sum(below) + TITLE * len(panels) + BETWEEN * (len(panels) - 1)
    row = max(LOWEST_ROW, (height - fixed) / max(rows, 1))
    whole = round(fixed + row * rows)
    inside, above = whole - TOP - BAR, 0.0
    for number, ((name, table), names) in enumerate(zip(panels, below, strict=True), start=1):
        start = above + TITLE
        end = start + row * len(table)
        _panel(figure, number, table, theme, title=title, limit=limit, columns=columns)
        own = "" if number == 1 else str(number)
        figure.update_layout({f"yaxis{own}": {"domain": [1 - end / inside, 1 - start / inside], "anchor": f"x{own}"}})
        figure.update_layout({f"xaxis{own}": {"anchor": f"y{own}"}})
        figure.add_annotation(
            x=0,
            y=1 - start / inside,
            xref="paper",
            yref="paper",
            xanchor="left",
            yanchor="bottom",
            text=f"<b>{name}</b>",
        )
        above = end + names + BETWEEN
    figure.update_layout(height=whole, margin={"t": TOP, "b": BAR, "r": 4})
    return figure


def _short(genes: Iterable[str]) -> list[str]:
    return [name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…" for name in map(str, genes)]


def _panel(
    figure: go.Figure, number: int, table: pd.DataFrame, theme: Theme, *, title: str, limit: float, columns: int
) -> None:
    types, genes = [str(name) for name in table.index], [str(name) for name in table.columns]
    own = "" if number == 1 else str(number)
    figure.add_trace(
        go.Heatmap(
            z=table.to_numpy(dtype=float),
            x=list(range(len(genes))),
            y=types,
            customdata=np.tile(np.array(italic(genes), dtype=object), (len(types), 1)),
            xaxis=f"x{own}",
            yaxis=f"y{own}",
            zmin=-limit,
            zmax=limit,
            colorscale=diverging(theme),
            showscale=number == 1,
            colorbar=colour_bar(title, theme, tickvals=[-limit, 0, limit], tickformat=".2~g") if number == 1 else None,
            xgap=1 if len(genes) <= MOST_GAPS else 0,
            ygap=1,
            hovertemplate="%{customdata}, %{y}: %{z:.3g}<extra></extra>",
        )
    )
    rows = category_axis(types, top_down=True, tickfont={"color": theme.text})
    across = {
        "tickmode": "array",
        "tickvals": list(range(len(genes))),
        "ticktext": italic(_short(genes)),
        "tickangle": -90,
        "range": [-0.5, columns - 0.5],
        "showline": False,
        "automargin": False,
    }
    figure.update_layout({f"yaxis{own}": rows, f"xaxis{own}": across})
