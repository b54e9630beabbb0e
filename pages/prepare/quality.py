"""Quality: how deep each cell was read, and which cells and genes are kept."""

from __future__ import annotations

import streamlit as st

from pages.ui import session, show
from pages.ui.prepare import quality, sets

project = session.need("project")
header = show.page_header("quality")
session.need("reference")
with header:
    role = quality.choose_role(project)

above, below = (st.columns([3.35, 1], gap=12) for _ in range(2))
with above[1]:
    spec = quality.rules(project)
with above[0]:
    found = quality.result(project, role, spec)
    cells = sets.cells(project, role)
    enough = found is not None and quality.warn(found)
    if found is not None and cells is not None:
        quality.numbers(found, cells, role)
        quality.histograms(cells, spec, role)
        with below[0]:
            quality.breakdown(found, cells, role)
        with below[1]:
            quality.left_out(found, role)

with header:
    changed = spec != project.draft.data.quality
    if st.button("Reset", icon=":material/undo:", disabled=not changed, help="Back to the settings that are kept."):
        sets.redraw()
    if changed:
        if st.button("Keep these settings", type="primary", icon=":material/check:", disabled=not enough):
            quality.keep(project, spec)
    elif st.button("Continue to Features", type="primary", icon=":material/arrow_forward:"):
        session.go("features")
