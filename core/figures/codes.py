"""One code unit: where it is high and which genes it moves."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.figures.labels import ROW
from core.figures.legend import Entry, short_legend
from core.figures.rows import names_in, numbers, where
from core.figures.style import (
    LIGHT,
    Theme,
    axis,
    category_axis,
    chart,
    faded,
    italic,
    label_colours,
    rim,
)

_MOST_CELLS = 4000


def unit_violins(
    values: pd.DataFrame, unit: str, theme: Theme = LIGHT, *, colours: Mapping[str, str] | None = None
) -> go.Figure:
    """Value of a unit in each cell type, highest median on top; the circle is the median.

    Parameters
    ----------
    values
        Columns cell_type and value, one row per cell.
    unit
        Name of the unit, for the axis.
    theme
        Light or dark.
    colours
        The file's own colours by type.
    """
    names = names_in(values, "cell_type")
    medians = {name: float(np.median(numbers(where(values, "cell_type", name), "value"))) for name in names}
    ordered = sorted(names, key=lambda name: -medians[name])
    chosen = label_colours(sorted(names), colours, theme)
    figure = chart(theme=theme, height=40 * len(names) + 48)
    for name in ordered:
        part = numbers(where(values, "cell_type", name), "value")
        step = -(-len(part) // _MOST_CELLS)
        edge = rim(chosen[name], theme)
        figure.add_violin(
            x=np.sort(part)[::step],
            y0=name,
            name=name,
            orientation="h",
            points=False,
            width=0.9,
            spanmode="hard",
            line={"color": edge, "width": 1},
            fillcolor=faded(chosen[name], 0.75),
            hoverinfo="skip",
        )
    figure.add_scatter(
        x=[medians[name] for name in ordered],
        y=ordered,
        mode="markers",
        marker={"size": 8, "color": theme.panel, "line": {"color": theme.text, "width": 1.5}},
        hovertemplate="%{y}: median %{x:.3g}<extra></extra>",
    )
    figure.update_xaxes(axis(f"Value of {unit}", grid=True, showline=False))
    figure.update_yaxes(category_axis(ordered, top_down=True, tickfont={"color": theme.text}))
    return figure


def gene_changes(
    genes: pd.DataFrame, theme: Theme = LIGHT, *, when: str = "the unit rises by 2 standard deviations"
) -> go.Figure:
    """How much each gene changes when a unit is moved. ``genes`` has columns gene and change, in the order drawn."""
    names = italic(genes["gene"])
    change = genes["change"].to_numpy(dtype=float)
    up = change >= 0
    largest = float(np.abs(change).max(initial=1e-9))
    digits = max(2, 2 - math.ceil(math.log10(largest or 1e-9)))
    figure = chart(theme=theme, bargap=0.42)
    for name, rows, colour in (("up", up, theme.validation), ("down", ~up, theme.training)):
        figure.add_bar(
            x=np.abs(change[rows]),
            y=[gene for gene, shown in zip(names, rows, strict=True) if shown],
            orientation="h",
            name=name,
            marker={"color": colour, "line": {"width": 0}},
            text=[f"{value:+.{digits}f}".replace("-", "−") for value in change[rows]],
            textposition="outside",
            textfont={"color": theme.muted},
            cliponaxis=False,
            hovertemplate="%{y}: %{text}<extra></extra>",
        )
    across = axis(f"Change when {when}", range=[0, 1.02 * largest])
    figure.update_xaxes({**across, "showticklabels": False, "showline": False})
    figure.update_yaxes(category_axis(names, top_down=True, tickfont={"color": theme.text}))
    entries = [Entry("up", theme.validation), Entry("down", theme.training)]
    below = short_legend(figure, entries, theme, width=300, above=28)
    figure.update_layout(barmode="overlay", margin={"t": 0, "r": 56}, height=ROW * len(names) + below)
    return figure
