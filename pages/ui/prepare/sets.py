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
from core.specs.several import files
from core.tasks import bridge_file, check, several, stored_sets
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
ANOTHER: Mapping[str, Role] = {"more_references": "reference", "more_bulk": "bulk"}
"""What a file can be brought as beside a first one, and its role."""
ANOTHER_TITLES = {"more_references": "Another reference", "more_bulk": "Another bulk file"}


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


def summary(project: Project, role: Role, at: int = 0) -> dict[str, Any] | None:
    """What is known of the file number ``at`` of a role; ``None`` where there is none or it has not been read yet."""
    folder = _folder(project, role, at)
    return None if folder is None else stored_sets.summary(folder)


def bridge(project: Project) -> dict[str, Any] | None:
    """What is known of the bridge; ``None`` where there is none or it has not been read yet."""
    source = project.draft.data.bridge
    folder = bridge_file.stored(project, source) if source else None
    return None if folder is None else bridge_file.summary(folder)


def cells(project: Project, role: Role, at: int = 0) -> pd.DataFrame | None:
    """Counts, genes, mitochondrial share, label and batch of each cell; shared by all tabs, never to be changed."""
    folder = _folder(project, role, at)
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
        if kind in ROLES or kind in ANOTHER:
            role = ANOTHER.get(kind, kind)
            at = len(files(project.draft.data, ANOTHER[kind])) if kind in ANOTHER else 0
            done = session.attempt(
                lambda: background.call(
                    "core.tasks.admit:admit", project_root=root, role=role, source={"path": path}, new=True, at=at
                )
            )
        else:
            done = session.attempt(
                lambda: background.call(f"core.tasks.admit:admit_{kind}", project_root=root, path=path, **arguments)
            )
    if done is not None:
        st.toast(f"{title(kind)}: {Path(path).name} was read")
        redraw()
    return done is not None


def title(kind: str) -> str:
    """What a file can be brought as, in words."""
    return ANOTHER_TITLES.get(kind) or TITLES[kind]


def reread(project: Project, role: Role, source: SourceSpec, at: int = 0) -> None:
    """Read a file again with other meanings; where they do not fit, the old ones stay and the page says why."""
    with st.spinner(f"Reading {Path(source.path).name}"):
        try:
            background.call(
                "core.tasks.admit:admit", project_root=str(project.root), role=role, source=source.model_dump(), at=at
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


def rename(project: Project, role: Role, at: int, name: str) -> None:
    """Call one of several files by another name; where it is taken, the old one stays and the page says why."""
    try:
        several.rename(project, role, at, name)
    except AppError as problem:
        session.keep(PROBLEM, problem)
    redraw()


def remove(project: Project, kind: str, at: int = 0) -> None:
    """Take a file out of the project; the file itself stays where it is, and others of its role move up."""
    try:
        if kind in ROLES:
            several.remove(project, ROLES[ROLES.index(kind)], at)  # type: ignore[arg-type]  a role by the line above
        else:
            project.change(f"data.{kind}", None)
    except AppError as problem:
        session.keep(PROBLEM, problem)
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


def _folder(project: Project, role: Role, at: int = 0) -> Path | None:
    there = files(project.draft.data, role)
    return stored_sets.stored(project, role, there[at]) if at < len(there) else None
