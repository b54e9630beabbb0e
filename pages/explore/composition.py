"""Composition: which cell types make up each bulk sample, and how sure the answer is."""

from __future__ import annotations

import streamlit as st

from pages.ui import session, show
from pages.ui.composition import desk, errors, genes, groups, merge, mixtures, overview
from pages.ui.explore import finished
from pages.ui.models import chosen

DRAWN = {
    desk.SAMPLES: overview.view,
    desk.GROUPS: groups.view,
    desk.ERRORS: errors.view,
    desk.GENES: genes.view,
}

project = session.need("project")
header = show.page_header("composition")
with header:
    view = desk.view_box()
if view == desk.MIXTURES:
    with header:
        looked_at = session.run_box("deconvolve")
    mixtures.view(project, looked_at)
    st.stop()
results = finished.results(
    project,
    header,
    "deconvolve",
    title="No composition yet",
    text="Proportions come from a run that learns mixtures of a labelled reference and takes bulk samples apart",
)
with header:
    with st.popover("More", icon=":material/more_horiz:", key="composition-more"):
        merge.controls(project, results.table("composition"))
        chosen.offer(project, results.run)
    if st.button("Estimate again", type="primary", icon=":material/refresh:", key="estimate-again"):
        finished.start(project, results.run)
DRAWN[view](desk.Desk(project, results))
