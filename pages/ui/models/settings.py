"""The settings that a trained model leaves open."""

from __future__ import annotations

from typing import cast

import streamlit as st

from core.model_header import ModelHeader
from core.project import Project
from core.specs import AnnotateSpec, content_key
from core.tasks.model_files import ModelFile
from pages.ui import forms, show
from pages.ui.models import chosen

HELP = "What a trained model leaves open. All else was learned, or was settled when it was trained."


def settings(project: Project, file: ModelFile, header: ModelHeader | None) -> AnnotateSpec | None:
    """Edit what can be set and keep every change; ``None`` where the model cannot be read."""
    with show.card("Settings", help=HELP, key="models-settings") as panel:
        if header is None:
            return None
        now = chosen.analysis(project, file.key, cast("AnnotateSpec", header.spec.analysis))
        key = f"analysis.{content_key(str(project.root), file.key)}"
        made = forms.edit(now, key, ["voting"])
        with panel.actions, st.popover("Pictures", icon=":material/bubble_chart:", key="models-pictures"):
            pictures = forms.edit(now.embedding, f"{key}.embedding", folded=True)
        made = made.model_copy(update={"embedding": pictures})
        if made != now:
            chosen.keep_analysis(project, file.key, made)
    return made
