"""The part of the page that is drawn again while a search is at work."""

from __future__ import annotations

import streamlit as st

from core.search.folder import Search
from pages.ui.search import charts, trials
from pages.ui.watch import watch

SECONDS = 2.0


def live(search: Search) -> None:
    """How far the search is, its charts and its table."""
    watch(lambda: _draw(search), lambda: search.status.active, every=SECONDS)


def _draw(search: Search) -> None:
    spec = search.spec
    found = trials.as_they_stand(search, spec)
    trials.progress(search, spec, found)
    wide, narrow = st.columns([1.75, 1], gap=12)
    with wide:
        charts.across(spec, found, trials.chosen(search, found, spec))
    with narrow:
        charts.beside(search, spec, found)
    trials.table_card(search, spec, found)
