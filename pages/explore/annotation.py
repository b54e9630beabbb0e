"""Annotation: labels for the query cells, how far they can be trusted, and which cells get none."""

from __future__ import annotations

import streamlit as st

from core.saved import Saved
from pages.ui import session, show
from pages.ui.explore import compare, finished, labels, levels, types, unassigned
from pages.ui.models import chosen

project = session.need("project")
header = show.page_header("annotation")
results = finished.results(
    project,
    header,
    "annotate",
    title="No labels yet",
    text="Labels come from a run that learns a labelled reference and then names the cells of a query; a model that is "
    "trained already gives them on the Models page",
)
saved = Saved.of(project, results.run)

if compare.asked(header):
    compare.view(results, header)
    st.stop()

level = levels.choose(results)
left, right = st.columns([662, 510], gap=12)
with right:
    above = st.container()
    choice = labels.choose(results, saved, level)
with above:
    labels.curve(choice)
with left:
    labels.query(choice, unassigned.lit(choice))
left, right = st.columns([662, 510], gap=12)
with left:
    types.types(choice)
with right:
    unassigned.unassigned(choice)

with header:
    chosen.offer(project, results.run)
    if st.button("Save labels", type="primary", icon=":material/check:", key="save-labels"):
        saved.keep_labels(choice.annotation, choice.cut.rate)
        st.toast(f"Saved with {choice.annotation['assigned'].sum():,} cells labelled. Export writes these labels.")
