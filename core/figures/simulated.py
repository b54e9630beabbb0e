"""Simulated cells beside real ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.figures.legend import Entry, short_legend
from core.figures.rows import names_in, numbers, where
from core.figures.style import DASHED, LIGHT, Theme, axis, chart, faded, label_colours, rim

MOST_POINTS = 2000
"""Genes or cells of a set that are drawn: more would only lie on each other."""
SETS = ("real", "simulated")
_POINT = 5
_ROOM = 0.03


def mean_variance(genes: pd.DataFrame, cell_type: str, theme: Theme = LIGHT, *, width: int = 440) -> go.Figure:
    """Variance of each gene against its mean in one type, real and simulated, on log axes.

    Parameters
    ----------
    genes
        Columns cell_type, gene, set (real or simulated), mean and variance (counts); genes without variance in a set
        are left out of it.
    cell_type
        The type shown.
    theme
        Light or dark.
    width
        Pixels that the plot is likely to be wide, which decide where the legend breaks.
    """
    table = where(genes, "cell_type", cell_type).query("mean > 0 and variance > 0")
    ranges = [_log_range(numbers(table, column)) for column in ("mean", "variance")]
    figure = chart(theme=theme)
    ends = [10 ** max(low for low, _ in ranges), 10 ** min(high for _, high in ranges)]
    line = {"color": theme.muted, "width": 1, "dash": DASHED}
    figure.add_scatter(x=ends, y=ends, mode="lines", line=line, hoverinfo="skip", showlegend=False)
    for which, colour in reversed(_set_colours(theme).items()):
        part = _spread(where(table, "set", which))
        _dots(figure, part, ("mean", "variance"), which, colour)
    figure.update_xaxes(axis("Mean count", type="log", range=list(ranges[0])))
    figure.update_yaxes(axis("Variance", type="log", range=list(ranges[1])))
    poisson = Entry("variance = mean", theme.muted, mark="dash")
    short_legend(figure, [*_set_entries(theme), poisson], theme, width=width, above=44)
    return figure


def zero_shares(genes: pd.DataFrame, cell_type: str, theme: Theme = LIGHT) -> go.Figure:
    """Share of zeros of each gene in simulated cells against that in real cells of one type.

    ``genes`` has columns cell_type, gene, set (real or simulated) and zeros (share of cells from 0 to 1).
    """
    table = where(genes, "cell_type", cell_type)
    both = table.pivot(index="gene", columns="set", values="zeros").reindex(columns=list(SETS)).dropna().reset_index()
    figure = chart(theme=theme)
    line = {"color": theme.muted, "width": 1, "dash": DASHED}
    figure.add_scatter(x=[0, 1], y=[0, 1], mode="lines", line=line, hoverinfo="skip", showlegend=False)
    figure.add_annotation(x=0, y=0, text="equal", xanchor="left", xshift=24, yshift=8)
    part = _spread(both)
    _dots(figure, part, SETS, cell_type, theme.training)
    room = [-_ROOM, 1 + _ROOM]
    figure.update_xaxes(axis("Zeros in real cells", percent=True, range=room))
    figure.update_yaxes(axis("Zeros in simulated cells", percent=True, range=room))
    return figure


def component_overlap(
    cells: pd.DataFrame,
    theme: Theme = LIGHT,
    *,
    explained: Sequence[float] = (),
    colours: Mapping[str, str] | None = None,
    width: int = 440,
) -> go.Figure:
    """Real cells as dots and simulated ones as rings on the real cells' first two components.

    Parameters
    ----------
    cells
        Columns cell_type, set (real or simulated), x and y, one row per cell.
    theme
        Light or dark.
    explained
        Share of the real cells' variance along each component, written at its axis.
    colours
        The file's own colours by type.
    width
        Pixels that the plot is likely to be wide, which decide where the legend breaks.
    """
    types = names_in(cells, "cell_type")
    chosen = label_colours(types, colours, theme)
    figure = chart(theme=theme)
    for which in reversed(SETS):  # real cells last: they are the fewer, and must be seen
        for name in types:
            part = _spread(where(where(cells, "set", which), "cell_type", name))
            colour = rim(chosen[name], theme)
            ring = {"color": theme.panel if which == "real" else colour, "width": 1}
            fill = chosen[name] if which == "real" else "rgba(0,0,0,0)"
            figure.add_scatter(
                x=part["x"],
                y=part["y"],
                mode="markers",
                name=f"{name}, {which}",
                marker={"size": 7 if which == "real" else 6, "color": fill, "line": ring},
                opacity=1.0 if which == "real" else 0.6,
                hovertemplate=f"{name}, {which}<extra></extra>",
            )
    shares = [f" ({100 * share:.1f} %)" for share in explained] or ["", ""]
    figure.update_xaxes(axis(f"Component 1{shares[0]}"))
    figure.update_yaxes(axis(f"Component 2{shares[1]}"))
    entries = [Entry(name, chosen[name], rim(chosen[name], theme), mark="circle") for name in types]
    rings = Entry("ring: simulated", theme.panel, theme.muted, mark="circle")
    short_legend(figure, [*entries, rings], theme, width=width, above=44)
    return figure


def _dots(figure: go.Figure, table: pd.DataFrame, columns: tuple[str, str], name: str, colour: str) -> None:
    figure.add_scatter(
        x=table[columns[0]],
        y=table[columns[1]],
        mode="markers",
        name=name,
        marker={"size": _POINT, "color": faded(colour, 0.5), "line": {"width": 0}},
        customdata=table["gene"],
        hovertemplate="<i>%{customdata}</i>: %{x:.3g}, %{y:.3g}<extra>" + name + "</extra>",
    )


def _set_colours(theme: Theme) -> dict[str, str]:
    return dict(zip(SETS, theme.lines, strict=False))


def _set_entries(theme: Theme) -> list[Entry]:
    return [Entry(name, colour, mark="circle") for name, colour in _set_colours(theme).items()]


def _spread(table: pd.DataFrame) -> pd.DataFrame:
    """At most so many rows, evenly from the whole table: the same ones each time it is drawn."""
    if len(table) <= MOST_POINTS:
        return table
    return table.iloc[np.linspace(0, len(table) - 1, MOST_POINTS).round().astype(int)]


def _log_range(values: np.ndarray) -> tuple[float, float]:
    if not len(values):
        return 0.0, 1.0
    low, high = np.log10(values.min()), np.log10(values.max())
    room = max(_ROOM * (high - low), 0.05)
    return float(low - room), float(high + room)
