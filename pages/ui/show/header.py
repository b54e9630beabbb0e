"""The header row of a page: title, question mark and sentence on the left, actions on the right."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from pages.ui import registry

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator


def page_header(name: str, *, title: str = "", sentence: str = "") -> DeltaGenerator:
    """The header of the page called ``name``; its texts come from the registry, its help from ``assets/help/NAME.md``.

    Parameters
    ----------
    name
        Name in ``pages.ui.registry``.
    title, sentence
        In place of the registry's, such as ``Run 14``.

    Returns
    -------
    The slot for actions: ``with page_header("data"): st.button("Continue", type="primary")``.
    """
    page = registry.page(name)
    with st.container(horizontal=True, vertical_alignment="center", key="cd-header", gap=16):
        with st.container(key="cd-header-text", gap=0):
            with st.container(horizontal=True, vertical_alignment="center", key="cd-header-title", gap=6):
                st.html(f"<h1>{escape(title or page.title)}</h1>", width="content")
                if page.help_file.is_file():
                    with st.popover("About this page", icon=":material/help:", type="tertiary", key="cd-header-help"):
                        st.markdown(page.help_file.read_text(encoding="utf-8"))
            st.html(f'<p class="cd-sentence">{escape(sentence or page.sentence)}</p>')
        return st.container(
            horizontal=True,
            horizontal_alignment="right",
            vertical_alignment="center",
            key="cd-header-actions",
            gap=8,
            width="content",
        )
