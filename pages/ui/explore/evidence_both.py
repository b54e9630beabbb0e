"""Both files: reference and query in one picture, by the code and by genes alone, and how well they mix."""

from __future__ import annotations

import math

import pandas as pd
import streamlit as st

from core.figures.evidence import mixing_dots
from core.figures.palette import NOT_ASSIGNED
from core.figures.tokens import LIGHT
from core.runs.frames import Frames
from core.tasks import evidence_words as words
from core.tasks.colours import run_colours
from core.tasks.evidence import Evidence
from pages.ui import session, show, theme
from pages.ui.explore import evidence, finished
from pages.ui.explore.evidence import Desk
from pages.ui.runs import middle
from pages.ui.scatter import legend, scatter

GROUP = "both-files"
LABEL, SOURCE, PROBABILITY = "Label", "Source", "Probability"
PICTURE_HEIGHT, MIXING_HEIGHT, LEAST_PICTURE = 366, 262, 240
LINE, MARK, LETTER, LEGEND_WIDTH = 22, 30, 6.2, 1060
"""Pixels of a further line of the legend, of a square with its gaps, of a letter, and of a line."""
TITLES = {"code": "By the network's code", "genes": "By genes, without a network"}
MIXING_HELP = (
    "For query cells of each called type: the share of reference cells among their nearest cells of that type, over "
    "the share expected if the two files were one. 1: mixed; 0: apart. Measured in the code and in 30 principal "
    "components of the genes that both files hold, not in the pictures."
)


def view(desk: Desk) -> None:
    """Two linked pictures, the mixing of each type, and what to make of it."""
    found = desk.part("both")
    if found is None:
        evidence.missing(evidence.BOTH)
        return
    colour = _pictures(desk, found)
    left, right = st.columns([700, 472], gap=12)
    with left:
        _mixing(found)
    with right:
        _reading(desk, found, colour)


def _pictures(desk: Desk, found: Evidence) -> str:
    joint = found.tables["joint"]
    colour = str(session.kept("both-colour", LABEL))
    shown = joint.loc[joint["source"] == "query"] if colour == PROBABILITY else joint
    values = pd.Series(
        pd.Categorical(shown[colour.lower()]) if colour != PROBABILITY else shown["probability"].to_numpy(), shown.index
    )
    shades = _shades(desk, colour)
    lines = 1 if colour == PROBABILITY else _legend_lines(values)
    less = LINE * (lines - 1) + _mixing_height(found) - MIXING_HEIGHT
    for number, (space, slot) in enumerate(zip(TITLES, st.columns(2, gap=12), strict=True)):
        with slot, show.card(TITLES[space], subtitle=_subtitle(found, space), key=f"both-{space}") as card:
            if number:
                _colour_box(card.actions, colour)
            points = pd.DataFrame({"x": shown[f"{space}_x"], "y": shown[f"{space}_y"], colour: values})
            scatter(
                points,
                key=f"{GROUP}-{space}",
                content=finished.key(desk.results.run, "both", found.facts["key"], space, colour),
                colour=colour,
                colours=shades,
                group=GROUP,
                names=colour == LABEL,
                limits=(0.0, 1.0) if colour == PROBABILITY else None,
                caption="UMAP 1, UMAP 2",
                height=max(PICTURE_HEIGHT - less, LEAST_PICTURE),
            )
    if colour != PROBABILITY:
        with show.card(key="both-legend", height="content"):
            legend(values, GROUP, colours=shades)
    return colour


def _legend_lines(values: pd.Series) -> int:
    counts = values.value_counts()
    return math.ceil(sum(MARK + LETTER * len(f"{name} {count:,}") for name, count in counts.items()) / LEGEND_WIDTH)


def _colour_box(slot, colour: str) -> None:
    chosen = slot.segmented_control(
        "Colour", [LABEL, SOURCE, PROBABILITY], default=colour, required=True, label_visibility="collapsed", key="both"
    )
    if chosen != colour:
        session.keep("both-colour", chosen)
        st.rerun()


def _subtitle(found: Evidence, space: str) -> str:
    if space == "genes":
        return f"{found.facts['shared_genes']:,} shared genes"
    n = found.facts["networks"]
    return f"Network 1 of {n}" if n > 1 else ""


def _shades(desk: Desk, colour: str) -> dict[str, str] | None:
    if colour == SOURCE:
        return {"reference": LIGHT.cell_types[NOT_ASSIGNED], "query": LIGHT.validation}
    return run_colours(desk.results, theme.current()) if colour == LABEL else None


def _mixing(found: Evidence) -> None:
    table = found.tables["mixing"]
    with show.card("How well the files mix within each type", help=MIXING_HELP, key="mixing"):
        if len(table):
            figure = mixing_dots(table, theme.current())
            show.figure(figure, "mixing", table=table, height=_mixing_height(found), alt="Mixing of each type")
        else:
            show.text("No type has five cells of both files.")


def _mixing_height(found: Evidence) -> int:
    return evidence.dots_height(MIXING_HEIGHT, len(set(found.tables["mixing"]["cell_type"])))


def _reading(desk: Desk, found: Evidence, colour: str) -> None:
    facts = found.facts
    with show.card("In words", key="both-words"):
        evidence.reading(words.mixing_words(found.tables["mixing"]))
        evidence.stand_in(found)
        cells = {
            "Reference cells": f"**{facts['reference_cells']:,}** of {facts['reference_of']:,}",
            "Query cells": f"**{facts['query_cells']:,}** of {facts['query_of']:,}",
        }
        show.key_values(cells)
        if colour == PROBABILITY:
            show.text("Reference cells have no probability here: the network was trained on them.", muted=True)
        if Frames.of(desk.results.run.directory).epochs and st.button(
            "Replay how the query's labels formed", icon=":material/play_circle:", key="to-replay"
        ):
            session.keep(middle.VIEW, middle.REPLAY)
            session.choose_run(desk.results.run)
            session.go("runs")
