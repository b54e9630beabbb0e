"""Which gene-set file a page looks at: the project's own, the run's, or one brought here."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core.errors import DataError
from core.interpretation.gene_sets import read_gmt
from core.project import Project
from core.runs.run import Run
from pages.ui import cache, session, show
from pages.ui.upload_control import upload

BROUGHT = "gene_set_files"
"""Note of the project: gene-set files brought here, beside the project's own."""
CHOSEN = "gene_set_file"
"""Note of the project: the file looked at."""
MOST_LETTERS = 22
"""Letters of a file's name on the button; the whole name stands behind it."""


def files(project: Project, run: Run) -> list[Path]:
    """The files to choose from, each once; those that are gone are left out."""
    own = (run.spec.data.gene_sets, project.draft.data.gene_sets)
    listed = [Path(path) for path in (*own, *(project.note(BROUGHT) or ())) if path]
    return [path for path in dict.fromkeys(listed) if path.is_file()]


def chosen(project: Project, run: Run) -> Path | None:
    """The file looked at: the one chosen on any page, else the first there is."""
    found = files(project, run)
    named = project.note(CHOSEN)
    return next((path for path in found if str(path) == named), found[0] if found else None)


def box(project: Project, run: Run, key: str) -> Path | None:
    """A button that names the file looked at; behind it the other files, and a way to bring one more."""
    found, now = files(project, run), chosen(project, run)
    label, icon = (title(now, MOST_LETTERS), None) if now else ("Add gene sets", ":material/add:")
    with st.popover(label, icon=icon, key=f"{key}-open"):
        if now is not None:
            st.session_state[key] = now
            st.selectbox(
                "Gene sets",
                found,
                format_func=title,
                key=key,
                on_change=lambda: project.note(CHOSEN, str(st.session_state[key])),
            )
            show.text("Add gene sets", strong=True)
        _bring(project, key)
    return now


def title(path: Path, letters: int | None = None) -> str:
    """A file's name and how many sets it holds: ``hallmark_human, 50 sets``.

    Parameters
    ----------
    path
        A GMT file.
    letters
        Most letters of its name; all where it is not given.
    """
    seen = path.stat()
    count = cache.table(f"sets-{path}-{seen.st_mtime_ns}-{seen.st_size}", lambda: len(read_gmt(path)))
    name = path.name.removesuffix(".gz").removesuffix(".gmt")
    if letters is not None and len(name) > letters:
        name = f"{name[: letters - 1]}…"
    return f"{name}, {count:,} {'set' if count == 1 else 'sets'}"


def _bring(project: Project, key: str) -> None:
    arrived = upload(f"{key}-upload", label="Choose a GMT file", endings=(".gmt", ".gz"), hint="such as MSigDB's")
    if arrived is not None:
        session.attempt(lambda: _keep(project, arrived.path))
    path = st.text_input("Or its path on this machine", key=f"{key}-path")
    if st.button("Add", key=f"{key}-use", type="primary", disabled=not path.strip()) and session.attempt(
        lambda: _keep(project, Path(path.strip()).expanduser())
    ):
        st.rerun()


def _keep(project: Project, path: Path) -> bool:
    if not path.is_file():
        raise DataError("The gene-set file was not found", str(path), "Check its name and folder")
    read_gmt(path)
    brought = project.note(BROUGHT) or []
    project.note(BROUGHT, [*dict.fromkeys([*brought, str(path.resolve())])])
    project.note(CHOSEN, str(path.resolve()))
    return True
