"""The Sets view of the Pathways page: the project's gene-set files, where more come from, and what sets share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from core.data.wording import counted
from core.project import Project
from core.runs.run import Run
from core.tasks import sets_step
from core.tasks.set_files import CIRCULAR_WORDS
from core.tasks.sets_step import Described
from pages.ui import background, cache, session, show
from pages.ui.explore import gene_sets
from pages.ui.sets import fetch, made, overlap, own

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from core.tasks.set_names import Names

SOURCES = {
    "File": made.file,
    "Fetch": fetch.form,
    "Own": own.form,
    "Markers": made.markers,
    "Textbook": made.textbook,
}
"""Where sets come from, and what asks for them."""
FILES_HEIGHT = 198
FILES_HELP = (
    "Each is a GMT file: a set on each line. The one chosen here is looked at on this page and on Codes; to train on "
    "sets, choose the file on the Data page."
)
COLUMNS = {"name": show.Column("File", strong=True), "sets": show.Column("Sets", "number", ",.0f"), "from": "From"}


@dataclass(frozen=True)
class Desk:
    """What the view looks at. ``run``: whose cells sets are looked up in; ``None`` for the project's reference."""

    project: Project
    run: Run | None

    @property
    def folder(self) -> str:
        """Name of the run's folder; empty without."""
        return self.run.directory.name if self.run else ""

    def names(self) -> Names | None:
        """Gene names of the cells; ``None`` where there are none yet."""
        source = self.project.draft.data.reference
        key = f"names-{self.project.root}-{self.folder}-{source.model_dump_json() if source else ''}"
        return cache.shared(key, lambda: sets_step.names_of(self.project, self.folder))


def view(project: Project, header: DeltaGenerator) -> None:
    """Draw the view."""
    with header:
        run = session.run_box("represent", "annotate")
    desk = Desk(project, run)
    found, now = gene_sets.files(project, run), gene_sets.chosen(project, run)
    left, right = st.columns([1, 1.72], gap=12)
    with left:
        described = _described(desk, now) if now and desk.names() else None
        _files(desk, found, now, described)
        _add(desk)
    with right:
        overlap.card(now, described)


def _files(desk: Desk, found: list[Path], now: Path | None, described: Described | None) -> None:
    with show.card("Gene-set files", help=FILES_HELP, height="content"):
        rows = [
            {"name": gene_sets.name(path), "sets": gene_sets.count(path), "from": gene_sets.origin(desk.project, path)}
            for path in found
        ]
        at = [found.index(now)] if now else []
        event = show.table(
            rows,
            COLUMNS,
            key=f"set-files-{len(found)}-{at}",
            select="row",
            selected=at,
            height=min(FILES_HEIGHT, show.table_height(max(len(rows), 1))),
            empty="No gene sets yet. Add some below.",
        )
        if event.selected and found[event.selected[0]] != now:
            gene_sets.look_at(desk.project, found[event.selected[0]])
            st.rerun()
        if described is not None:
            _fit(described)


def _fit(described: Described) -> None:
    """Whether the file of the row that is chosen fits the cells."""
    said = f"{described.words} {counted(described.usable, 'set')} of {described.sets:,} can be used."
    if described.refused or not described.usable:
        show.note(said, "attention", key="sets-misfit")
    else:
        show.text(said, muted=True)
    if described.circular:
        show.note(CIRCULAR_WORDS, "attention", key="sets-circular")


def _add(desk: Desk) -> None:
    with show.card("Add gene sets", key="add-sets"):
        source = st.segmented_control(
            "From", list(SOURCES), default="File", required=True, label_visibility="collapsed", key="sets-from"
        )
        SOURCES[str(source)](desk)


def _described(desk: Desk, path: Path) -> Described | None:
    found = sets_step.stored(desk.project, desk.folder, path)
    if found is not None:
        return found
    arguments: dict[str, Any] = {"project_root": str(desk.project.root), "run": desk.folder, "gene_sets": str(path)}
    with st.spinner("Looking the sets up in the data"):
        session.attempt(lambda: background.call("core.tasks.sets_step:describe", **arguments))
    return sets_step.stored(desk.project, desk.folder, path)
