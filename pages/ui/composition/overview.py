"""The samples: what each is made of, how sure that is, and how several methods agree."""

from __future__ import annotations

import streamlit as st

from pages.ui.composition import methods, samples
from pages.ui.composition.desk import Desk


def view(desk: Desk) -> None:
    """Draw the view."""
    left, right = st.columns([668, 504], gap=12)
    with left:
        sample = samples.every(desk.project, desk.results)
    with right:
        samples.one(desk.project, desk.results, sample)
    left, right = st.columns([668, 504], gap=12)
    with left:
        methods.methods(desk.results, sample)
    with right:
        methods.expected(desk.results)
    methods.reading(desk.results)
