"""The Impact view of the Pathways page: what responds to which gene sets, next to chance and a plain comparison."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from core.project import Project
from core.results import Results
from core.runs.run import Run
from core.saved import Saved
from core.specs import ImpactSpec
from core.tasks.impact_names import REST
from core.tasks.impact_step import refusal
from core.tasks.impact_words import in_words, measured_words
from pages.ui import session, show
from pages.ui.explore import gene_sets, impact, impact_cells, impact_findings, impact_settings
from pages.ui.explore.impact_cells import Groups

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator


def view(project: Project, results: Results, header: DeltaGenerator) -> None:
    """Draw the view."""
    run = results.run
    why = refusal(run.spec)
    if why:
        remedy = f"{why} Choose another run above, or train a network on the genes"
        show.empty("This run has no pathway impact", remedy, page="network")
        st.stop()
    with header:
        chosen = gene_sets.box(project, run, "pathways-sets")
        groups = impact_cells.box(results, Saved.of(project, run), f"impact-cells-{run.directory.name}")
        spec = impact_settings.box(project, run)
        shown = impact.current(project, run, chosen, groups, spec) if chosen else None
        done = shown is not None and not shown.found.preview
        asked = st.button(
            "Compute impact",
            type="primary",
            icon=":material/play_arrow:",
            disabled=chosen is None or done,
            key="compute-impact",
            help="This impact belongs to the run, gene sets, cells and settings as they are." if done else None,
        )
    if chosen is None:
        session.stop("gene_sets")
    if asked and impact.compute(project, run, chosen, groups, spec if shown else spec.preview):
        st.rerun()
    if shown is None:
        text = "Press **Compute impact** to measure how each unit responds to these gene sets; it takes a few seconds"
        show.empty("Not computed for these gene sets and cells", text, icon="grid_on")
        st.stop()
    if groups.each:
        kind = impact.one_type(run, shown.found)
        alone = impact.current(project, run, chosen, Groups(kind, REST), spec) if kind else None
        _draw(project, run, chosen, Groups(kind, REST) if alone else groups, spec, alone or shown, shown)
    else:
        _draw(project, run, chosen, groups, spec, shown, None)


def _draw(
    project: Project,
    run: Run,
    chosen: Path,
    groups: Groups,
    spec: ImpactSpec,
    shown: impact.Shown,
    together: impact.Shown | None,
) -> None:
    found = shown.found
    name = re.sub("[^A-Za-z0-9-]+", "_", " ".join(("impact", chosen.stem, *filter(None, groups.pair))))
    top = st.container(gap=12)
    left, right = st.columns([2, 1.1], gap=12)
    with left:
        row = impact_findings.findings(found, impact_findings.other_runs(project, run), name)
    with right:
        impact_findings.cleanliness(found, project, run)
    with top:
        units, every = impact.panels(run, shown, groups, spec, row, name, together.found if together else None)
        show.note(f"{in_words(found, units)} {measured_words(found)}")
    asked = Groups("", REST) if together else groups
    if every and impact.compute(project, run, chosen, asked, spec):
        st.rerun()
