"""The settings that a trained model leaves open."""

from __future__ import annotations

import streamlit as st

from core.model_header import ModelHeader
from core.project import Project
from core.specs import AnnotateSpec, DeconvolveSpec, content_key
from core.tasks.model_files import ModelFile
from pages.ui import forms, show
from pages.ui.models import chosen
from pages.ui.models.files import Brought

HELP = "What a trained model leaves open. All else was learned, or was settled when it was trained."
SCALING_HELP = (
    f"{HELP} Genes are brought to one scale before the networks see them. With learned statistics, those of the "
    "training mixtures, every sample is scaled by itself: its answer is its own, alone or among others. With cohort "
    "statistics, as published, each file is scaled by its own samples: one sample alone has no answer, and each answer "
    "depends on which other samples lie in the file."
)
SCALING = {
    "learned": "Each sample's answer is its own, whatever else is in the file.",
    "cohort": "Each answer depends on the other samples of its file; one sample alone has none.",
}


def settings(
    project: Project, file: ModelFile, header: ModelHeader | None, brought: Brought
) -> AnnotateSpec | DeconvolveSpec | None:
    """Edit what can be set and keep every change; ``None`` where the model cannot be read, or not be used like this."""
    if header is None:
        with show.card("Settings", help=HELP, key="models-settings"):
            return None
    own = header.spec.analysis
    if isinstance(own, DeconvolveSpec):
        return _of_composition(project, file, own, brought)
    assert isinstance(own, AnnotateSpec)
    return _of_labels(project, file, own)


def _of_labels(project: Project, file: ModelFile, own: AnnotateSpec) -> AnnotateSpec:
    with show.card("Settings", help=HELP, key="models-settings") as panel:
        now, key = chosen.analysis(project, file.key, own), _key(project, file)
        made = forms.edit(now, key, ["voting"])
        with panel.actions, st.popover("Pictures", icon=":material/bubble_chart:", key="models-pictures"):
            pictures = forms.edit(now.embedding, f"{key}.embedding", folded=True)
        made = made.model_copy(update={"embedding": pictures})
        if made != now:
            chosen.keep_analysis(project, file.key, "annotate", made)
    return made


def _of_composition(project: Project, file: ModelFile, own: DeconvolveSpec, brought: Brought) -> DeconvolveSpec | None:
    with show.card("Settings", help=SCALING_HELP, key="models-settings"):
        now = chosen.analysis(project, file.key, own)
        made = forms.edit(now, _key(project, file), ["scaling"])
        show.text(SCALING[made.scaling], muted=True)
        if made != now:
            chosen.keep_analysis(project, file.key, "deconvolve", made)
        alone = [source.called for source, size in zip(brought.sources, brought.sizes, strict=False) if size == 1]
        if made.scaling == "cohort" and alone:
            show.note(f"{', '.join(alone)} has one sample alone: choose learned statistics.", "failed")
            return None
    return made


def _key(project: Project, file: ModelFile) -> str:
    return f"analysis.{content_key(str(project.root), file.key)}"
