"""Looking again every second, only while something runs."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

EVERY_SECONDS = 1.0


def watch(draw: Callable[[], None], running: Callable[[], bool], *, every: float = EVERY_SECONDS) -> None:
    """Draw, and while something runs draw again every ``every`` seconds; when it ends, run the whole page once more.

    The polling part is mounted only while ``running()`` is true, holds no other polling part, and should hold no
    widget whose value matters.

    Parameters
    ----------
    draw
        Draws the part that changes.
    running
        Whether there is more to come; asked before each drawing.
    every
        Seconds between two looks.
    """
    if not running():
        draw()
        return

    @st.fragment(run_every=every)
    def look_again() -> None:
        if not running():
            st.rerun()
        draw()

    look_again()
