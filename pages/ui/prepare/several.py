"""Several files of one role: a compact list in the role's card, and what is set for the one that is looked at."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core.project import Project
from core.specs import ROLES, Role, SourceSpec, content_key
from core.specs.several import files
from pages.ui import session, show, widgets
from pages.ui.prepare import sets
from pages.ui.show.table import TableEvent

UNITS = {
    "counts": "Counts",
    "cpm": "CPM",
    "tpm": "TPM",
    "linear": "Linear",
    "log1p": "ln(1 + x)",
    "log2": "log2",
    "values": "As given",
}
LIST_HEIGHT, MORE = 88, 14
"""Pixels of the list, which are its head and two files, as more scroll; and how many of them the facts of one file do
not need."""


def card(project: Project, role: Role, states: list[tuple[str, str] | str]) -> None:
    """The files of ``role`` as a list, the one that is looked at marked; a click looks at another."""
    at = looked_at(project, role)
    event = _list(project, role, at)
    if event.selected and event.selected[0] != at:
        look_at(project, role, event.selected[0])
        st.rerun()
    show.chips(states)


def taken(project: Project) -> int:
    """Pixels that lists of files take from what lies below the cards."""
    return MORE if any(len(files(project.draft.data, role)) > 1 for role in ROLES) else 0


def looked_at(project: Project, role: Role) -> int:
    """Which of the files of ``role`` is shown beside the check."""
    at = session.kept(_key(project, role), 0)
    return at if at < len(files(project.draft.data, role)) else 0


def look_at(project: Project, role: Role, at: int) -> None:
    """Show the file number ``at`` of ``role`` in the next drawing, and its role."""
    session.keep(_key(project, role), at)
    st.session_state[set_key(project)] = role


def set_key(project: Project) -> str:
    """Key of the widget that says whose columns are shown."""
    return f"meaning-set-{sets.key_of(project)}"


def name_and_remove(project: Project, role: Role, at: int) -> None:
    """The name of the file number ``at``, which can be changed, and a button that takes it out of the project."""
    source = files(project.draft.data, role)[at]
    key = f"name-{sets.key_of(project)}-{role}-{at}-{sets.turn()}"
    left, right = st.columns([1, 1], gap=12, vertical_alignment="bottom")
    field = SourceSpec.model_fields["name"]
    with left:
        widgets.seed(key, source.called, source.called)
        name = st.text_input(
            str(field.title), key=key, help=f"{field.description} It stands in results. File: {Path(source.path).name}"
        )
    with right:
        if st.button("Remove", icon=":material/close:", key=f"remove-{role}-{at}-{sets.turn()}"):
            sets.remove(project, role, at)
    if name.strip() != source.called:
        own = Path(source.path).stem
        sets.rename(project, role, at, "" if name.strip() == own else name)


def _list(project: Project, role: Role, at: int) -> TableEvent:
    there = files(project.draft.data, role)
    rows = []
    for place, source in enumerate(there):
        known = sets.summary(project, role, place)
        row = {"name": source.called}
        if known:
            row |= {
                "cells": known["n_cells"],
                "genes": known["n_genes"],
                "types": known["n_types"],
                "unit": UNITS.get(known["unit"], known["unit"]),
            }
        rows.append(row)
    columns = {
        "name": show.Column("Name", strong=True),
        "cells": show.Column("Samples" if role == "bulk" else "Cells", "number", ",.0f"),
        "genes": show.Column("Genes", "number", ",.0f"),
    }
    last = {"unit": show.Column("Unit")} if role == "bulk" else {"types": show.Column("Types", "number", ",.0f")}
    key = content_key(str(project.root), [source.called for source in there], at)
    return show.table(rows, columns | last, key=f"files-{role}-{key}", select="row", selected=[at], height=LIST_HEIGHT)


def _key(project: Project, role: Role) -> str:
    return f"prepare.file.{role}.{sets.key_of(project)}"
