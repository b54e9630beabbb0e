"""Two linked pictures of the same cells, their tools and legend, and how faithful each picture is."""

from __future__ import annotations

import streamlit as st

from core.results import Picture, Results
from core.saved import Saved
from pages.ui import show
from pages.ui.explore import colouring, finished, selection
from pages.ui.explore.colouring import Colouring
from pages.ui.scatter import legend, scatter, tools

GROUP = "embedding"
MOST_NAMES = 30
HEIGHT = 420
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
    slots = st.columns(2, gap=12) if len(names) > 1 else [st.container()]
    changed = False
    for number, slot in enumerate(slots):
        with slot:
            picture = results.pictures[names[number]]
            title = picture.title if len(names) <= len(slots) else f"Picture {number + 1}"
            with show.card(title, subtitle=_about(results, picture, number), key=f"picture-{number}") as card:
                if len(names) > len(slots):
                    picture = results.pictures[_other(card.actions, names, number)]
                event = _draw(results, picture, colour, number)
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
    with show.card(
        "How well each picture keeps neighbours",
        help="No flat picture keeps everything. The numbers compare each with the principal components of the genes.",
        subtitle="Higher is better",
    ):
        show.table(table, columns, key=f"quality-{results.run.directory.name}")


def _draw(results: Results, picture: Picture, colour: Colouring, number: int):
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
        height=HEIGHT,
    )


def _other(slot, names: list[str], number: int) -> str:
    return slot.selectbox(
        "Picture", names, index=number, key=f"picture-choice-{number}", label_visibility="collapsed", width=200
    )


def _about(results: Results, picture: Picture, number: int) -> str:
    if len(results.pictures) > 2:
        return ""
    return picture.made_from if number == 0 else f"{picture.made_from}. The same cells light up."
