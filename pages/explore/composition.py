"""Composition: which cell types make up each bulk sample, and how sure the answer is."""

from __future__ import annotations

import streamlit as st

from pages.ui import session, show
from pages.ui.explore import finished, merge, methods, samples

project = session.need("project")
header = show.page_header("composition")
results = finished.results(
    project,
    header,
    "deconvolve",
    title="No composition yet",
    text="Proportions come from a run that learns mixtures of a labelled reference and takes bulk samples apart",
)

left, right = st.columns([668, 504], gap=12)
with left:
    sample = samples.every(project, results)
with right:
    samples.one(project, results, sample)
left, right = st.columns([668, 504], gap=12)
with left:
    methods.methods(results, sample)
with right:
    methods.expected(results)
methods.reading(results)

with header:
    merge.button(project, results.table("composition"))
    if st.button("Estimate again", type="primary", icon=":material/refresh:", key="estimate-again"):
        finished.start(project, results.run)
