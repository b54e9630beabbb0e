from __future__ import annotations

from streamlit.testing.v1 import AppTest


def page() -> None:
    import streamlit as st

    from pages.ui.watch import watch

    running = st.checkbox("running")

    def draw() -> None:
        st.session_state["drawn"] = st.session_state.get("drawn", 0) + 1
        st.text("drawn")

    watch(draw, lambda: running)


def test_it_draws_once_whether_something_runs_or_not():
    test = AppTest.from_function(page, default_timeout=30).run()
    assert test.session_state["drawn"] == 1
    test.checkbox[0].check().run()
    assert not test.exception and test.session_state["drawn"] == 2 and test.text[0].value == "drawn"
