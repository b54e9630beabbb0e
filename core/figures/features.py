"""How genes were found, where they occur, and which markers are among them."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.figures.rows import names_in, where
from core.figures.style import (
    DASHED,
    LIGHT,
    Theme,
    axis,
    bare_axis,
    category_axis,
    chart,
    italic,
    template,
)

LETTER, NAME_GAP = 0.016, 0.07
"""Width of a letter and distance of two names, in shares of a plot's width and height."""


def search_trace(
    trace: pd.DataFrame,
    theme: Theme = LIGHT,
    *,
    used: str,
    target: int,
    titles: dict[str, str] | None = None,
    kind: str = "genes",
) -> go.Figure:
    """Genes found in both sets as more are taken, up to the target; rules not used are dashed.

    Parameters
    ----------
    trace
        Columns rule, taken, found; one row per round.
    theme
        Light or dark.
    used
        The rule whose genes are used.
    target
        Genes that are enough.
    titles
        Names of the rules on the chart.
    kind
        What is found: genes or peaks.
    """
    figure = chart(theme=theme)
    others = [rule for rule in names_in(trace, "rule") if rule != used]
    high = 1.12 * max(float(trace["found"].max()) if len(trace) else 0.0, target)
    widest = 1.02 * float(trace["taken"].max())
    ends, early = [], False
    for rule in [used, *others]:
        part = where(trace, "rule", rule, by="taken")
        if part.empty:
            continue
        main = rule == used
        colour = theme.training if main else theme.lines[(1 + others.index(rule)) % len(theme.lines)]
        name = (titles or {}).get(rule) or rule
        figure.add_scatter(
            x=part["taken"],
            y=part["found"],
            mode="lines+markers" if main or len(part) == 1 else "lines",
            name=name,
            line={"color": colour, "width": 2, "dash": "solid" if main else DASHED},
            marker={"size": 7, "color": colour},
            hovertemplate="%{y:,} found of %{x:,} taken<extra>" + name + "</extra>",
        )
        ends.append(
            (float(part["taken"].iloc[-1]), float(part["found"].iloc[-1]), name + (", used" if main else ""), colour)
        )
        reached = part.loc[part["found"] >= target]
        if main and len(reached):
            early = float(reached["taken"].iloc[0]) < widest / 4
            ring = {"size": 12, "color": theme.panel, "line": {"color": theme.text, "width": 1.5}}
            figure.add_scatter(
                x=reached["taken"].iloc[:1], y=reached["found"].iloc[:1], mode="markers", marker=ring, hoverinfo="skip"
            )
    figure.add_hline(y=target, line={"color": theme.muted, "width": 1, "dash": DASHED})
    side = {"x": 1, "xanchor": "right", "xshift": -6} if early else {"x": 0, "xanchor": "left", "xshift": 6}
    figure.add_annotation(xref="paper", y=target, text=f"Target {target:,}", yanchor="bottom", **side)
    figure.update_xaxes(axis(f"{kind.capitalize()} taken from each set", tickformat=",", range=[0, widest]))
    figure.update_yaxes(axis(f"{kind.capitalize()} found", tickformat=",", range=[0, high]))
    _name_rules(figure, ends, widest, high, target)
    return figure


def _name_rules(
    figure: go.Figure, ends: Sequence[tuple[float, float, str, str]], widest: float, high: float, target: float
) -> None:
    """Names of the rules inside the plot: behind the end of a line, or above it where the plot's edge is near.

    A name that would lie on the target's line lies below it; one above a line too short for it begins at the axis.
    """
    behind = [end for end in ends if end[0] / widest + LETTER * len(end[2]) <= 1]
    above = [end for end in ends if end not in behind]
    for group, place in ((behind, {"xanchor": "left", "xshift": 10}), (above, {"xanchor": "right", "xshift": -6})):
        level = -NAME_GAP
        for x, y, name, colour in sorted(group, key=lambda end: end[1]):
            level = max(level + NAME_GAP, y / high)
            height = {"yanchor": "bottom", "yshift": 4} if group is above else {"yanchor": "middle"}
            if group is behind and abs(level - target / high) < NAME_GAP / 2:
                height = {"yanchor": "top", "yshift": -4}
            font = {"color": colour, "weight": 600}
            fits = group is behind or x / widest >= LETTER * len(name)
            side = place if fits else {"xref": "paper", "xanchor": "left", "xshift": 6}
            figure.add_annotation(x=x if fits else 0, y=level * high, text=name, font=font, **side, **height)


def step_bars(steps: pd.DataFrame, theme: Theme = LIGHT, *, kind: str = "genes") -> go.Figure:
    """A bar for each step of the choice, from the top: how many genes were left after it.

    Parameters
    ----------
    steps
        Columns step (what is asked of a gene) and genes (how many are left), in order.
    theme
        Light or dark.
    kind
        What is counted: genes or peaks.
    """
    figure = chart(theme=theme)
    places, last = np.arange(len(steps)), len(steps) - 1
    figure.add_bar(
        x=steps["genes"],
        y=places,
        orientation="h",
        width=0.34,
        offset=0.02,
        marker={"color": [theme.primary if place == last else theme.bar for place in places], "line": {"width": 0}},
        hovertemplate=f"%{{x:,}} {kind} left<extra></extra>",
    )
    for place, asked, left in zip(places, steps["step"], steps["genes"], strict=True):
        line = {"xref": "paper", "y": place, "yanchor": "bottom", "font": {"color": theme.text}}
        figure.add_annotation(x=0, xanchor="left", xshift=-4, text=escape(str(asked)), **line)
        figure.add_annotation(x=1, xanchor="right", text=f"<b>{left:,}</b>", **line)
    figure.update_xaxes(bare_axis(range=[0, max(1, int(steps["genes"].max()))]))
    figure.update_yaxes(bare_axis(range=[last + 0.5, -0.5]))
    figure.update_layout(margin={"l": 4, "r": 4, "t": 4, "b": 4})
    return figure


def overlap_bars(
    overlaps: pd.DataFrame, sets: Sequence[str], theme: Theme = LIGHT, *, kind: str = "genes"
) -> go.Figure:
    """Bars of how many genes occur in exactly these sets, with dots that say which.

    Parameters
    ----------
    overlaps
        One boolean column per set, genes (how many), and used (boolean).
    sets
        Columns of ``overlaps``, from the top.
    theme
        Light or dark.
    kind
        What is counted: genes or peaks.

    Source: Lex et al. 2014, UpSet.
    """
    figure = make_subplots(rows=2, shared_xaxes=True, vertical_spacing=0.04, row_heights=[0.74, 0.26])
    figure.update_layout(template=template(theme), bargap=0.28, margin={"t": 20})
    at = np.arange(len(overlaps))
    used = overlaps["used"].to_numpy(dtype=bool)
    figure.add_bar(
        x=at,
        y=overlaps["genes"],
        marker={"color": np.where(used, theme.primary, theme.bar), "line": {"width": 0}},
        text=[f"<b>{n:,}</b>" if main else f"{n:,}" for n, main in zip(overlaps["genes"], used, strict=True)],
        textposition="outside",
        textfont={"color": theme.text},
        constraintext="none",
        cliponaxis=False,
        hovertemplate=f"%{{y:,}} {kind}<extra></extra>",
        row=1,
        col=1,
    )
    for column, row in enumerate(overlaps[list(sets)].to_numpy(dtype=bool)):
        inside = [name for name, member in zip(sets, row, strict=True) if member]
        figure.add_scatter(
            x=[column] * len(sets),
            y=list(sets),
            mode="markers",
            marker={"size": 10, "color": [theme.text if member else theme.border for member in row]},
            hoverinfo="skip",
            row=2,
            col=1,
        )
        figure.add_scatter(
            x=[column] * len(inside),
            y=inside,
            mode="lines",
            line={"color": theme.text, "width": 2},
            hoverinfo="skip",
            row=2,
            col=1,
        )
    figure.update_xaxes(bare_axis(range=[-0.6, len(overlaps) - 0.4]))
    figure.update_yaxes(axis(kind.capitalize(), tickformat=",", rangemode="tozero"), row=1, col=1)
    names = category_axis(list(sets), top_down=True, tickfont={"color": theme.text}, title=None)
    figure.update_yaxes(names, row=2, col=1)
    return figure


def marker_dots(markers: pd.DataFrame, theme: Theme = LIGHT) -> go.Figure:
    """Dots, types in rows and genes in columns: size is the share of cells with the gene, colour its mean level.

    ``markers`` has columns cell_type, gene, share (0 to 1) and level (0 to 1, of the gene's highest).
    """
    types, genes = names_in(markers, "cell_type"), names_in(markers, "gene")
    figure = chart(theme=theme)
    figure.add_scatter(
        x=[genes.index(gene) for gene in markers["gene"]],
        y=markers["cell_type"],
        mode="markers",
        marker={
            "size": 5 + 15 * np.sqrt(markers["share"].to_numpy(dtype=float).clip(0, 1)),
            "color": markers["level"],
            "cmin": 0,
            "cmax": 1,
            "colorscale": _from_second(theme),
            "opacity": 1,
            "line": {"color": theme.sequential[2], "width": 1},
        },
        customdata=np.stack([italic(markers["gene"]), 100 * markers["share"], markers["level"]], axis=-1),
        hovertemplate="%{customdata[0]} in %{y}: %{customdata[1]:.0f} % of cells, "
        "level %{customdata[2]:.2f}<extra></extra>",
    )
    figure.update_xaxes(
        tickmode="array", tickvals=list(range(len(genes))), ticktext=italic(genes), tickangle=-50, showline=False
    )
    figure.update_xaxes(range=[-0.6, len(genes) - 0.4], tickfont={"color": theme.text})
    figure.update_yaxes(category_axis(types, top_down=True, tickfont={"color": theme.text}, showgrid=True))
    return figure


def _from_second(theme: Theme) -> list[list]:
    """The sequential scale without its palest colour, which a small dot would not show."""
    colours = theme.sequential[1:]
    return [[position / (len(colours) - 1), colour] for position, colour in enumerate(colours)]
