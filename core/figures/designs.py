"""The proportions of simulated mixtures, set by set: what a network is going to see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.figures.rows import numbers
from core.figures.style import LIGHT, Theme, axis, category_axis, chart, faded, label_colours, rim

Shown = Literal["violin", "box", "lines", "types"]
LINES = 200
"""Mixtures that are drawn as lines at most, evenly spaced."""


def design_shares(
    shares: pd.DataFrame, theme: Theme = LIGHT, *, shown: Shown = "violin", colours: Mapping[str, str] | None = None
) -> go.Figure:
    """Shares of each cell type in the mixtures of one set, or how many types a mixture has.

    Parameters
    ----------
    shares
        Mixtures in rows, cell types in columns; rows sum to 1.
    theme
        Light or dark.
    shown
        violin, box: the spread of each type's share. lines: each mixture's shares, the largest first. types: how many
        mixtures have so many types.
    colours
        The file's own colours by type.

    Source: the four plots of digitalDLSorteR's ``showProbPlot``.
    """
    if shown == "types":
        return _number_of_types(shares, theme)
    if shown == "lines":
        return _falling(shares, theme)
    names = [str(name) for name in shares.columns]
    chosen = label_colours(names, colours, theme)
    figure = chart(theme=theme)
    for name, column in zip(names, shares.columns, strict=True):
        edge = rim(chosen[name], theme)
        common = {
            "y": 100 * numbers(shares, column),
            "name": name,
            "fillcolor": faded(chosen[name], 0.35),
            "line": {"color": edge, "width": 1.5},
            "hovertemplate": f"{name}: %{{y:.0f}} %<extra></extra>",
        }
        if shown == "violin":
            figure.add_violin(**common, points=False, spanmode="hard", meanline={"visible": True}, scalemode="width")
        else:
            figure.add_box(**common, boxpoints=False)
    figure.update_xaxes(category_axis(names))
    figure.update_yaxes(axis("Share in a mixture (%)", range=[-2, 102]))
    return figure


def _falling(shares: pd.DataFrame, theme: Theme) -> go.Figure:
    ordered = 100 * np.sort(shares.to_numpy(float), axis=1)[:, ::-1]
    some = ordered[np.linspace(0, len(ordered) - 1, min(LINES, len(ordered))).round().astype(int)]
    rank = np.arange(1, ordered.shape[1] + 1)
    figure = chart(theme=theme)
    # one trace with gaps between the lines: hundreds of traces would be slow
    figure.add_scatter(
        x=np.append(rank, np.nan)[None].repeat(len(some), axis=0).ravel(),
        y=np.hstack([some, np.full((len(some), 1), np.nan)]).ravel(),
        mode="lines",
        line={"color": faded(theme.lines[0], 0.25), "width": 1},
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=rank,
        y=ordered.mean(axis=0),
        mode="lines+markers",
        line={"color": theme.text, "width": 2},
        hovertemplate="rank %{x}: %{y:.1f} % on average<extra></extra>",
    )
    figure.update_xaxes(axis("Cell types of a mixture, the largest first", tickmode="linear", tick0=1, dtick=1))
    figure.update_yaxes(axis("Share in a mixture (%)", range=[-2, 102]))
    return figure


def _number_of_types(shares: pd.DataFrame, theme: Theme) -> go.Figure:
    found = (shares.to_numpy(float) > 0).sum(axis=1)
    sizes = np.bincount(found, minlength=shares.shape[1] + 1)[1:]
    figure = chart(theme=theme, bargap=0.3)
    figure.add_bar(
        x=np.arange(1, len(sizes) + 1),
        y=sizes,
        marker={"color": theme.lines[0]},
        hovertemplate="%{x} types: %{y:,} mixtures<extra></extra>",
    )
    figure.update_xaxes(axis("Cell types in a mixture", tickmode="linear", tick0=1, dtick=1))
    figure.update_yaxes(axis("Mixtures"))
    return figure
