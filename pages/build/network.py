"""Network: its layers, what it minimises, and how it is trained."""

from __future__ import annotations

import streamlit as st

from core.tasks.readiness import obstacles, sizes
from pages.ui import session, show
from pages.ui.network import drawing, further, head, inspector, layers, objective

project = session.need("project")
draft = project.draft
with show.page_header("network"):
    asked = head.actions(project, draft)
if asked:
    head.train(project)

known = sizes(project, draft)
against = obstacles(draft, known)
rows = drawing.rows_of(draft, known)
left, right = st.columns([2.85, 1], gap=12)
with left:
    drawing.diagram_card(project, draft, rows)
    drawing.number_cards(draft, known, against)
    drawing.warnings(against)
    layers.layers_card(project, draft, known, rows)
with right:
    inspector.inspector(project, draft, known, drawing.chosen_row(rows))
    objective.objective(project, draft)
further.further(project, draft)
