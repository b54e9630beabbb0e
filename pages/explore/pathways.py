"""Pathways: which gene sets drive which code units, next to chance and to a comparison without a network."""

from __future__ import annotations

import streamlit as st

from core.tasks.impact_step import refusal
from pages.ui import session, show
from pages.ui.explore import finished, gene_sets, impact, impact_findings, impact_words

project = session.need("project")
header = show.page_header("pathways")
results = finished.results(
    project,
    header,
    "represent",
    "annotate",
    title="Nothing is trained yet",
    text="Impact is measured on the network of a run that represents or labels cells",
)
run = results.run
why = refusal(run.spec)
if why:
    show.empty(
        "This run has no pathway impact",
        f"{why} Choose another run above, or train a network on the genes",
        page="network",
    )
    st.stop()
with header:
    chosen = gene_sets.box(project, run, "pathways-sets")
    groups = impact.cells_box(impact.labels(results), f"impact-cells-{run.directory.name}")
    asked = st.button(
        "Compute impact", type="primary", icon=":material/play_arrow:", disabled=chosen is None, key="compute-impact"
    )
if chosen is None:
    session.stop("gene_sets")
if asked and impact.compute(project, run, chosen, groups):
    st.rerun()
found = impact.current(project, run, chosen, groups)
if found is None:
    text = "Press **Compute impact** to measure how each unit responds to these gene sets; it takes a few seconds"
    show.empty("Not computed for these gene sets and cells", text, icon="grid_on")
    st.stop()

name = "_".join(filter(None, ("impact", chosen.stem, *groups))).replace(" ", "_").replace("/", "-")
top = st.container(gap=12)
left, right = st.columns([2, 1.1], gap=12)
with left:
    row = impact_findings.findings(found, impact_findings.other_runs(project, run), name)
with right:
    impact_findings.cleanliness(found, project, run)
with top:
    units = impact.panels(found, groups, row, name)
    show.note(impact_words.in_words(found, units, groups))
