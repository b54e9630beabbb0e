"""Recent projects, and where the open one stands."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import streamlit as st

from core.errors import AppError
from core.project import Project
from core.runs.run import Run
from core.specs import ROLES
from core.steps import StepState, steps
from core.tasks import stored_sets
from core.workspace import workspace
from pages.ui import session, show

STATES = {
    "current": "Made with the settings and files of now",
    "stale": "One of them has changed since",
    "missing": "Not made yet",
}
SHOWN = 4
SHORT = 24
"""Letters of a name that stands on one line."""
DONE = {
    "represent": "Codes and embedding",
    "annotate": "Annotation",
    "deconvolve": "Composition",
    "evaluate": "Evaluation",
}


def recent_projects() -> None:
    """The projects last changed: what they hold, how far they are; a click opens one."""
    folders = workspace().project_folders()
    with show.card("Recent projects") as panel:
        everything = bool(session.kept("home.all"))
        if len(folders) > SHOWN:
            words = "Show fewer" if everything else f"Show all {len(folders)}"
            if panel.actions.button(words, type="tertiary", key="home-all"):
                session.keep("home.all", not everything)
                st.rerun()
        shown = folders if everything else folders[:SHOWN]
        event = show.table(
            [_row(folder) for folder in shown],
            {
                "name": show.Column("Project", "link"),
                "data": "Data",
                "last": "Last step",
                "changed": "Changed",
                "state": show.Column("State", "chip"),
            },
            key=f"projects-{len(shown)}-{len(folders)}",
            empty="No project yet. Begin with the demo, a recipe or a project of your own.",
        )
        if event.clicked is not None:
            folder = shown[event.clicked.row]
            if session.attempt(lambda: session.open_project(folder)) is not None:
                st.rerun()


def standing(project: Project | None) -> None:
    """Each step of the open project: current, stale or missing."""
    if project is None:
        with show.card("Where a project stands", key="standing"):
            show.text(
                "Every result knows the settings and files it was made of. When one of them changes, the result is "
                "called stale and nothing is deleted.",
                muted=True,
            )
            show.table_of_states([(words, "", state) for state, words in STATES.items()])
        return
    with show.card(f"Where {project.name} stands", key="standing"):
        show.table_of_states([(step.title, _detail(step), step.state) for step in steps(project)])


def _detail(step: StepState) -> str:
    if step.state == "stale" and " changed" in step.because:
        return f"{step.detail}, {step.because.partition(' changed')[0]} changed" if "." in step.because else step.detail
    return step.detail


def _row(folder: Path) -> dict[str, Any]:
    try:
        project = Project.open(folder)
        runs = project.runs()
        return {
            "name": _whole(project.name),
            "data": _data(project),
            "last": _last(project, runs),
            "changed": _whole(_moment(project.changed)),
            "state": _state(project, runs),
        }
    except AppError as problem:
        return {"name": folder.name, "data": problem.what, "last": "", "changed": "", "state": ("failed", "Unreadable")}


def _data(project: Project) -> str:
    words = []
    data = project.draft.data
    for role in ROLES:
        source = getattr(data, role)
        folder = stored_sets.stored(project, role, source) if source else None
        if source and folder is None:
            words.append(f"{role} {Path(source.path).name}")
        elif folder is not None:
            count = stored_sets.summary(folder)["n_cells"]
            words.append(f"{count:,} {'bulk samples' if role == 'bulk' else f'{role} cells'}")
    return ", ".join(words) or "no file yet"


def _last(project: Project, runs: list[Run]) -> str:
    if not runs:
        return "Data" if project.draft.data.reference else "Made"
    state = runs[0].status.state
    if state in ("finished", "stopped") and runs[0].summary:
        return f"{DONE[runs[0].spec.task]}, {_whole(runs[0].name)}"
    return _whole(runs[0].name)


def _state(project: Project, runs: list[Run]) -> tuple[str, str]:
    states = [run.status.state for run in runs]
    if "running" in states or "queued" in states:
        return "running", "Training"
    if runs and states[0] in ("lost", "failed"):
        return states[0], f"{runs[0].name} {states[0]}"
    stale = sum(step.state == "stale" for step in steps(project))
    if stale:
        return "stale", f"{stale} stale"
    return ("current", "All current") if runs else ("missing", "Nothing trained")


def _moment(seconds: float) -> str:
    then, now = time.localtime(seconds), time.localtime()
    days = (time.mktime((*now[:3], 0, 0, 0, 0, 0, -1)) - time.mktime((*then[:3], 0, 0, 0, 0, 0, -1))) / 86400
    if days < 1:
        return time.strftime("Today %H:%M", then)
    if days < 2:
        return "Yesterday"
    return time.strftime("%-d %b" if then.tm_year == now.tm_year else "%-d %b %Y", then)


def _whole(words: str) -> str:
    """Short ``words`` on one line."""
    return words.replace(" ", "\u00a0") if len(words) <= SHORT else words
