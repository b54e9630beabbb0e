"""The views of the Pathways page, and the way to its sets from other pages."""

from __future__ import annotations

import streamlit as st

from pages.ui import session

IMPACT, CELLS, SETS = "Impact", "Cells", "Sets"
VIEWS = (IMPACT, CELLS, SETS)
VIEW = "pathways-view"


def view_box() -> str:
    """Which view is shown."""
    st.session_state.setdefault(VIEW, session.kept(VIEW, IMPACT))
    view = st.segmented_control("View", VIEWS, required=True, label_visibility="collapsed", key=VIEW)
    session.keep(VIEW, view)
    return str(view)


def link(key: str) -> None:
    """A button that leads to where gene sets are fetched, typed and compared; nothing where that is on screen."""
    if st.session_state.get(VIEW) == SETS:
        return
    if st.button("Fetch, type or compare sets", icon=":material/arrow_forward:", type="tertiary", key=key):
        st.session_state.pop(VIEW, None)
        session.keep(VIEW, SETS)
        session.go("pathways")
