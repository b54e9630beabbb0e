"""Pathways: which gene sets drive which code units, next to chance and to a comparison without a network."""

from __future__ import annotations

import streamlit as st

from pages.ui import session, show
from pages.ui.explore import activity, finished, impact_view
from pages.ui.sets import place
from pages.ui.sets import view as sets_view

project = session.need("project")
header = show.page_header("pathways")
with header:
    view = place.view_box()
if view == place.SETS:
    sets_view.view(project, header)
    st.stop()
results = finished.results(
    project,
    header,
    *(("represent", "annotate") if view == place.CELLS else ("represent", "annotate", "deconvolve")),
    title="Nothing is trained yet",
    text="Impact is measured on the network of a run that represents or labels cells, or takes bulk samples apart",
)
if view == place.CELLS:
    activity.view(project, results, header)
    st.stop()
impact_view.view(project, results, header)
