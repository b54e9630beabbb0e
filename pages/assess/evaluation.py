"""Evaluation: the papers' claims, tried again on the data at hand."""

from __future__ import annotations

import streamlit as st

from core.evaluation import verdict
from core.results import Results
from pages.ui import session, show
from pages.ui.assess import evaluation, evaluation_words
from pages.ui.explore import finished
from pages.ui.runs import where
from pages.ui.watch import watch

project = session.need("project")
header = show.page_header("evaluation")
session.need("reference")
going = [run for run in session.runs("evaluate") if run.status.active]
with header:
    run = session.run_box("evaluate")
    with st.popover("Settings", icon=":material/tune:", key="evaluation-settings"):
        wanted = evaluation.settings(project)
    if run is not None:
        evaluation.command_box(run)
    where.box()
    busy = bool(going) or not wanted.experiments
    label = "Run what is missing" if run is None else "Run again"
    asked = st.button(label, type="primary", icon=":material/play_arrow:", disabled=busy, key="evaluate")
if asked and evaluation.start(project, wanted):
    st.rerun()


def at_work() -> bool:
    """Whether the evaluation that was going on when the page was drawn still is."""
    return bool(going) and going[0].status.active


def progress() -> None:
    """How far the evaluation is."""
    if going:
        status = going[0].status
        share = status.epoch / status.epochs if status.epochs else 0.0
        show.progress(going[0].name, share, f"{status.phase or 'starting'}, epoch {status.epoch}")


watch(progress, at_work)
for failed in session.runs("evaluate")[:1]:
    if failed.status.state == "failed" and failed.status.error:
        parts = failed.status.error
        show.note(f"**{failed.name} failed.** {parts['what']} {parts['remedy']}", "failed", page="runs")
results = None
if run is not None:
    finished.banner(project, run)
    results = Results(run)

table = evaluation.judged(results)
left, right = st.columns([2.75, 1], gap=12)
with left:
    claim = evaluation.claims(table, results, run.directory.name if run else "none")
if results and claim and claim["verdict"] != "not_run":
    gaps = verdict.differences(results.table("evaluation"), claim["experiment"], claim["metric"])
    own = gaps.loc[gaps["method"] == claim["method"], "difference"]
    better = int((own < 0).sum() if claim["direction"] == "lower" else (own > 0).sum())
    p = verdict.paired_p(gaps, claim["method"])
    with right:
        evaluation.methods(results, claim)
        with show.card("In plain words"):
            for line in evaluation_words.plain(claim, evaluation_words.data_name(results.run), p, better, len(own)):
                show.text(line)
    with left:
        below = st.columns([1.4, 1], gap=12)
        with below[0]:
            evaluation.splits(results, claim)
        with below[1]:
            evaluation.how_sure(results, claim)
else:
    with right:
        if claim:
            evaluation.untried(claim, wanted)
        evaluation.next_one(table, wanted)
