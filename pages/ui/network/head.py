"""The header's actions: which recipe, back to it, and training."""

from __future__ import annotations

import streamlit as st

from core.cli_spec import completed
from core.project import Project
from core.recipes import RECIPES
from core.recipes.adopt import adopted
from core.specs import RunSpec
from core.tasks.readiness import require_ready
from pages.ui import session
from pages.ui.network import write
from pages.ui.runs import where

RECIPE = "network.recipe"
OWN = ", CellDesk's own"


def actions(project: Project, draft: RunSpec) -> bool:
    """Recipe, reset and train; whether training was asked for."""
    known = list(RECIPES)
    options = known if draft.recipe in known else [draft.recipe, *known]
    st.session_state[RECIPE] = draft.recipe
    st.selectbox(
        "Recipe",
        options,
        format_func=_title,
        key=RECIPE,
        label_visibility="collapsed",
        width=264,
        on_change=lambda: _take(project, st.session_state[RECIPE]),
    )
    unchanged = draft.recipe not in known or adopted(draft, RECIPES[draft.recipe]) == draft
    if st.button("Reset to recipe", icon=":material/undo:", disabled=unchanged, key="network-reset"):
        write.change(project, lambda now: adopted(now, RECIPES[now.recipe]), "All settings are the recipe's again.")
    where.box()
    return st.button("Train this network", type="primary", icon=":material/play_arrow:", key="network-train")


def train(project: Project) -> None:
    """Start a run of the draft and go to it; what refuses it is said over the full width."""
    if session.attempt(lambda: start(project)) is not None:
        session.go("runs")


def start(project: Project) -> str:
    """A new run of the draft, started; its folder's name.

    Raises
    ------
    AppError
        If the draft cannot be trained or its worker cannot start.
    """
    require_ready(project, project.draft)
    spec, remarks = completed(project.draft)
    run = project.new_run(spec)
    where.start(run)
    session.choose_run(run)
    for remark in remarks:
        st.toast(remark)
    return run.directory.name


def _title(name: str) -> str:
    if name not in RECIPES:
        return f"Recipe: {name or 'none'}"
    each = RECIPES[name]
    return f"Recipe: {each.system}" if each.card else f"CellDesk: {each.title.removesuffix(OWN).lower()}"


def _take(project: Project, name: str) -> None:
    if name in RECIPES:
        session.attempt(lambda: project.edit(lambda now: adopted(now, RECIPES[name])))
