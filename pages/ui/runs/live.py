"""The part of the page that is drawn again while something runs."""

from __future__ import annotations

import streamlit as st

from core.project import Project
from core.runs.run import Run
from pages.ui.runs import charts, compare, machine, progress
from pages.ui.watch import watch

WINDOW = 542
"""Pixels from the upper edge of the charts to the lower edge of a table of runs without rows, at 900 px."""
LOWEST = 200


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
    height = chart_height(len(runs), progress.height_of_messages(status))
    left, right = st.columns([2.86, 1], gap=12)
    with left:
        total, parts = st.columns([1, 1.27], gap=12)
        with total:
            charts.total_loss(run, status, epochs, compare.overlaid(runs, run), height)
        with parts:
            charts.loss_parts(spec, shown, height)
        compare.compare_card(runs, run)
    with right:
        charts.health(spec, shown)
        machine.where(run, status)
        machine.log(run, status, shown)


def chart_height(n_runs: int, taken: int) -> int:
    """Pixels of a chart that end the table of ``n_runs`` under it at the window's lower edge.

    ``taken`` are the pixels of messages above the chart.
    """
    return max(WINDOW - compare.table_height(n_runs) - taken, LOWEST)
