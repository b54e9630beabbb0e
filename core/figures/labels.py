"""How many cells each type has."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go

from core.figures.evidence import shortened
from core.figures.style import LIGHT, Theme, bare_axis, category_axis, chart, label_colours, rim

ROW, LINE = 26, 12
"""Pixels of a row of horizontal bars, and what a further line of a name adds."""
MOST_LETTERS, MOST_LINES, ONE_LINE = 16, 3, 28
"""Letters of a line of a name, its lines, and letters of a name that has one line only."""


def cells_per_type(
    counts: pd.DataFrame,
    theme: Theme = LIGHT,
    *,
    colours: Mapping[str, str] | None = None,
    row: int = ROW,
    one_line: bool = False,
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
    row
        Pixels of a bar with the gap to the next; names on several lines make all rows higher.
    one_line
        Whether every name stands on one line, a long one cut in the middle.
    """
    names = [str(name) for name in counts["cell_type"]]
    chosen = label_colours(names, colours, theme)
    words = [f"{cells:,}" for cells in counts["cells"]]
    if "of" in counts:
        words = [f"{word} of {whole:,}" for word, whole in zip(words, counts["of"], strict=True)]
    titles = shortened(names, ONE_LINE) if one_line else [in_lines(name) for name in names]
    row += LINE * (max((title.count("<br>") for title in titles), default=0))
    figure = chart(theme=theme, bargap=0.45, height=row * len(names) + 8)
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
        textfont={"color": theme.muted, "size": 12},
        constraintext="none",  # plotly would shrink the numbers to the bar
        cliponaxis=False,
        hovertemplate="%{y}: %{text}<extra></extra>",
    )
    figure.update_xaxes(bare_axis(range=[0, 1.02 * max(counts["cells"], default=1)]))
    figure.update_yaxes(category_axis(names, top_down=True, ticktext=titles, tickfont={"color": theme.text}))
    figure.update_layout(margin={"t": 0, "b": 0, "r": 16 + round(6.6 * max(map(len, words), default=0))})
    return figure


def in_lines(name: str) -> str:
    """A long name on several lines, the last one shortened where even that is not enough."""
    return "<br>".join(textwrap.wrap(name, MOST_LETTERS, max_lines=MOST_LINES, placeholder=" …") or [name])
