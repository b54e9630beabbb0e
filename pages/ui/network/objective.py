"""What training minimises: each head under its switch, then what holds codes and weights in check."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core.errors import AppError
from core.project import Project
from core.specs import ClassSpec, ObjectiveSpec, ProportionSpec, ReconstructionSpec, RunSpec, Spec, VariationalSpec
from pages.ui import forms, show, widgets
from pages.ui.network import write
from pages.ui.network.fold import unfolded

HEADS: dict[str, tuple[type[Spec], str]] = {
    "reconstruction": (ReconstructionSpec, "The decoder gives each gene back from the code."),
    "classes": (ClassSpec, "A head names the cell type. Needs a reference with labels."),
    "proportions": (ProportionSpec, "A head reads mixtures. Belongs to the task Composition."),
    "variational": (
        VariationalSpec,
        "Each cell's code is a distribution: training draws from it, and keeps it near a standard normal. "
        "Its mean is the code of all results. Needs the genes rebuilt.",
    ),
}
PAIRS = {
    "reconstruction": (("loss", "weight"), ()),
    "classes": (("label_smoothing", "weight"), ("class_weights",)),
    "proportions": (("loss", "weight"), ("batch_norm",)),
    "variational": (("warm_up", "weight"), ()),
}
"""Of each head: the two settings side by side, and those below them."""
FURTHER = ("decorrelation", "l1", "l2")
LOSSES = {
    "mse": "Squared error",
    "mae": "Absolute error",
    "huber": "Huber",
    "poisson": "Poisson",
    "negative_binomial": "Negative binomial",
    "zero_inflated_negative_binomial": "Zero-inflated NB",
    "kl": "Kullback-Leibler",
    "kl_mae": "KL and absolute",
}
HELP = (
    "The total loss is the weighted sum of all that is switched on. "
    "Weight decay is no part of it: it shrinks the weights at each step."
)


def objective(project: Project, draft: RunSpec) -> None:
    """Switches and weights of every term of the loss."""
    key, training = f"objective.{draft.recipe}", draft.training
    with show.card("Objective", help=HELP, gap=6) as panel:
        shown = unfolded(panel, "objective-more", help="A variational code, and rarer penalties on codes and weights.")
        for name in HEADS:
            # rarer than the heads: the switch takes room only where it is on or asked for
            if name != "variational" or shown or draft.objective.variational:
                _head(project, draft, name)
                st.divider()
        made = forms.edit(draft.objective, key, ["orthogonality"])
        decayed = forms.edit(training, f"training.{draft.recipe}", ["weight_decay"])
        if shown:
            made = forms.edit(made, key, FURTHER)
        write.settings(project, "objective", draft.objective, made)
        write.settings(project, "training", training, decayed)


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
    write.settings(project, f"objective.{name}", now, _settings(now, key, *PAIRS[name]))


def _settings(head: Spec, key: str, pair: tuple[str, str], below: Sequence[str]) -> Spec:
    made = head
    for column, field in zip(st.columns([1.35, 1], gap=12), pair, strict=True):
        with column:
            made = forms.edit(made, key, [field], words={"loss": LOSSES})
    return forms.edit(made, key, below) if below else made


def _switch(project: Project, name: str, value: Spec | None) -> None:
    try:
        project.change(f"objective.{name}", value)
    except AppError as problem:
        show.error(problem)
        return
    st.rerun()
