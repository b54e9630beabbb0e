"""The open project's files as the Prepare pages see them, and the child processes that read them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

import pandas as pd
import streamlit as st

from core.errors import AppError
from core.project import Project
from core.specs import ROLES, BridgeSourceSpec, DataSpec, Role, SourceSpec, content_key
from core.tasks import bridge_file, check, stored_sets
from core.tasks.check import Check
from pages.ui import background, cache, session
from pages.ui.show import notes

TURN = "prepare.turn"
PROBLEM = "prepare.problem"
TITLES = {
    "reference": "Reference",
    "query": "Query",
    "bulk": "Bulk",
    "bridge": "Bridge",
    "gene_sets": "Gene sets",
    "truth": "Measured proportions",
    "samples": "Sample sheet",
    "model": "Trained model",
}
"""What a file can be brought as."""


def any_file(data: DataSpec) -> bool:
    """Whether the project reads anything yet."""
    return any(getattr(data, kind) for kind in TITLES)


def checked(project: Project) -> Check | None:
    """The check of the project's files, made in a child process where it is missing; ``None`` where a file fails."""
    data = project.draft.data
    found = check.stored(project, data)
    if found is None and any_file(data):
        with st.spinner("Reading the files"):
            try:
                background.call("core.tasks.check:run", project_root=str(project.root))
            except AppError as problem:
                notes.error(problem)
                return None
        found = check.stored(project, project.draft.data)
    return found


def summary(project: Project, role: Role) -> dict[str, Any] | None:
    """What is known of a set; ``None`` where there is none or it has not been read yet."""
    folder = _folder(project, role)
    return None if folder is None else stored_sets.summary(folder)


def bridge(project: Project) -> dict[str, Any] | None:
    """What is known of the bridge; ``None`` where there is none or it has not been read yet."""
    source = project.draft.data.bridge
    folder = bridge_file.stored(project, source) if source else None
    return None if folder is None else bridge_file.summary(folder)


def cells(project: Project, role: Role) -> pd.DataFrame | None:
    """Counts, genes, mitochondrial share, label and batch of each cell; shared by all tabs, never to be changed."""
    folder = _folder(project, role)
    return None if folder is None else cache.shared(f"cells-{folder}", lambda: stored_sets.cells(folder))


def genes(project: Project, role: Role) -> pd.DataFrame | None:
    """In how many cells each gene is seen; shared by all tabs, never to be changed."""
    folder = _folder(project, role)
    return None if folder is None else cache.shared(f"genes-{folder}", lambda: stored_sets.genes(folder))


def bring(project: Project, kind: str, path: str, parts: Mapping[str, str] | None = None) -> bool:
    """Make the file at ``path`` the project's ``kind``; where it is refused, say so and change nothing.

    Parameters
    ----------
    parts
        Of a bridge, the names of its parts by field of its spec; those left out are found.

    Returns
    -------
    Whether the file was taken.
    """
    root = str(project.root)
    arguments: dict[str, Any] = dict(parts or {})
    with st.spinner(f"Reading {Path(path).name}"):
        if kind in ROLES:
            done = session.attempt(
                lambda: background.call(
                    "core.tasks.admit:admit", project_root=root, role=kind, source={"path": path}, new=True
                )
            )
        else:
            done = session.attempt(
                lambda: background.call(f"core.tasks.admit:admit_{kind}", project_root=root, path=path, **arguments)
            )
    if done is not None:
        st.toast(f"{TITLES[kind]}: {Path(path).name} was read")
        redraw()
    return done is not None


def reread(project: Project, role: Role, source: SourceSpec) -> None:
    """Read a file again with other meanings; where they do not fit, the old ones stay and the page says why."""
    with st.spinner(f"Reading {Path(source.path).name}"):
        try:
            background.call(
                "core.tasks.admit:admit", project_root=str(project.root), role=role, source=source.model_dump()
            )
        except AppError as problem:
            session.keep(PROBLEM, problem)
    redraw()


def reread_bridge(project: Project, source: BridgeSourceSpec) -> None:
    """Read the bridge again with other parts; where they do not fit, the old ones stay and the page says why."""
    chosen: dict[str, Any] = source.model_dump(include={"path", "expression", "accessibility"})
    with st.spinner(f"Reading {Path(source.path).name}"):
        try:
            background.call("core.tasks.admit:admit_bridge", project_root=str(project.root), **chosen)
        except AppError as problem:
            session.keep(PROBLEM, problem)
    redraw()


def bring_demo(project: Project) -> None:
    """Fill the project with the demonstration's files."""
    with st.spinner("Writing and reading the demonstration's files"):
        done = session.attempt(lambda: background.call("core.tasks.admit:admit_demo", project_root=str(project.root)))
    if done is not None:
        redraw()


def remove(project: Project, kind: str) -> None:
    """Take a file out of the project; the file itself stays where it is."""
    project.change(f"data.{kind}", None)
    redraw()


def show_problem() -> None:
    """What the last change of a meaning ran into, once."""
    problem = session.kept(PROBLEM)
    if problem is not None:
        notes.error(problem)
        session.keep(PROBLEM, None)


def turn() -> str:
    """A word for widget keys that changes whenever the files do, so that widgets begin anew."""
    return f"{session.kept(TURN, 0)}"


def renew() -> None:
    """Let widgets begin anew the next time that they are drawn."""
    session.keep(TURN, session.kept(TURN, 0) + 1)


def redraw() -> NoReturn:
    """Draw the page anew with fresh widgets."""
    renew()
    st.rerun()


def key_of(project: Project) -> str:
    """A word for widget keys that stands for the project."""
    return content_key(str(project.root))


def _folder(project: Project, role: Role) -> Path | None:
    source: SourceSpec | None = getattr(project.draft.data, role)
    return None if source is None else stored_sets.stored(project, role, source)
