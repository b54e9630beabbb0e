"""Search: settings of the network tried one after another, each as a run, and the best taken over."""

from __future__ import annotations

import streamlit as st

from pages.ui import session
from pages.ui.search import head, setup, trials
from pages.ui.search.live import live

project = session.need("project")
draft = project.draft
search = head.shown(project)
asked = head.header(project, search)
left, right = st.columns([2.86, 1], gap=12)
with right:
    if search is not None:
        trials.chosen_card(project, draft, search)
    plan = setup.setup_card(project, draft)
if asked:
    head.start(project, plan)
with left:
    if search is None:
        head.without_searches(project)
    else:
        live(search)
