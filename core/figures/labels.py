"""How many cells each type has."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go

from core.figures.style import LIGHT, Theme, bare_axis, category_axis, chart, label_colours, rim

ROW = 26
"""Pixels of a row of horizontal bars."""


def cells_per_type(
    counts: pd.DataFrame, theme: Theme = LIGHT, *, colours: Mapping[str, str] | None = None
) -> go.Figure:
    """One bar per type with its number.

    Parameters
    ----------
    counts
        Columns cell_type and cells, and of (all cells of the type) where a part is shown; drawn from the top.
    theme
        Light or dark.
    colours
        The file's own colours by type.
    """
    names = [str(name) for name in counts["cell_type"]]
    chosen = label_colours(names, colours, theme)
    words = [f"{cells:,}" for cells in counts["cells"]]
    if "of" in counts:
        words = [f"{word} of {whole:,}" for word, whole in zip(words, counts["of"], strict=True)]
    figure = chart(theme=theme, bargap=0.45, height=ROW * len(names) + 8)
    figure.add_bar(
        x=counts["cells"],
        y=names,
        orientation="h",
        marker={
            "color": [chosen[name] for name in names],
            "line": {"color": [rim(chosen[name], theme) for name in names], "width": 1},
        },
        text=words,
        textposition="outside",
        textfont={"color": theme.muted},
        cliponaxis=False,
        hovertemplate="%{y}: %{text}<extra></extra>",
    )
    figure.update_xaxes(bare_axis(range=[0, 1.02 * max(counts["cells"], default=1)]))
    figure.update_yaxes(category_axis(names, top_down=True, tickfont={"color": theme.text}))
    figure.update_layout(margin={"t": 0, "b": 0, "r": 16 + round(6.6 * max(map(len, words), default=0))})
    return figure
