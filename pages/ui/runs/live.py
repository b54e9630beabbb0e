"""The part of the page that is drawn again while something runs."""

from __future__ import annotations

import streamlit as st

from core.project import Project
from core.runs.run import Run
from pages.ui.runs import charts, compare, machine, progress
from pages.ui.watch import watch


def live(project: Project, run: Run) -> None:
    """Draw the run, and again every second until it, or any run beside it, changes its state for good."""
    states = [each.status.state for each in project.runs()]

    def going() -> bool:
        runs = project.runs()
        return any(each.status.active for each in runs) and [each.status.state for each in runs] == states

    watch(lambda: _draw(project, run), going)


def _draw(project: Project, run: Run) -> None:
    status, spec, epochs, runs = run.status, run.spec, run.epochs(), project.runs()
    progress.progress_card(run, status, epochs)
    progress.messages(run, status)
    shown = charts.of_network(run, epochs)
    progress.number_cards(spec, status, shown)
    left, right = st.columns([2.86, 1], gap=12)
    with left:
        total, parts = st.columns([1, 1.27], gap=12)
        with total:
            charts.total_loss(run, status, epochs, compare.overlaid(runs, run))
        with parts:
            charts.loss_parts(spec, shown)
        compare.compare_card(runs, run)
    with right:
        charts.health(spec, shown)
        machine.where(run, status)
        machine.log(run, shown)
