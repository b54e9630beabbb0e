"""The parts of the page that are drawn again while something runs: words soon, charts at what they cost."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from core.project import Project
from core.runs.run import Run
from core.runs.status import ACTIVE
from pages.ui import session
from pages.ui.runs import applied, charts, compare, machine, middle, progress, read
from pages.ui.watch import watch

WINDOW = 542
"""Pixels from the upper edge of the charts to the lower edge of a table of runs without rows, at 900 px."""
LOWEST = 200
SHARE_OF_A_CORE = 0.0025
"""Part of a core that drawing charts may take in the page's own thread; sending them takes about as much again."""
WORDS, SOONEST, LATEST = 3.0, 4.0, 30.0
"""Seconds from one look to the next: at words, and at charts at least and at most."""
COST, FIRST_COST = "run.drawing", 0.04
"""Processor seconds that the charts took last time, and before they were drawn at all."""


def live(project: Project, run: Run) -> None:
    """Draw the run, and again until its first epoch is there, or it or any run beside it changes its state."""
    states, begun = read.states(project), bool(read.epochs(run))

    def going() -> bool:
        now = read.states(project)
        return now == states and any(state in ACTIVE for state in now) and bool(read.epochs(run)) == begun

    watch(lambda: _words(run), going, every=WORDS)
    watch(lambda: _charts(project, run), going, every=pause(session.kept(COST, FIRST_COST), read.epochs(run)))


def pause(cost: float, epochs: Sequence[Mapping[str, Any]]) -> float:
    """Seconds until the charts are drawn again: as long as an epoch takes, and never so often that watching costs.

    Parameters
    ----------
    cost
        Processor seconds that the charts took last time.
    epochs
        Records of the run.
    """
    if not epochs:
        return SOONEST
    epoch = epochs[-1]["seconds"]
    return min(max(SOONEST, cost / SHARE_OF_A_CORE, epoch), LATEST)


def _words(run: Run) -> None:
    """What changes with every look: the bar, what went wrong, six numbers."""
    status, spec, epochs = run.status, read.spec(run), read.epochs(run)
    progress.progress_card(run, status, epochs)
    progress.messages(run, status)
    if spec.data.model is not None:
        applied.number_cards(run, spec, status)
        return
    progress.number_cards(spec, status, charts.of_network(run, epochs), read.measured(run))


def _charts(project: Project, run: Run) -> None:
    began = time.thread_time()
    status, spec, epochs, runs = run.status, read.spec(run), read.epochs(run), project.runs()
    shown = charts.of_network(run, epochs)
    most = compare.LOW if middle.replaying() else compare.HEIGHT
    height = chart_height(len(runs), progress.height_of_messages(status), most)
    left, right = st.columns([2.86, 1], gap=12)
    with left:
        if spec.data.model is not None:
            applied.card(spec, height)
        else:
            curve, beside = st.columns([1, 1.27], gap=12)
            with curve:
                charts.curves(run, status, epochs, compare.overlaid(runs, run), height)
            with beside:
                middle.card(spec, run, status, shown, height)
        compare.compare_card(runs, run, most)
    with right:
        if spec.data.model is None:
            charts.health(run, spec, shown)
        machine.where(run, status)
        machine.log(run, status, shown)
    session.keep(COST, time.thread_time() - began)


def chart_height(n_runs: int, taken: int, most: int = compare.HEIGHT) -> int:
    """Pixels of a chart that end the table of ``n_runs`` under it at the window's lower edge.

    ``taken`` are the pixels of messages above the chart, ``most`` those of the largest table.
    """
    return max(WINDOW - compare.table_height(n_runs, most) - taken, LOWEST)
