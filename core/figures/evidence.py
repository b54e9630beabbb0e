"""Evidence for labels: marker sets compared, markers in both files, own labels against given ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.figures.heatmaps import BAR, ROW, heatmap, row_shares_heatmap
from core.figures.rows import names_in
from core.figures.style import (
    DASHED,
    LIGHT,
    NOT_ASSIGNED,
    Theme,
    axis,
    category_axis,
    chart,
    colour_bar,
    italic,
    legend_below,
    template,
)

LEVEL = 0.05
"""Largest adjusted p that counts as beyond chance."""
_SLANTED = 4.6
"""Pixels that a letter of a slanted name takes below the chart."""
_GENE_NAMES = 50
"""Pixels of the genes' names under the dots."""
_DOT, _LEAST = 14, 3
"""Pixels of a dot that stands for all cells, and of one that stands for none."""


def match_heatmap(overlap: pd.DataFrame, theme: Theme = LIGHT) -> go.Figure:
    """Jaccard index of marker sets; a number where it is beyond chance, in bold the best of each query group.

    Parameters
    ----------
    overlap
        Columns reference, query, cells, jaccard, chance, p_adjusted; one row per pair.
    theme
        Light or dark.
    """
    types = names_in(overlap, "reference")
    groups = _beside_their_type(overlap, types)
    table = overlap.pivot(index="reference", columns="query", values="jaccard").loc[types, groups]
    beyond = overlap.pivot(index="reference", columns="query", values="p_adjusted").loc[types, groups] <= LEVEL
    chance = overlap.pivot(index="reference", columns="query", values="chance").loc[types, groups]
    values = table.to_numpy(dtype=float)
    best = values == values.max(axis=0, keepdims=True)
    words = np.full(values.shape, "", dtype=object)
    for row, column in zip(*np.nonzero(beyond.to_numpy(bool)), strict=True):
        number = f"{values[row, column]:.2f}".removeprefix("0")
        words[row, column] = f"<b>{number}</b>" if best[row, column] else number
    cells = overlap.drop_duplicates("query").set_index("query")["cells"]
    figure = heatmap(table, theme, title="Jaccard index, 0 to 1", low=0, high=1, words=words)
    _short_columns(figure, groups)
    figure.update_traces(
        textfont={"size": 12},
        customdata=np.dstack([chance.to_numpy(), np.tile([cells[name] for name in groups], (len(types), 1))]),
        hovertemplate="%{y} in the reference, %{x} in the query (%{customdata[1]:,} cells): %{z:.2f}, "
        "%{customdata[0]:.2f} by chance<extra></extra>",
    )
    return figure


def paired_dots(dots: pd.DataFrame, theme: Theme = LIGHT, *, width: int = 1100) -> go.Figure:
    """Markers of the reference in both files: size is the share of cells, colour the level within that file.

    Parameters
    ----------
    dots
        Columns source (reference or query), cell_type, cells, gene, marker_of, share, mean, level.
    theme
        Light or dark.
    width
        Pixels that the figure is likely to be wide, which decide how many genes are named.
    """
    genes = names_in(dots, "gene")
    types = _types_in_order(dots)
    figure = make_subplots(cols=2, shared_yaxes=True, horizontal_spacing=0.015)
    figure.update_layout(template=template(theme))
    step = max(1, -(-26 * len(genes) // width))
    for column, source in enumerate(("reference", "query"), start=1):
        part = dots.loc[dots["source"] == source]
        figure.add_scatter(
            x=[genes.index(gene) for gene in part["gene"]],
            y=part["cell_type"],
            mode="markers",
            marker={
                "size": _LEAST + (_DOT - _LEAST) * np.sqrt(part["share"].to_numpy(dtype=float).clip(0, 1)),
                "color": part["level"],
                "cmin": 0,
                "cmax": 1,
                "colorscale": _from_second(theme),
                "opacity": 1,
                "line": {"color": theme.sequential[2], "width": 1},
                "showscale": column == 1,
                "colorbar": colour_bar("Mean over the gene's highest in that file", theme, tickvals=[0, 0.5, 1]),
            },
            customdata=np.stack(
                [italic(part["gene"]), 100 * part["share"], part["mean"], part["marker_of"], part["cells"]], axis=-1
            ),
            hovertemplate=f"{source.capitalize()}, %{{y}} (%{{customdata[4]:,}} cells): %{{customdata[0]}}, "
            "marker of %{customdata[3]}: %{customdata[1]:.0f} % of cells, mean %{customdata[2]:.2f}<extra></extra>",
            row=1,
            col=column,
        )
        figure.update_xaxes(
            tickmode="array",
            tickvals=list(range(0, len(genes), step)),
            ticktext=italic(genes[::step]),
            tickangle=-50,
            showline=False,
            range=[-0.7, len(genes) - 0.3],
            tickfont={"color": theme.text},
            row=1,
            col=column,
        )
        figure.update_yaxes(
            category_axis(types, top_down=True, tickfont={"color": theme.text}, showgrid=True), row=1, col=column
        )
        _name_panel(figure, source.capitalize(), "x domain" if column == 1 else "x2 domain", theme)
    below = _GENE_NAMES + BAR
    figure.update_layout(height=ROW * len(types) + 26 + below, margin={"t": 26, "b": below})
    figure.update_xaxes(automargin=False)
    return figure


def identity_heatmap(
    counts: pd.DataFrame, labelled: Sequence[float], theme: Theme = LIGHT, *, bar: bool = True
) -> go.Figure:
    """The query's own labels against the labels given: shares of each row, with all cells in them.

    Parameters
    ----------
    counts
        Cells, own labels in rows, given labels in columns, the cells without a label in the last column.
    labelled
        (n_rows,), share of each row's cells that keep a label, 0 to 1; written at the right.
    theme
        Light or dark.
    bar
        Show the colour bar; without it the axis says what the numbers in the cells are.
    """
    values = counts.to_numpy(dtype=float)
    rows = [f"{name}  {int(n):,}" for name, n in zip(counts.index, values.sum(axis=1), strict=True)]
    figure = row_shares_heatmap(counts.set_axis(rows), theme, y_title="", bar=bar)
    figure.update_traces(
        customdata=values,
        hovertemplate="%{y}, called %{x}: %{customdata:,} cells, %{z:.1f} %<extra></extra>",
    )
    figure.update_layout(margin_r=64, margin_t=26, height=_height(figure) + 18)
    _short_columns(figure, list(map(str, counts.columns)))
    _beside(figure, "Labelled", [f"{100 * share:.0f} %" for share in labelled], rows, theme)
    if NOT_ASSIGNED in counts.columns and len(counts.columns) > 1:
        figure.add_vline(x=len(counts.columns) - 1.5, line={"color": theme.muted, "width": 1})
    return figure


def mixing_dots(mixing: pd.DataFrame, theme: Theme = LIGHT) -> go.Figure:
    """How well two files mix within each type: by the code, and by genes without a network; 1 is as if they were one.

    ``mixing`` has columns space (code or genes), cell_type and mixing.
    """
    names = names_in(mixing, "cell_type")
    figure = chart(theme=theme, margin={"t": 24})
    for space, title, colour, symbol in (
        ("code", "Network's code", theme.training, "circle"),
        ("genes", "Genes, without a network", theme.validation, "diamond"),
    ):
        part = mixing.loc[mixing["space"] == space]
        figure.add_scatter(
            x=part["mixing"],
            y=part["cell_type"].astype(str),
            mode="markers",
            name=title,
            marker={"size": 10, "color": colour, "symbol": symbol, "opacity": 1},
            hovertemplate="%{y}: %{x:.2f}<extra>" + title + "</extra>",
            cliponaxis=False,
        )
    high = max(1.2, 1.05 * float(mixing["mixing"].max()))
    figure.add_vline(x=1, line={"color": theme.muted, "width": 1, "dash": DASHED})
    figure.add_annotation(x=1, y=1, yref="paper", text="as if one file", yanchor="bottom", yshift=2)
    figure.update_xaxes(axis("Reference neighbours, observed over expected", grid=True, range=[0, high]))
    figure.update_yaxes(category_axis(names, top_down=True, tickfont={"color": theme.text}, showgrid=True, title=None))
    legend_below(figure, width=640)
    return figure


def _beside(figure: go.Figure, title: str, words: Sequence[str], rows: Sequence[str], theme: Theme) -> None:
    """A column of words at the right of a heat map."""
    place: dict[str, Any] = {"x": 1, "xref": "paper", "xanchor": "left", "xshift": 8}
    figure.add_annotation(text=title, y=1, yref="paper", yanchor="bottom", yshift=4, **place)
    for word, row in zip(words, rows, strict=True):
        figure.add_annotation(text=word, y=row, yref="y", yanchor="middle", font={"color": theme.text}, **place)


def _short_columns(figure: go.Figure, names: Sequence[str]) -> None:
    """Names of columns in at most so many letters, and the room under the chart that this saves."""
    made = shortened(names)
    saved = round(_SLANTED * (max(map(len, names), default=0) - max(map(len, made), default=0)))
    figure.update_xaxes(tickmode="array", tickvals=list(names), ticktext=made)
    layout: Any = figure.layout
    figure.update_layout(height=layout.height - saved, margin_b=layout.margin.b - saved)


def shortened(names: Sequence[str], most: int = 15) -> list[str]:
    """Names of at most ``most`` letters, cut in the middle; those that would become the same stay whole."""
    made = [name if len(name) <= most else f"{name[: most - 6]}…{name[-5:]}" for name in names]
    return [short if made.count(short) == 1 else name for name, short in zip(names, made, strict=True)]


def _height(figure: go.Figure) -> int:
    layout: Any = figure.layout
    return int(layout.height)


def _beside_their_type(overlap: pd.DataFrame, types: Sequence[str]) -> list[str]:
    """Query groups in the order of the reference type that fits them best, so that the map has a diagonal."""
    best = overlap.loc[overlap.groupby("query")["jaccard"].idxmax()]
    place = {name: number for number, name in enumerate(types)}
    keys = {}
    for group, kind, jaccard in zip(best["query"], best["reference"], best["jaccard"], strict=True):
        row = place.get(str(group), place[str(kind)])  # a group that bears a type's name stands under that type
        keys[str(group)] = (str(group) == NOT_ASSIGNED, row, -float(jaccard), str(group))
    return sorted(keys, key=keys.__getitem__)


def _types_in_order(dots: pd.DataFrame) -> list[str]:
    """Types in the order of their markers, then those that mark nothing, the cells without a label last."""
    names = [*names_in(dots, "marker_of"), *names_in(dots, "cell_type")]
    return sorted(dict.fromkeys(names), key=lambda name: (name == NOT_ASSIGNED, names.index(name)))


def _name_panel(figure: go.Figure, name: str, xref: str, theme: Theme) -> None:
    font = {"color": theme.text, "weight": 600}
    figure.add_annotation(
        text=name, x=0, xref=xref, xanchor="left", y=1, yref="paper", yanchor="bottom", yshift=6, font=font
    )


def _from_second(theme: Theme) -> list[list[Any]]:
    """The sequential scale without its palest colour, which a small dot would not show."""
    colours = theme.sequential[1:]
    return [[position / (len(colours) - 1), colour] for position, colour in enumerate(colours)]
