"""Beside the curve: each term of the loss, or a replay of how the picture formed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from core.runs.frames import Frames
from core.runs.run import Run
from core.runs.status import Status
from core.specs import RunSpec
from pages.ui import session, show
from pages.ui.runs import charts, replay

VIEW = "run.view"
TERMS, REPLAY = "Loss terms", "Replay"
SAID = {
    TERMS: ("Each before its weight.", "The total is their weighted sum."),
    REPLAY: ("", replay.HELP),
}


def replaying() -> bool:
    """Whether the replay is chosen."""
    return session.kept(VIEW, TERMS) == REPLAY


def card(spec: RunSpec, run: Run, status: Status, epochs: Sequence[Mapping[str, Any]], height: int) -> None:
    """The view that is chosen, ``height`` pixels high below its title."""
    view = session.kept(VIEW, TERMS)
    subtitle, help_text = SAID[view]
    with show.card(view, subtitle=subtitle, help=help_text, key="loss-terms") as panel:
        with panel.actions:
            if view == REPLAY:
                replay.save(run)
            st.session_state[VIEW] = view
            st.segmented_control(
                "View",
                (TERMS, REPLAY),
                key=VIEW,
                label_visibility="collapsed",
                required=True,
                on_change=lambda: session.keep(VIEW, st.session_state[VIEW]),
            )
        if view == TERMS:
            charts.loss_parts(spec, epochs, height)
        elif Frames.of(run.directory).epochs:
            replay.draw(run, height)
        else:
            with st.container(height=height, border=False):
                show.text(replay.why_none(spec, status), muted=True)
