"""Own gene sets: typed or pasted, checked against the data, kept in the project, edited and removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core.data.wording import listed
from core.interpretation.gene_sets import typed_genes
from core.interpretation.set_names import looked_up
from core.project import Project
from core.tasks import set_files
from pages.ui import session, show
from pages.ui.explore import gene_sets

if TYPE_CHECKING:
    from pages.ui.sets.view import Desk

NEW = "A new set"
NAME, GENES, WHICH, TURN = "own-name", "own-genes", "own-which", "own-turn"
MOST_NAMED = 12


def form(desk: Desk) -> None:
    """Which set, its name and genes, how many of them the data have, and what to do with it."""
    project = desk.project
    sets = set_files.own_sets(project)
    turn = session.kept(TURN, 0)
    which = NEW
    if sets:
        which = str(st.selectbox("Set", [NEW, *sets], key=f"{WHICH}-{turn}"))
    was = "" if which == NEW else which
    key = f"{turn}-{list(sets).index(was) if was else 'new'}"
    name = st.text_input("Name", value=was, placeholder="such as My programme", key=f"{NAME}-{key}", max_chars=80)
    text = st.text_area(
        "Genes",
        value="\n".join(sets[was]) if was else "",
        height=118,
        placeholder="CD3D, CD3E, CD8A; or one on each line",
        key=f"{GENES}-{key}",
    )
    genes = typed_genes(text)
    if genes:
        _checked(desk, genes)
    with st.container(horizontal=True, gap=8):
        label = "Save the set" if was else "Add the set"
        if st.button(label, icon=":material/check:", key="own-save") and session.attempt(
            lambda: set_files.put_own(project, name, genes, was)
        ):
            _look_at(project, turn)
        if was and st.button("Remove", icon=":material/delete:", key="own-remove"):
            session.attempt(lambda: set_files.remove_own(project, was))
            _look_at(project, turn)


def _checked(desk: Desk, genes: tuple[str, ...]) -> None:
    """How many of the genes the data have, and which not, with what they may have meant."""
    names = desk.names()
    if names is None:
        show.text(f"{len(genes):,} genes. Bring cells to see which of them the data have.", muted=True)
        return
    found, missing = looked_up(genes, names.genes)
    said = f"{len(found):,} of {len(genes):,} genes are in the data."
    if missing:
        alike = [f"{gene} (the data have {other})" if other else gene for gene, other in missing.items()]
        said += f" Not there: {listed(alike, MOST_NAMED)}."
        show.note(said, "attention", key="own-missing")
    else:
        show.text(said, muted=True)


def _look_at(project: Project, turn: int) -> None:
    """Look at the own sets while there are any, with empty fields."""
    session.keep(TURN, turn + 1)
    path = set_files.own_path(project)
    if path.is_file():
        gene_sets.look_at(project, path)
    st.rerun()
