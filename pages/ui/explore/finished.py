"""The finished run that a page of Explore looks at, and whether it still fits the project."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from core.errors import sentence
from core.project import Project
from core.results import Results
from core.runs.run import Run
from core.specs import Task, content_key
from core.steps import renewed, staleness
from core.tasks.readiness import lacking
from pages.ui import cache, session, show
from pages.ui.runs import where

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator


def results(project: Project, header: DeltaGenerator, *tasks: Task, title: str, text: str) -> Results:
    """Results of the run looked at, with its select box in ``header`` and a banner where it is out of date.

    Parameters
    ----------
    project
        The open project.
    header
        Slot of the page header.
    tasks
        Kinds of run that will do.
    title, text
        What stands on the page where there is no such run, before what to do.
    """
    if not session.runs(*tasks, finished=True):
        if any(run.status.active for run in session.runs(*tasks)):
            show.empty("Still at work", "A run is going on; its results are shown here when it ends", page="runs")
        else:
            remedy, page = _remedy(project, tasks)
            show.empty(title, f"{sentence(text)} {sentence(remedy)}", page=page)
        st.stop()
    with header:
        run = session.run_box(*tasks)
    if run is None or not run.results_path.exists():
        show.empty(
            "The results are gone", "The run's file results.h5ad is missing. Repeat it on the Runs page", page="runs"
        )
        st.stop()
    banner(project, run)
    return cache.shared(key(run), lambda: Results(run))


def _remedy(project: Project, tasks: Sequence[Task]) -> tuple[str, str]:
    """What comes first on the way to a run of ``tasks``, and the page where it is done."""
    lacks = lacking(project.draft, tasks[0])
    if lacks:
        return f"First bring {' and '.join(lacks)} on the Data page", "data"
    if project.draft.task not in tasks:
        return "Choose a recipe that does this on the Network page, then start a run", "network"
    return "Start one on the Runs page", "runs"


def key(run: Run, *more: object) -> str:
    """Content key of something read or computed from a run's results."""
    return content_key("results", str(run.directory), run.results_path.stat().st_mtime_ns, *more)


def banner(project: Project, run: Run) -> None:
    """Say what changed since the run, with the choice to recompute or to keep it; nothing where it is current."""
    because = staleness(run.spec, project.draft)
    kept = f"kept.{run.directory.name}"
    if not because or project.note(kept) == because:
        return
    path, _, change = because.partition(" ")
    setting = path.replace("_", " ").replace(".", ", ")
    text = f"{run.name} is **stale**: {setting} {change}."
    clicked = show.note(text, "attention", actions=("Recompute", "Keep it as it is"), key=f"stale-{run.directory.name}")
    if clicked == "Recompute":
        start(project, run)
    elif clicked:
        project.note(kept, because)
        st.rerun()


def start(project: Project, run: Run) -> None:
    """Start the run once more with the project's present data and settings, and go to the page that watches it."""

    def act() -> Run:
        again = project.new_run(renewed(run.spec, project.draft))
        where.start(again)
        return again

    if session.attempt(act) is not None:
        session.go("runs")
