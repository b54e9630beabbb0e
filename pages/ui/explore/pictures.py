"""Two linked pictures of the same cells, their tools and legend, and how faithful each picture is."""

from __future__ import annotations

import math

import streamlit as st

from core.results import Picture, Results
from core.saved import Saved
from pages.ui import show
from pages.ui.explore import colouring, finished, selection
from pages.ui.explore.colouring import Colouring
from pages.ui.scatter import legend, scatter, tools

GROUP = "embedding"
MOST_NAMES = 30
WINDOW, ROW_HEIGHT, LEAST_HEIGHT = 586, 28, 340
"""Pixels: picture, legend and rows of the table below together; a row; a picture where little is left."""
RAMP, LEGEND, LEGEND_LINE = 22, 54, 22
"""Pixels: the scale under a picture, the card of the legend, and a further line in it."""
LEGEND_WIDTH, MARK, LETTER, HINT = 852, 30, 6.2, 85
"""Pixels of a line of the legend, of a square with its gaps, of a letter, and of the words at the end."""
QUALITY = {
    "picture": show.Column("Picture", strong=True),
    "made_from": show.Column("Made from"),
    "neighbours_kept": show.Column(
        "Neighbours kept",
        "number",
        ".2f",
        help="Share of each cell's nearest neighbours, among all its genes, that are still its neighbours here.",
    ),
    "trustworthiness": show.Column(
        "Trustworthiness",
        "number",
        ".3f",
        help="Near 1 where cells that lie side by side here are also alike in their genes.",
    ),
    "accuracy": show.Column(
        "Types told apart", "number", ".2f", help="Share of cells whose type is that of most of their neighbours here."
    ),
    "ari": show.Column(
        "Agreement with labels (ARI)",
        "number",
        ".2f",
        help="Adjusted Rand index of groups found in the picture and the labels: 1 the same groups, 0 as by chance.",
    ),
}


def toolbar(results: Results, saved: Saved) -> tuple[Colouring, str]:
    """Tools for all pictures; what colours the cells, and what a new outline does to the selection."""
    with (
        show.card(key="picture-tools", height="content"),
        st.container(horizontal=True, vertical_alignment="center", gap=12, key="toolrow"),
    ):
        tools(GROUP)
        how = st.segmented_control(
            "A new outline",
            ["New", "Add", "Subtract", "Intersect"],
            default="New",
            required=True,
            label_visibility="collapsed",
            key="outline-does",
        )
        return colouring.choose(results, saved), str(how)


def linked(results: Results, colour: Colouring, how: str) -> None:
    """Both pictures; an outline in one selects the same cells in the other."""
    names = list(results.pictures)
    height = _height(results, colour)
    slots = st.columns(2, gap=12) if len(names) > 1 else [st.container()]
    changed = False
    for number, slot in enumerate(slots):
        with slot:
            picture = results.pictures[names[number]]
            title = picture.title if len(names) <= len(slots) else f"Picture {number + 1}"
            with show.card(title, subtitle=_about(results, picture, number), key=f"picture-{number}") as card:
                if len(names) > len(slots):
                    picture = results.pictures[_other(card.actions, names, number)]
                event = _draw(results, picture, colour, number, height)
        changed |= selection.drawn(results, picture, event, how)
    if changed:
        st.rerun()
    if not colour.numeric:
        with show.card(key="picture-legend", height="content"):
            legend(colour.values, GROUP, colours=colour.colours)


def quality(results: Results) -> None:
    """How well each picture keeps neighbours and types, measured on the same cells."""
    if not results.has("pictures"):
        return
    table = results.table("pictures").dropna(axis=1, how="all")
    columns = {name: column for name, column in QUALITY.items() if name in table}
    measured = f"; measured on {table['cells'].iloc[0]:,} cells" if "cells" in table else ""
    with show.card(
        "How well each picture keeps neighbours",
        help="No flat picture keeps everything. The numbers compare each with the principal components of the genes; "
        "of more than 20,000 cells on a random sample.",
        subtitle=f"Higher is better{measured}",
    ):
        show.table(table, columns, key=f"quality-{results.run.directory.name}")


def _height(results: Results, colour: Colouring) -> int:
    """Pixels of a picture that end the table below it at the window's lower edge."""
    rows = len(results.table("pictures")) if results.has("pictures") else 0
    below = RAMP if colour.numeric else LEGEND + LEGEND_LINE * (_legend_lines(colour) - 1)
    return max(WINDOW - below - ROW_HEIGHT * rows, LEAST_HEIGHT)


def _legend_lines(colour: Colouring) -> int:
    counts = colour.values.value_counts()
    letters = sum(len(f"{name} {count:,}") for name, count in counts.items())
    return math.ceil((MARK * len(counts) + LETTER * letters + HINT) / LEGEND_WIDTH)


def _draw(results: Results, picture: Picture, colour: Colouring, number: int, height: int):
    points = picture.points.assign(**{colour.title: colour.values.to_numpy()}).astype(
        {} if colour.numeric else {colour.title: colour.values.dtype}
    )
    return scatter(
        points,
        key=f"{GROUP}-{number}",
        content=finished.key(results.run, picture.title, colour.key),
        colour=colour.title,
        colours=colour.colours,
        selected=selection.chosen(results),
        mode="lasso",
        group=GROUP,
        tools=False,
        names=not colour.numeric and colour.values.nunique() <= MOST_NAMES,
        lasso=selection.outline(results, picture.title),
        caption=picture.caption,
        height=height,
    )


def _other(slot, names: list[str], number: int) -> str:
    return slot.selectbox(
        "Picture", names, index=number, key=f"picture-choice-{number}", label_visibility="collapsed", width=200
    )


def _about(results: Results, picture: Picture, number: int) -> str:
    if len(results.pictures) > 2:
        return ""
    return picture.made_from if number == 0 else f"{picture.made_from}. The same cells light up."
