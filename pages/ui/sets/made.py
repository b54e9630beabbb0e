"""Gene sets that the project makes itself: a file brought, markers of the labels, textbook markers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

import streamlit as st

from core.data.genes import Species, gene_names
from core.data.wording import counted, listed
from core.specs import MarkerSetSpec
from core.tasks import set_files
from pages.ui import background, forms, session, show
from pages.ui.explore import gene_sets

if TYPE_CHECKING:
    from pages.ui.sets.view import Desk

SPECIES = ("human", "mouse")
TEXTBOOK = (
    "A small list of well-known marker genes of common cell types, written for CellDesk. Human and mouse genes are "
    "lists of their own."
)


def file(desk: Desk) -> None:
    """A GMT file of the user's."""
    show.text("A GMT file of yours: MSigDB's Hallmark, Reactome, GO, or any other.", muted=True)
    gene_sets.bring(desk.project, "sets-file")


def markers(desk: Desk) -> None:
    """The strongest genes of each label of the cells."""
    show.text("The strongest marker genes of each label of the reference, as gene sets.", muted=True)
    spec = forms.edit(MarkerSetSpec(), f"marker-sets-{desk.folder}", columns=2)
    show.note(set_files.CIRCULAR_WORDS, "attention", key="markers-circular")
    if st.button("Make marker sets", icon=":material/labs:", key="sets-markers"):
        arguments = {
            "project_root": str(desk.project.root),
            "run": desk.folder if desk.run and desk.run.spec.data.reference else "",
            "settings": spec.model_dump(),
        }
        with st.spinner("Looking for the markers of each label"):
            made = session.attempt(lambda: background.call("core.tasks.set_files:keep_markers", **arguments))
        if made is not None:
            left = f"; too few cells: {listed(made['left_out'])}" if made["left_out"] else ""
            st.toast(f"{counted(made['sets'], 'marker set')}{left}")
            gene_sets.look_at(desk.project, Path(made["path"]))
            st.rerun()


def textbook(desk: Desk) -> None:
    """The list of textbook markers of a species."""
    show.text(TEXTBOOK, muted=True)
    names = desk.names()
    looks = gene_names(names.genes).species if names else None
    species = st.segmented_control(
        "Species", SPECIES, default=looks or "human", required=True, format_func=str.capitalize, key="textbook-species"
    )
    if st.button("Use these sets", icon=":material/menu_book:", key="sets-textbook"):
        path = session.attempt(lambda: set_files.keep_textbook(desk.project, cast("Species", species)))
        if path is not None:
            gene_sets.look_at(desk.project, path)
            st.rerun()
