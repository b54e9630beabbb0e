"""From widgets to the draft: each changed setting is written at once, or refused where its widget stands."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.errors import AppError
from core.project import Project
from core.specs import RunSpec, Spec
from pages.ui.show import notes

REMARK = "network.remark"


def settings(project: Project, path: str, old: Spec, new: Spec) -> None:
    """Write what differs between ``old`` and ``new``, the settings below ``path``, one by one.

    A setting that does not fit leaves the draft as it was; the reason stands below the widgets until they say something
    else. The others are kept, and the page is drawn again with them.
    """
    kept = False
    for name in type(old).model_fields:
        value = getattr(new, name)
        if value == getattr(old, name):
            continue
        try:
            project.change(f"{path}.{name}" if path else name, value)
            kept = True
        except AppError as problem:
            notes.error(problem)
    if kept:
        st.rerun()


def change(project: Project, made: Callable[[RunSpec], RunSpec], remark: str = "") -> None:
    """Replace the draft by ``made(draft)`` and draw the page again; ``remark`` is said once."""
    try:
        project.edit(made)
    except AppError as problem:
        notes.error(problem)
        return
    if remark:
        st.toast(remark)
    st.rerun()
