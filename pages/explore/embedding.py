"""Embedding: the same cells in two linked pictures, and what a selection of them has in common."""

from __future__ import annotations

import streamlit as st

from core.saved import Saved
from pages.ui import session, show
from pages.ui.explore import finished, inspector, pictures

project = session.need("project")
header = show.page_header("embedding")
results = finished.results(
    project,
    header,
    "represent",
    "annotate",
    title="No picture yet",
    text="Pictures are drawn at the end of a run that represents or labels cells",
)
saved = Saved.of(project, results.run)

left, right = st.columns([884, 288], gap=12)
with left:
    colour, how = pictures.toolbar(results, saved)
    pictures.linked(results, colour, how)
    pictures.quality(results)
with right:
    inspector.inspector(project, results, saved, colour)
with header:
    inspector.save(results, saved)
