"""Export: results, figures, report and recipe, to take along."""

from __future__ import annotations

import streamlit as st

from core.tasks.export_items import RESULTS
from pages.ui import session, show
from pages.ui.assess import export

project = session.need("project")
header = show.page_header("export")
session.need("results")
with header:
    runs = export.runs_box()
if not runs:
    show.empty("No run is chosen", "Choose one or more runs above; their files are listed here", icon="checklist")
    st.stop()

top = st.container()
left, right = st.columns([2.35, 1], gap=12)
with left:
    ticked = export.files(project, runs)
    export.stale(project, runs)
    options = export.where(project, runs[0], counts=any(item.name == RESULTS for item in ticked))
with header:
    items = f"{len(ticked)} {'item' if len(ticked) == 1 else 'items'}"
    asked = st.button(
        f"Export {items}", type="primary", icon=":material/download:", disabled=not ticked, key="export-now"
    )
with top:
    if asked:
        export.write(project, ticked, options)
    export.said()
with left:
    export.written()
with right:
    export.recipe(runs[0])
    export.report(runs[0])
