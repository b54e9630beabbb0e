"""What training minimises: each head under its switch, then the penalties."""

from __future__ import annotations

import streamlit as st

from core.errors import AppError
from core.project import Project
from core.specs import ClassSpec, ObjectiveSpec, ProportionSpec, ReconstructionSpec, RunSpec, Spec
from pages.ui import forms, show, widgets
from pages.ui.network import write

HEADS: dict[str, tuple[type[Spec], str]] = {
    "reconstruction": (ReconstructionSpec, "The decoder gives each gene back from the code."),
    "classes": (ClassSpec, "A head names the cell type. Needs a reference with labels."),
    "proportions": (ProportionSpec, "A head reads mixtures. Belongs to the task Composition."),
}
PENALTIES = ("orthogonality", "decorrelation", "l1", "l2")
LOSSES = {
    "mse": "squared error",
    "mae": "absolute error",
    "kl": "Kullback-Leibler",
    "kl_mae": "both (KL and MAE)",
}


def objective(project: Project, draft: RunSpec) -> None:
    """Switches and weights of every term of the loss."""
    with show.card("Objective", help="The total loss is the weighted sum of all that is switched on."):
        for name in HEADS:
            _head(project, draft, name)
            st.divider()
        made = forms.edit(draft.objective, f"objective.{draft.recipe}", PENALTIES)
        write.settings(project, "objective", draft.objective, made)


def _head(project: Project, draft: RunSpec, name: str) -> None:
    kind, words = HEADS[name]
    now: Spec | None = getattr(draft.objective, name)
    key = f"objective.{name}.{draft.recipe}"
    widgets.seed(f"{key}#on", now is not None, now is not None)
    title = ObjectiveSpec.model_fields[name].title or name
    if not st.toggle(title, key=f"{key}#on", help=words):
        if now is not None:
            _switch(project, name, None)
        return
    if now is None:
        _switch(project, name, kind())
        return
    side_by_side = 1 if name == "classes" else 2
    made = forms.edit(now, key, columns=side_by_side, words={"loss": LOSSES})
    write.settings(project, f"objective.{name}", now, made)


def _switch(project: Project, name: str, value: Spec | None) -> None:
    try:
        project.change(f"objective.{name}", value)
    except AppError as problem:
        show.error(problem)
        return
    st.rerun()
