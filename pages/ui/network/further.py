"""All other settings of a run: input and output, values, training, task."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.project import Project
from core.recipes.adopt import with_task
from core.specs import ANALYSES, AnnotateSpec, LayerSpec, RunSpec
from pages.ui import forms, session, show, widgets
from pages.ui.network import labelling, write
from pages.ui.network.fold import unfolded

TASKS = {
    "represent": "Codes and pathways",
    "annotate": "Label a query",
    "deconvolve": "Bulk composition",
    "evaluate": "Evaluation",
}
STEPS = ("optimiser", "learning_rate", "momentum", "schedule", "clip_norm")
PASSES = ("batch_size", "epochs", "patience", "validation_share", "restore_best")
MACHINE = ("members", "device", "devices", "threads", "precision", "replay_frames")
VALUE_WORDS = {
    "none": "none (raw)",
    "log1p_cp10k": "log(1 + CP10K)",
    "log2_cpm": "log2(CPM + 1)",
    "log2": "log2(1 + x)",
    "tfidf": "TF-IDF",
}
SCALE_WORDS = {"zscore": "z-score", "minmax": "0 to 1", "sample_minmax": "0 to 1, by each sample's own range"}
WATCHED = {
    "loss": "total loss",
    "kl": "KL divergence of the code",
    "classes": "cell types",
    "macro_f1": "macro F1",
    "l1": "L1",
    "l2": "L2",
}


def further(project: Project, draft: RunSpec) -> None:
    """One tab for each part of the run beside the network's layers, once asked for."""
    subtitle = "What goes in, how it is trained, and what is made of it."
    with show.card("More settings", subtitle=subtitle, height="content") as panel:
        if not unfolded(panel, "network-more", "Show settings", "Hide settings"):
            return
        parts: dict[str, Callable[[Project, RunSpec], None]] = {
            "Training": _training,
            "Input and output": _network,
            "Values": _transform,
            "Task": _task,
        }
        for tab, draw in zip(st.tabs(list(parts)), parts.values(), strict=True):
            with tab:
                draw(project, draft)


def _training(project: Project, draft: RunSpec) -> None:
    spec, key = draft.training, f"training.{draft.recipe}"
    made = spec
    for column, (title, fields) in zip(
        st.columns(3, gap=24),
        (("How steps are taken", STEPS), ("How long", PASSES), ("Where, and how many", MACHINE)),
        strict=True,
    ):
        with column:
            show.text(title, strong=True)
            part = forms.edit(spec, key, fields)
            made = made.model_copy(update={name: getattr(part, name) for name in fields})
            if fields is PASSES:
                made = made.model_copy(update={"monitor": _monitor(draft, key)})
            elif fields is MACHINE:
                write.settings(project, "", draft, forms.edit(draft, f"run.{draft.recipe}", ["seed"]))
    write.settings(project, "training", spec, made)


def _monitor(draft: RunSpec, key: str) -> str:
    """The watched value, among those that the objective reports."""
    now, options = draft.training.monitor, list(draft.objective.watched)
    options = options if now in options else [now, *options]
    widgets.seed(f"{key}.monitor", now, now)
    chosen = st.selectbox(
        "Watch",
        options,
        format_func=_watched,
        key=f"{key}.monitor",
        help="Validation value that decides which epoch is best, and when to stop.",
    )
    assert chosen is not None
    return chosen


def _watched(name: str) -> str:
    return WATCHED.get(name, name.replace("_", " "))


def _network(project: Project, draft: RunSpec) -> None:
    spec = draft.network
    fields = (
        "input_log",
        "input_norm",
        "input_dropout",
        "input_noise",
        "output_activation",
        "linear_path",
        "library_size",
    )
    made = forms.edit(spec, f"network.more.{draft.recipe}", fields, columns=3)
    made = forms.edit(made, f"network.more.{draft.recipe}", ["gene_sets", "member_layers"])
    own = spec.code is not None
    widgets.seed(f"network.own_code.{draft.recipe}", own, own)
    help_text = "Without one, the last encoder layer is the code."
    wanted = st.toggle("A code layer of its own", key=f"network.own_code.{draft.recipe}", help=help_text)
    if wanted != own:
        made = made.model_copy(update={"code": LayerSpec(units=min(64, spec.code_units)) if wanted else None})
    write.settings(project, "network", spec, made)


def _transform(project: Project, draft: RunSpec) -> None:
    show.text("Statistics are learned from the training cells and kept in the model.", muted=True)
    spec = draft.data.transform
    words = {"normalise": VALUE_WORDS, "scale": SCALE_WORDS}
    made = forms.edit(spec, f"data.transform.{draft.recipe}", words=words, columns=2)
    write.settings(project, "data.transform", spec, made)


def _task(project: Project, draft: RunSpec) -> None:
    key = f"analysis.task.{draft.recipe}"
    widgets.seed(key, draft.task, draft.task)
    wanted = st.segmented_control(
        "What the run makes", list(ANALYSES), format_func=TASKS.__getitem__, key=key, required=True
    )
    assert wanted is not None
    if wanted != draft.task:
        turned = session.attempt(lambda: with_task(draft, wanted))
        if turned is not None:
            changed = turned.objective != draft.objective
            remark = "The heads were changed to those that this task trains." if changed else ""
            write.change(project, lambda now: with_task(now, wanted), remark)
        return
    spec, path = draft.analysis, f"analysis.{draft.task}.{draft.recipe}"
    made = labelling.edit(draft, spec, path) if isinstance(spec, AnnotateSpec) else forms.edit(spec, path, columns=3)
    write.settings(project, "analysis", spec, made)
