"""Which theme the browser shows, and the style sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from pages.ui.registry import ASSETS

if TYPE_CHECKING:
    from core.figures.tokens import Theme


def current() -> Theme:
    """The tokens of the theme on screen, for figures; light where the browser has not said yet."""
    from core.figures.tokens import DARK, LIGHT

    return DARK if st.context.theme.type == "dark" else LIGHT


def load_style() -> None:
    """Put the style sheet into the page, for popovers and dialogs too, which Streamlit hangs beside the app."""
    st.html(ASSETS / "style.css")
    scheme = "dark" if st.context.theme.type == "dark" else "light"
    st.html(f"<style>:root {{ color-scheme: {scheme}; }}</style>")
