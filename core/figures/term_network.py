"""Code units and the enriched terms they share, as a network."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.figures.legend import Entry, short_legend
from core.figures.placement import layout, name_places
from core.figures.style import LIGHT, Theme, bare_axis, chart

_NAME = 130.0
"""Pixels kept free for the name of a term at the right edge."""
_ASSUMED_SIZE = (500.0, 230.0)
"""Pixels of the plot area where it is not given."""


def unit_terms(
    links: pd.DataFrame,
    theme: Theme = LIGHT,
    *,
    selected: str | None = None,
    p_below: float = 0.05,
    of: int = 0,
    size: tuple[float, float] = _ASSUMED_SIZE,
) -> go.Figure:
    """Circles are units, squares are terms, a wider line is a stronger link.

    Parameters
    ----------
    links
        Columns unit, term, strength (0 or more, such as -log10 of adjusted p) and genes (how many are shared).
    theme
        Light or dark.
    selected
        Unit drawn in the primary colour, with its links.
    p_below
        Threshold of adjusted p that the links passed, for the remark.
    of
        How many units there are, for the remark; those given where there are no more.
    size
        Pixels of the plot area, from which the sides of the names follow.
    """
    units = [str(unit) for unit in dict.fromkeys(links["unit"])]
    terms = [str(term) for term in dict.fromkeys(links["term"])]
    edges = [
        (units.index(str(u)), len(units) + terms.index(str(t)))
        for u, t in zip(links["unit"], links["term"], strict=True)
    ]
    place = layout(len(units) + len(terms), edges)
    strongest = float(links["strength"].max()) if len(links) else 1.0
    figure = chart(theme=theme, margin={"l": 8, "r": 8, "t": 8, "b": 8})
    for (a, b), unit, strength in zip(edges, links["unit"], links["strength"], strict=True):
        figure.add_scatter(
            x=place[[a, b], 0],
            y=place[[a, b], 1],
            mode="lines",
            line={
                "color": theme.primary if str(unit) == selected else theme.bar,
                "width": 1 + 2.5 * strength / (strongest or 1.0),
            },
            hoverinfo="skip",
            showlegend=False,
        )
    _link_words(figure, links, place, edges)
    genes = links.groupby(links["term"].astype(str))["genes"].max().reindex(terms).to_numpy(dtype=float)
    figure.add_scatter(
        x=place[len(units) :, 0],
        y=place[len(units) :, 1],
        mode="markers",
        name="term, size by genes",
        marker={
            "symbol": "square",
            "size": 8 + 8 * np.sqrt(genes / (genes.max(initial=1) or 1)),
            "color": theme.network["class_head"],
            "opacity": 1,
        },
        customdata=np.stack([terms, genes], axis=-1) if terms else None,
        hovertemplate="%{customdata[0]}: %{customdata[1]} genes<extra></extra>",
    )
    sides = name_places(place, edges, terms, len(units), size)
    for term, (x, y), side in zip(terms, place[len(units) :], sides, strict=True):
        figure.add_annotation(x=x, y=y, text=term, font={"color": theme.text}, **side._asdict())
    figure.add_scatter(
        x=place[: len(units), 0],
        y=place[: len(units), 1],
        mode="markers+text",
        showlegend=False,
        text=[f"<b>{unit.removeprefix('unit_')}</b>" for unit in units],
        textfont={"color": [theme.on_primary if unit == selected else "#06131D" for unit in units]},
        marker={"size": 26, "color": [theme.primary if unit == selected else theme.network["code"] for unit in units]},
        hovertemplate="Unit %{text}<extra></extra>",
    )
    figure.update_xaxes(bare_axis(range=[-0.12, 1 + _NAME / size[0]]))
    figure.update_yaxes(bare_axis(range=[-0.12, 1.16]))
    entries = [
        Entry("code unit", theme.network["code"], mark="circle"),
        Entry("term, size by genes", theme.network["class_head"]),
        Entry(_remark(len(units), of, p_below)),
    ]
    short_legend(figure, entries, theme, width=round(size[0]) + 140, above=4)
    return figure


def _link_words(figure: go.Figure, links: pd.DataFrame, place: np.ndarray, edges: list[tuple[int, int]]) -> None:
    """What a link says when the pointer is on its middle: plotly knows no hover along a line."""
    if not edges:
        return
    middle = np.array([(place[a] + place[b]) / 2 for a, b in edges])
    units = [str(unit).removeprefix("unit_") for unit in links["unit"]]
    p = 10.0 ** -links["strength"].to_numpy(dtype=float)
    words = [
        f"Unit {unit}, {term}<br>{count:.0f} genes, adjusted p {value:.1g}"
        for unit, term, count, value in zip(units, links["term"], links["genes"], p, strict=True)
    ]
    figure.add_scatter(
        x=middle[:, 0],
        y=middle[:, 1],
        mode="markers",
        marker={"size": 14, "color": "rgba(0,0,0,0)"},
        customdata=words,
        hovertemplate="%{customdata}<extra></extra>",
        showlegend=False,
    )


def _remark(drawn: int, of: int, p_below: float) -> str:
    words = f"line width: strength. Adjusted p below {p_below:g}."
    return f"{words} The strongest {drawn} of {of} units." if of > drawn else words
