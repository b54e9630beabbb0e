"""The bridge's file: which of its parts holds the genes and which the peaks."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.data.formats.mudata import AUTO
from core.project import Project
from core.specs import BridgeSourceSpec
from pages.ui import background, session, show, widgets
from pages.ui.prepare import sets
from pages.ui.show.notes import text

HOLDS = {"expression": "genes", "accessibility": "peaks"}
"""What the part that each field names has to hold."""
PENDING = "prepare.bridge"


def bring(project: Project, path: str) -> bool:
    """Make a multiome file the project's bridge, and say whether it was taken; ask where its parts are not plain."""
    undecided = session.attempt(lambda: background.call("core.tasks.admit:undecided_parts", path=path))
    if undecided:
        session.keep(PENDING, (path, undecided))
        sets.redraw()
    return undecided is not None and sets.bring(project, "bridge", path)


def parts(project: Project) -> None:
    """The parts of the file, and a box for each that the bridge needs; another choice is read at once."""
    source, known = project.draft.data.bridge, sets.bridge(project)
    assert source is not None and known is not None
    values: dict[str, Any] = {}
    for field, slot in zip(HOLDS, st.columns(2, gap=12), strict=True):
        key = f"meaning-{sets.key_of(project)}-bridge-{field}-{sets.turn()}"
        now, options = getattr(source, field), _holding(known["parts"], HOLDS[field])
        widgets.seed(key, now, now)
        with slot:
            values[field] = _box(field, [AUTO, *options], key, found=known[field])
    changed = source.model_copy(update=values)
    if changed != source:
        sets.reread_bridge(project, changed)
    text("Parts of this file", strong=True)
    used = {known["expression"]: "Expression", known["accessibility"]: "Peaks"}
    rows = [
        {"part": name, "holds": holds, "used": used.get(name, "Not used")} for name, holds in known["parts"].items()
    ]
    columns = {"part": show.Column("Part", "code"), "holds": "Holds", "used": "Used as"}
    show.table(rows, columns, key=f"parts-{sets.key_of(project)}-{sets.turn()}")
    text(
        "Its cells are called by their genes; their peaks then teach a network, which calls the query by its peaks.",
        muted=True,
    )


def ask(project: Project) -> None:
    """Ask for the parts of a file that was brought and whose parts cannot be told apart; nothing without one."""
    pending = session.kept(PENDING)
    if pending:
        _ask(project, *pending)


def _forget() -> None:
    session.keep(PENDING, None)


@st.dialog("Which parts of the bridge are meant?", width="medium", on_dismiss=_forget)
def _ask(project: Project, path: str, undecided: dict[str, list[str]]) -> None:
    text("The file has several parts that could be meant. CellDesk cannot tell which.")
    chosen = {field: _box(field, names, f"ask-{field}-{sets.turn()}") for field, names in undecided.items()}
    if st.button("Read it", icon=":material/check:", type="primary", key="ask-bridge"):
        _forget()
        sets.bring(project, "bridge", path, chosen)


def _box(field: str, options: list[str], key: str, found: str = "") -> str:
    about = BridgeSourceSpec.model_fields[field]
    return st.selectbox(
        str(about.title),
        options,
        format_func=lambda name: f"found: {found}" if name == AUTO else name,
        key=key,
        help=about.description,
    )


def _holding(parts: dict[str, str], kind: str) -> list[str]:
    return [name for name, holds in parts.items() if holds == kind]
