"""Data: which files the project reads, what was found in them, and what their columns mean."""

from __future__ import annotations

import streamlit as st

from pages.ui import session, show
from pages.ui.prepare import add, bridge, depth, findings, meaning, roles, sets

project = session.need("project")
with show.page_header("data"):
    add.by_path(project)
    add.by_upload(project)
    ready = project.draft.data.reference is not None
    if st.button("Continue to Quality", type="primary", icon=":material/arrow_forward:", disabled=not ready):
        session.go("quality")

sets.show_problem()
bridge.ask(project)
check = sets.checked(project)
found = findings.standing(project, check)
roles.role_cards(project, found)
roles.further_files(project, check)

left, right = st.columns([1.83, 1], gap=12)
with left:
    if sets.any_file(project.draft.data):
        findings.check_list(project, found, depth.depth)
    else:
        with show.card("Check", subtitle="What is found in your files, and what you can do about it."):
            show.text(
                "Nothing has been read yet. Add a file above, or look round with 700 blood cells that come along."
            )
            if st.button("Use the demo's files", icon=":material/science:"):
                sets.bring_demo(project)
with right:
    meaning.meanings(project)
