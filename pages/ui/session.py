"""Who sits at the desk: the project that is open, the run that is looked at, and what a page needs to go on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NoReturn, overload

import streamlit as st

from core.errors import AppError
from core.project import Project
from core.specs import SourceSpec, Task, content_key
from core.workspace import workspace
from pages.ui import registry
from pages.ui.show import notes

if TYPE_CHECKING:
    from core.runs.run import Run

PROJECT = "celldesk.project"
RUN = "celldesk.run"
KEPT = "celldesk.kept"
BOX_WIDTH = 112
"""Pixels of the box of runs in a header, which notes on the run may stand beside."""
ADDRESS = "project"
"""The word in the browser's address that names the open project, so that a refresh or a shared link finds it."""

Need = Literal["project", "reference", "query", "bulk", "gene_sets", "run", "results"]

MISSING: dict[str, tuple[str, str, str]] = {
    "project": (
        "No project is open",
        "Begin with the demo, a recipe or a project of your own on the Home page",
        "home",
    ),
    "reference": ("No reference yet", "This page looks at cells of a reference. Bring a file on the Data page", "data"),
    "query": ("No query yet", "This page looks at the cells to be labelled. Bring a file on the Data page", "data"),
    "bulk": ("No bulk samples yet", "This page takes bulk samples apart. Bring a table on the Data page", "data"),
    "gene_sets": (
        "No gene sets yet",
        "Impact is measured on gene sets, such as the Hallmark collection. Bring a GMT file on the Data page",
        "data",
    ),
    "run": ("Nothing is trained yet", "Start a run on the Runs page; what comes of it is shown here", "runs"),
    "results": (
        "No results yet",
        "A run is still at work, or ended before it had results. The Runs page says which",
        "runs",
    ),
}


def project() -> Project | None:
    """The open project: the one chosen in this tab, else the one named in the address, else the last one changed."""
    chosen = st.session_state.get(PROJECT)
    folder = Path(chosen) if chosen else _from_address()
    if folder is None or not (folder / "project.json").exists():
        return None
    st.session_state[PROJECT] = str(folder)
    if st.query_params.get(ADDRESS) != address(folder):
        st.query_params[ADDRESS] = address(folder)
    return Project(folder)


def open_project(folder: Path) -> Project:
    """Make the project in ``folder`` the open one.

    Raises
    ------
    ProjectError
        If the folder holds no readable project.
    """
    opened = Project.open(folder)
    st.session_state[PROJECT] = str(opened.root)
    for key in (RUN, KEPT):
        st.session_state.pop(key, None)
    return opened


@overload
def need(what: Literal["project"]) -> Project: ...
@overload
def need(what: Literal["reference", "query", "bulk"]) -> SourceSpec: ...
@overload
def need(what: Literal["gene_sets"]) -> str: ...
@overload
def need(what: Literal["run", "results"], *tasks: Task) -> Run: ...


def need(what: Need, *tasks: Task) -> Project | SourceSpec | Run | str:
    """What the page cannot do without; where it is missing, the page ends with a sentence and a link to its source.

    Parameters
    ----------
    what
        ``project``; a file (``reference``, ``query``, ``bulk``, ``gene_sets``); ``run``, the run looked at, whatever
        its state; ``results``, the same, but with results.
    tasks
        Kinds of run that will do; all where none is given.
    """
    opened = project()
    if opened is None:
        stop("project")
    if what == "project":
        return opened
    if what in ("run", "results"):
        return run(*tasks, finished=what == "results") or stop(what if runs(*tasks) else "run")
    return getattr(opened.draft.data, what) or stop(what)


def stop(what: Need) -> NoReturn:
    """End the page, saying what is missing and where to get it."""
    title, text, page = MISSING[what]
    notes.empty(title, text, page=page)
    st.stop()


def runs(*tasks: Task, finished: bool = False) -> list[Run]:
    """Runs of the open project, newest first; of the kinds ``tasks``, and only those with results if ``finished``."""
    opened = project()
    found = opened.runs() if opened else []
    return [each for each in found if (not tasks or each.spec.task in tasks) and (not finished or each.summary)]


def run(*tasks: Task, finished: bool = False) -> Run | None:
    """The run looked at: the one chosen on any page, else the newest of its kind."""
    found = runs(*tasks, finished=finished)
    chosen = st.session_state.get(RUN)
    return next((each for each in found if each.directory.name == chosen), found[0] if found else None)


def choose_run(each: Run | str) -> None:
    """Look at this run from now on, on every page."""
    st.session_state[RUN] = each if isinstance(each, str) else each.directory.name


def run_box(*tasks: Task, finished: bool = True, label: str = "Run") -> Run | None:
    """A select box of runs for a page's header; the choice holds on every page."""
    found = {each.directory.name: each for each in runs(*tasks, finished=finished)}
    if not found:
        return None
    now = run(*tasks, finished=finished)
    key = f"run-box-{'-'.join(tasks)}"
    if now is not None:
        st.session_state[key] = now.directory.name
    st.selectbox(
        label,
        list(found),
        format_func=lambda name: found[name].name,
        key=key,
        label_visibility="collapsed",
        width=BOX_WIDTH,
        on_change=lambda: choose_run(st.session_state[key]),
    )
    chosen = found[st.session_state[key]]
    _run_notes(chosen)
    return chosen


def _run_notes(run: Run) -> None:
    """A button beside the run's box that holds what was noted while it ran; none where nothing was."""
    said = dict.fromkeys(run.status.notes)
    if not said:
        return
    with st.popover(f"{len(said)}", icon=":material/warning:", key="run-notes", help=f"Notes on {run.name}"):
        notes.text(f"Noted while {run.name} was made", strong=True)
        for one in said:
            notes.text(one)


def kept(name: str, default: Any = None) -> Any:
    """A value that a page put aside with ``keep``; it outlives a change of page, not of project."""
    return st.session_state.get(KEPT, {}).get(name, default)


def keep(name: str, value: Any) -> None:
    """Put a value aside under ``name`` for this tab."""
    st.session_state.setdefault(KEPT, {})[name] = value


def go(page: str) -> NoReturn:
    """Change to the page called ``page``."""
    st.switch_page(registry.page(page).file)


def attempt(action: Callable[[], Any], *, done: str = "") -> Any:
    """Do what a button asks; a user's mistake is shown where the button stands, success as a short message.

    Returns
    -------
    What ``action`` returns; ``None`` if it was refused.
    """
    try:
        answer = action()
    except AppError as problem:
        notes.error(problem)
        return None
    if done:
        st.toast(done)
    return answer


def address(folder: Path) -> str:
    """A short name of a project for the browser's address."""
    inside = folder.parent == workspace().projects
    return folder.name if inside else f"{folder.name}-{content_key(str(folder))[:6]}"


def _from_address() -> Path | None:
    """The named project among those known here; an address never opens another folder."""
    known = workspace().project_folders()
    named = st.query_params.get(ADDRESS)
    return next((folder for folder in known if address(folder) == named), known[0] if known else None)
