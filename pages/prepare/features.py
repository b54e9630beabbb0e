"""Features: which genes the network sees, and how they were found."""

from __future__ import annotations

import streamlit as st

from pages.ui import session, show
from pages.ui.prepare import gene_search

project = session.need("project")
header = show.page_header("features")
session.need("reference")

left, right = st.columns([3.35, 1], gap=12)
with right, show.card("Settings"):
    gene_search.settings(project)
    facts = st.container(height="stretch", gap=8)
with left:
    found, fresh = gene_search.current(project)
with header:
    again = st.button("Search again" if found else "Search", icon=":material/refresh:", disabled=fresh)
    if found is not None:
        words = f"Use these {len(found.space.genes):,} {found.summary['kind']}"
        use = st.button(words, type="primary", icon=":material/check:", disabled=not fresh)
        if use:
            session.go("network")
with left:
    if found is not None and not fresh:
        stale = "The settings or the data have changed since this search."
        again |= bool(show.note(stale, "attention", actions=("Search",)))
    if again and gene_search.search(project):
        st.rerun()
    if found is None:
        show.empty("No genes yet", "Choose a rule and search. The genes found are shown here with how they were found.")
    else:
        less = 0 if fresh else gene_search.NOTE // 2
        top = st.columns([1.32, 1], gap=12)
        with top[0]:
            gene_search.trace(found, less)
        with top[1]:
            gene_search.occurrence(found, less)
        bottom = st.columns([1.32, 1], gap=12)
        with bottom[0]:
            gene_search.markers(found, less)
        with bottom[1]:
            gene_search.chosen(found, less)
if found is not None:
    with facts:
        gene_search.given(found, fresh)
