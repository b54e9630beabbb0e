"""What became of the cells of a bridge."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from core.figures.labels import ROW, in_lines
from core.figures.style import LIGHT, NOT_ASSIGNED, Theme, axis, category_axis, chart, label_colours, legend_below

LEGEND, WIDTH = 92, 300
"""Pixels below the bars for the axis and the legend, and of the whole chart from left to right."""

OF_THE_TYPE = " of the type"
"""End of a fate that the legend can spare, since every bar is a type."""


def bridge_fates(table: pd.DataFrame, fates: Sequence[str], theme: Theme = LIGHT, *, row: int = ROW) -> go.Figure:
    """A bar per type, parted by what became of its cells.

    Parameters
    ----------
    table
        Columns cell_type and, for each of ``fates``, cells; drawn from the top.
    fates
        In the order of the bar, the cells that were used first.
    theme
        Light or dark.
    row
        Pixels of a bar with the gap to the next.
    """
    names = [str(name) for name in table["cell_type"]]
    refused = label_colours([NOT_ASSIGNED], None, theme)[NOT_ASSIGNED]
    shades = [theme.training, refused, theme.validation, theme.silent]
    figure = chart(theme=theme, barmode="stack", bargap=0.4, height=row * len(names) + LEGEND, margin={"t": 0, "r": 16})
    for fate, shade in zip(fates, shades, strict=False):
        figure.add_bar(
            x=table[fate],
            y=names,
            orientation="h",
            name=fate.removesuffix(OF_THE_TYPE),
            marker={"color": shade},
            hovertemplate=f"%{{y}}: %{{x:,}} cells, {fate}<extra></extra>",
        )
    figure.update_xaxes(axis("Cells of the bridge"))
    titles = [in_lines(name) for name in names]
    figure.update_yaxes(category_axis(names, top_down=True, ticktext=titles, tickfont={"color": theme.text}))
    legend_below(figure, width=WIDTH)
    return figure
