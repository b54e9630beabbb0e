"""Which gene-set file a page looks at: the run's, the project's, one made or fetched here, or one brought."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core.errors import DataError
from core.interpretation.gene_sets import read_gmt
from core.project import Project
from core.runs.run import Run
from core.tasks.set_files import CIRCULAR, FETCHED, folder, own_path
from pages.ui import cache, session, show
from pages.ui.sets import place
from pages.ui.upload_control import upload

BROUGHT = "gene_set_files"
"""Note of the project: gene-set files brought here, beside the project's own."""
CHOSEN = "gene_set_file"
"""Note of the project: the file looked at."""
MOST_LETTERS = 22
"""Letters of a file's name on the button; the whole name stands behind it."""


def files(project: Project, run: Run | None) -> list[Path]:
    """The files to choose from, each once; those that are gone are left out."""
    own = (run.spec.data.gene_sets if run else None, project.draft.data.gene_sets)
    listed = [Path(path) for path in (*own, *(project.note(BROUGHT) or ())) if path]
    listed += sorted(folder(project).glob("*.gmt"))
    return [path for path in dict.fromkeys(listed) if path.is_file()]


def chosen(project: Project, run: Run | None) -> Path | None:
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
                on_change=lambda: look_at(project, st.session_state[key]),
            )
            show.text("Add gene sets", strong=True)
        bring(project, key)
        place.link(f"{key}-more")
    return now


def look_at(project: Project, path: Path) -> None:
    """Look at the sets of this file from now on, on every page."""
    project.note(CHOSEN, str(path))


def title(path: Path, letters: int | None = None) -> str:
    """A file's name and how many sets it holds: ``hallmark_human, 50 sets``.

    Parameters
    ----------
    path
        A GMT file.
    letters
        Most letters of its name; all where it is not given.
    """
    sets, short = count(path), name(path)
    if letters is not None and len(short) > letters:
        short = f"{short[: letters - 1]}…"
    return f"{short}, {sets:,} {'set' if sets == 1 else 'sets'}"


def name(path: Path) -> str:
    """A file's name without its ending."""
    return path.name.removesuffix(".gz").removesuffix(".gmt")


def count(path: Path) -> int:
    """How many sets a file holds."""
    return _read(path)[0]


def origin(project: Project, path: Path) -> str:
    """Where the sets of a file are from, in a word or two: of files not made or fetched here, the folder."""
    if path.parent != folder(project):
        return path.parent.name
    said = _read(path)[1]
    if FETCHED in said:
        return f"Fetched {said.partition(FETCHED)[2]}"
    return "Typed here" if path == own_path(project) else "Labels" if said.startswith(CIRCULAR) else "Textbook"


def _read(path: Path) -> tuple[int, str]:
    """How many sets a file holds, and the first one's description."""

    def read() -> tuple[int, str]:
        sets = read_gmt(path)
        return len(sets), next(iter(sets.descriptions.values()), "")

    seen = path.stat()
    return cache.table(f"sets-{path}-{seen.st_mtime_ns}-{seen.st_size}", read)


def bring(project: Project, key: str) -> None:
    """A place to drop a GMT file, and a field for its path."""
    arrived = upload(f"{key}-upload", label="Choose a GMT file", endings=(".gmt", ".gz"), hint="such as MSigDB's")
    if arrived is not None:
        session.attempt(lambda: keep(project, arrived.path))
    path = st.text_input("Or its path on this machine", key=f"{key}-path")
    if st.button("Add", key=f"{key}-use", type="primary", disabled=not path.strip()) and session.attempt(
        lambda: keep(project, Path(path.strip()).expanduser())
    ):
        st.rerun()


def keep(project: Project, path: Path) -> bool:
    """Take a file among those to choose from, and look at it.

    Raises
    ------
    DataError
        If it is not there or no GMT file.
    """
    if not path.is_file():
        raise DataError("The gene-set file was not found", str(path), "Check its name and folder")
    read_gmt(path)
    brought = project.note(BROUGHT) or []
    project.note(BROUGHT, [*dict.fromkeys([*brought, str(path.resolve())])])
    look_at(project, path.resolve())
    return True
