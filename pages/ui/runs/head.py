"""Which run is looked at, and its buttons: start another, stop, resume."""

from __future__ import annotations

import streamlit as st

from core.project import Project
from core.recipes import RECIPES
from core.runs.launch import stop as stop_run
from core.runs.run import Run
from core.tasks.readiness import lacking
from pages.ui import session, show
from pages.ui.network.head import start
from pages.ui.runs import precision, where

TASK_WORDS = {
    "represent": "codes and embedding",
    "annotate": "labels for the query",
    "deconvolve": "composition of bulk samples",
    "evaluate": "the papers' experiments",
}


def header(project: Project, run: Run) -> None:
    """Title, what the run does, and the buttons that its state allows."""
    status = run.status
    asked = stop = resumed = False
    with show.page_header("runs", title=run.name, sentence=_sentence(run)):
        if status.active:
            going = run.stop_requested
            words = "Stopping" if going else "Stop and keep best" if run.spec.data.model is None else "Stop"
            stop = st.button(words, icon=":material/stop:", disabled=going, key="run-stop")
        elif run.can_resume:
            resumed = st.button(f"Resume {run.name}", icon=":material/resume:", key="run-resume")
        precision.before_a_run(project)
        where.box()
        asked = st.button("Start another run", type="primary", icon=":material/play_arrow:", key="run-start")
    if stop:
        end(run)
    if resumed:
        resume(run)
    if asked:
        start_another(project)


def without_runs(project: Project) -> None:
    """What stands here before the first run."""
    with show.page_header("runs"):
        precision.before_a_run(project)
        where.box()
        asked = st.button("Start a run", type="primary", icon=":material/play_arrow:", key="run-start")
    if asked:
        start_another(project)
    lacks = lacking(project.draft, project.draft.analysis.task)
    first = f"First bring {' and '.join(lacks)} on the Data page." if lacks else "Its losses appear here."
    show.empty(
        "Nothing is trained yet",
        f"A run trains the network as it is drawn on the Network page, in a process of its own. {first}",
        page="data" if lacks else "network",
        icon="monitoring",
        facts={"Recipe": RECIPES[project.draft.recipe].system if project.draft.recipe in RECIPES else "none"},
    )


def start_another(project: Project) -> None:
    """Train the draft as a run of its own, beside whatever is running."""
    if session.attempt(lambda: start(project)) is not None:
        st.rerun()


def resume(run: Run) -> None:
    """Go on with a run from its last checkpoint."""

    def again() -> bool:
        where.start(run)
        session.choose_run(run)
        return True

    if session.attempt(again):
        st.rerun()


def end(run: Run) -> None:
    """Stop a run after the step it is in, or take it out of a cluster's queue."""

    def act() -> bool:
        stop_run(run)
        return True

    if session.attempt(act):
        st.rerun()


def _sentence(run: Run) -> str:
    spec = run.spec
    system = RECIPES[spec.recipe].system if spec.recipe in RECIPES else "A network of your own"
    if spec.data.model is not None:
        return f"{system}: {TASK_WORDS[spec.task]} by a trained model; nothing is learned. You may close the browser."
    kept = spec.training.validation_share
    share = f"{100 * kept:.0f} % of the cells are kept for validation" if kept else "no cells are kept for validation"
    return f"{system}: {TASK_WORDS[spec.task]}; {share}. You may close the browser."
