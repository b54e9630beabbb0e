"""Cell types put together after the fact, for all tabs of a project."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from core.composition.simplify import simplify_majority, simplify_set
from core.project import Project
from pages.ui import session, show

if TYPE_CHECKING:
    import pandas as pd

NOTE = "composition.merged"
TOGETHER, LARGEST = "Add them up", "Give all to the largest"


def merged(project: Project, proportions: pd.DataFrame) -> pd.DataFrame:
    """``proportions`` (samples x types) with the project's groups; as they are where the groups do not fit this run."""
    return put_together(groups(project, proportions), proportions)


def put_together(chosen: Sequence[Mapping[str, Any]], proportions: pd.DataFrame) -> pd.DataFrame:
    """``proportions`` (samples x types) with each of the groups ``chosen`` put together, one after the other."""
    table = proportions
    for group in chosen:
        act = simplify_set if group["how"] == TOGETHER else simplify_majority
        table = act(table, {group["name"]: group["types"]})
    return table


def groups(project: Project, proportions: pd.DataFrame) -> list[dict[str, Any]]:
    """The project's groups whose types this run knows."""
    return [group for group in project.note(NOTE) or [] if set(group["types"]) <= set(map(str, proportions.columns))]


def controls(project: Project, proportions: pd.DataFrame) -> None:
    """Make a group of types, or undo those that are there."""
    here = groups(project, proportions)
    show.text("Merge types", strong=True)
    taken = {name for group in here for name in group["types"]}
    free = [str(name) for name in proportions.columns if name not in taken]
    types = st.multiselect("Cell types", free, key="merge-types")
    how = st.segmented_control("How", [TOGETHER, LARGEST], default=TOGETHER, required=True, key="merge-how")
    name = st.text_input("Name of the group", key="merge-name", placeholder="such as Monocytes")
    if st.button("Merge", width="stretch", key="merge-do", disabled=len(types) < 2):
        group = {"name": name.strip() or " and ".join(types), "types": types, "how": how}
        act = simplify_set if how == TOGETHER else simplify_majority
        # tried before it is kept, so that a clash of names is said here
        tried = session.attempt(lambda: act(merged(project, proportions), {group["name"]: types}))
        if tried is not None:
            project.note(NOTE, [*(project.note(NOTE) or []), group])
            st.rerun()
    for group in here:
        show.text(f"**{group['name']}**: {', '.join(group['types'])}", muted=True)
    if here and st.button("Undo all", width="stretch", key="merge-undo"):
        project.note(NOTE, [])
        st.rerun()
