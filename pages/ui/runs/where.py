"""Where the next run goes on: this machine, or a partition of a cluster that can be reached from it."""

from __future__ import annotations

import streamlit as st

from core.runs.launch import Where, launch, where_choices
from core.runs.run import Run
from core.runs.slurm import partitions
from pages.ui import session

KEY = "where-to-run"
HERE = "This machine"


def box() -> None:
    """A select box for a page's header, only where there is a choice; it holds on every page of this tab."""
    choices = _choices()
    if len(choices) < 2:
        return
    kept = session.kept(KEY)
    st.session_state[KEY] = kept if kept in choices else HERE
    st.selectbox(
        "Where to run",
        list(choices),
        key=KEY,
        help="Where to run: this machine, or a partition of the SLURM cluster, which must see the project's folder.",
        label_visibility="collapsed",
        width=170,
        on_change=lambda: session.keep(KEY, st.session_state[KEY]),
    )


def start(run: Run) -> None:
    """Start or resume ``run`` where the box says.

    Raises
    ------
    RunError
        If it cannot be started there.
    """
    where, partition = _choices().get(session.kept(KEY, HERE), ("here", None))
    launch(run, where, partition)


def _choices() -> dict[str, tuple[Where, str | None]]:
    found: dict[str, tuple[Where, str | None]] = {HERE: ("here", None)}
    if "slurm" in where_choices():
        found |= {f"SLURM: {name}": ("slurm", name) for name in partitions()}
    return found
