"""Rows of chips."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.ui.show.markup import chip
from pages.ui.show.numbers import key_values


def chips(states: Sequence[str | tuple[str, str]]) -> None:
    """A row of chips.

    Parameters
    ----------
    states
        State words, or pairs of a state word and the text to show: ``("choose", "2 choices to make")``.
    """
    marks = (chip(state) if isinstance(state, str) else chip(state[0], state[1], icon="") for state in states)
    st.html(f'<div class="cd-chips">{"".join(marks)}</div>')


def table_of_states(rows: Sequence[tuple[str, str, str]]) -> None:
    """A list of steps: title, detail and state of each, such as where a project stands."""
    key_values({title: detail for title, detail, _ in rows}, {title: state for title, _, state in rows})
