"""How impact is measured for the run looked at: its own settings, until they are changed on the Pathways page."""

from __future__ import annotations

import streamlit as st

from core.errors import SpecError
from core.project import Project
from core.runs.run import Run
from core.specs import ImpactSpec, RunSpec, parse
from core.tasks.impact_step import settings
from pages.ui import forms

FIRST = ("saliency", "target", "measure")
OF_INTEGRALS = ("baseline", "integration_steps")
REST = ("weak_below", "min_genes", "max_cells", "preview_cells")
WORDS = {
    "saliency": {
        "gradient_x_input": "gradient x input",
        "guided_x_input": "guided x input",
    },
    "target": {"code": "Code units", "classes": "Cell types", "proportions": "Proportions"},
    "measure": {"absolute": "Size", "signed": "With its sign"},
    "baseline": {"mean": "Average cell", "zero": "Zero"},
}


def asked(project: Project, run: Run) -> ImpactSpec:
    """The settings last asked for of this run, else its own."""
    changed = project.note(_note(run))
    try:
        return settings(run.spec) if changed is None else parse(ImpactSpec, changed)
    except SpecError:  # written by another version
        return settings(run.spec)


def box(project: Project, run: Run) -> ImpactSpec:
    """The settings behind a button; what is changed is kept for this run and in the draft of the next like it."""
    now = asked(project, run)
    fields = (*FIRST, *(OF_INTEGRALS if now.saliency == "integrated" else ()), *REST)
    with st.popover("", icon=":material/tune:", key="impact-settings", help="How impact is measured"):
        made = forms.edit(now, f"analysis.impact.{run.directory.name}", fields, words=WORDS, folded=True)
    if made != now:
        project.note(_note(run), made.model_dump())
        draft: RunSpec = project.draft
        if draft.task == run.spec.task and hasattr(draft.analysis, "impact"):
            project.change("analysis.impact", made)
        st.rerun()
    return now


def _note(run: Run) -> str:
    return f"impact.{run.directory.name}"
