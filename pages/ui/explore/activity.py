"""The Cells view of the Pathways page: activity of gene sets in each cell, from expression alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import streamlit as st

from core.data.wording import counted
from core.figures.heatmaps import heatmap
from core.figures.set_names import plain_names
from core.interpretation.gene_sets import read_gmt
from core.project import Project
from core.results import Results
from core.runs.run import Run
from core.specs import ActivitySpec
from core.tasks import activity_step
from core.tasks.activity_step import Activity
from core.tasks.set_files import CIRCULAR_WORDS, circular
from pages.ui import background, cache, forms, session, show, theme
from pages.ui.explore import finished, gene_sets
from pages.ui.network import write

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

ROWS = (26, 60)
MAP, TABLE = 660, 588
"""Pixels of the heat map and of the table of ranks, which fill the window."""
LARGEST = 3.0
"""Standard deviations of the strongest colour, at most."""
NAMED = 3
"""Ranks that are written into the heat map."""
SCORES = {"ulm": "Linear model (t)", "aucell": "AUCell (0 to 1)"}
HELP = (
    "Mean score of a gene set in the cells of a label, less its mean over all cells, over its standard deviation over "
    "all cells. Written in: the three highest sets of each label."
)
RANKS_HELP = "Sets by z in the cells of one label, 1 for the highest. Mean is the score itself."
WORDS = (
    "No network has a part in this: scores come from the expression of all genes alone. What ranks first here needs no "
    "network to be found; compare it with **Impact**. Values of a set compare cells, not sets: sets of different size "
    "and expression have different scales."
)
COLUMNS = {
    "rank": show.Column("Rank", "number"),
    "gene_set": show.Column("Gene set", strong=True),
    "z": show.Column("z", "number", ".2f"),
    "mean": show.Column("Mean", "number", ".3g"),
}


def view(project: Project, results: Results, header: DeltaGenerator) -> None:
    """Draw the view."""
    run = results.run
    spec = settings(project, run)
    with header:
        chosen = gene_sets.box(project, run, "activity-sets")
        spec = _settings_box(project, run, spec)
        label, icon = "Score the cells", ":material/play_arrow:"
        asked = st.button(label, type="primary", icon=icon, disabled=chosen is None, key="compute-activity")
    if chosen is None:
        session.stop("gene_sets")
    if asked and _compute(project, run, chosen, spec):
        st.rerun()
    found = current(project, run, chosen, spec)
    if found is None:
        text = "Press **Score the cells** to score these gene sets in each cell by its expression; it takes seconds"
        show.empty("Not scored for these gene sets", text, icon="grid_on")
        return
    if found.z is None or found.means is None:
        text = "Choose the label column on the Data page to see means of each label; the Embedding page colours by them"
        show.empty("The cells are scored, and have no labels", text, icon="label_off")
        _save(found, chosen)
        return
    left, right = st.columns([1.9, 1], gap=12)
    with left:
        _map(found, found.z, chosen)
    with right:
        _ranks(found, found.z, found.means, chosen)
    if circular(read_gmt(chosen)):
        show.note(CIRCULAR_WORDS, "attention", key="activity-circular")
    else:
        show.note(WORDS)


def settings(project: Project, run: Run) -> ActivitySpec:
    """The draft's settings where it has some, else the run's own."""
    return getattr(project.draft.analysis, "activity", activity_step.settings(run.spec))


def at_hand(run: Run) -> Activity | None:
    """The scores of the gene sets that are looked at, in the cells of ``run``; ``None`` where there are none."""
    project = session.project()
    chosen = gene_sets.chosen(project, run) if project else None
    if project is None or chosen is None or activity_step.refusal(run.spec):
        return None
    return current(project, run, chosen, settings(project, run))


def current(project: Project, run: Run, chosen: Path, spec: ActivitySpec) -> Activity | None:
    """The stored scores of these sets; ``None`` where there are none."""
    key = finished.key(run, activity_step.key(project, run, chosen, spec))
    found = activity_step.stored(project, run, chosen, spec)
    return None if found is None else cache.shared(key, lambda: found)


def _settings_box(project: Project, run: Run, spec: ActivitySpec) -> ActivitySpec:
    draft = project.draft
    with st.popover(SCORES[spec.method], key="activity-settings"):
        path = f"analysis.activity.{draft.recipe}"
        fields = ["method", "min_genes", *(["top_share"] if spec.method == "aucell" else [])]
        made = forms.edit(spec, path, fields, words={"method": SCORES}, folded=True)
        if hasattr(draft.analysis, "activity"):
            write.settings(project, "analysis.activity", spec, made)
    return made


def _compute(project: Project, run: Run, chosen: Path, spec: ActivitySpec) -> bool:
    """Score in a child process; false where it was refused, which is said on the page."""
    arguments: dict[str, Any] = {"project_root": str(project.root), "run": run.directory.name}
    arguments |= {"gene_sets": str(chosen), "settings": spec.model_dump()}
    with st.spinner("Scoring the gene sets in each cell"):
        done = session.attempt(lambda: background.call("core.tasks.activity_step:compute", **arguments))
    return done is not None


def _map(found: Activity, z: pd.DataFrame, chosen: Path) -> None:
    facts = found.facts
    size = f"{counted(facts['cells'], 'cell')}, {counted(facts['genes'], 'gene')}"
    with show.card("Activity without a network", help=HELP, subtitle=size, key="activity-map") as card:
        sizes = [number for number in ROWS if number < len(z)] or [len(z)]
        most = card.actions.selectbox(
            "Rows",
            sizes,
            format_func=lambda number: f"{number} of {len(z):,} sets" if number < len(z) else f"All {len(z)} sets",
            label_visibility="collapsed",
            width=140,
            key=f"activity-rows-{len(z)}",
        )
        rows = found.strongest(most)
        shown = z.loc[rows]
        ranks = found.ranks.loc[rows].to_numpy()
        words = np.where(ranks <= NAMED, ranks.astype(str), "")
        limit = min(float(np.abs(shown.to_numpy()).max()), LARGEST) or 1.0
        figure = heatmap(
            shown.rename(index=plain_names(map(str, z.index))),
            theme.current(),
            title="Standard deviations above all cells (z)",
            low=-limit,
            high=limit,
            around_zero=True,
            words=words,
        )
        table = z.reset_index()
        alt = "Mean activity of gene sets in the cells of each label"
        height = MAP if most == sizes[0] else None
        show.figure(figure, f"activity_{chosen.stem}", table=table, height=height, alt=alt, key="activity")


def _ranks(found: Activity, z: pd.DataFrame, means: pd.DataFrame, chosen: Path) -> None:
    with show.card("Ranked sets", help=RANKS_HELP, key="activity-ranks") as card:
        labels = [str(name) for name in z.columns]
        with card.actions:
            key = f"activity-label-{len(labels)}"
            label = str(st.selectbox("Label", labels, label_visibility="collapsed", width=150, key=key))
        names = plain_names(map(str, z.index))
        table = pd.DataFrame({"rank": found.ranks[label], "z": z[label], "mean": means[label]})
        table = table.rename_axis("gene_set").reset_index().sort_values(["rank", "gene_set"], kind="stable")
        table["gene_set"] = [names[name] for name in table["gene_set"]]
        show.table(table, COLUMNS, key=f"activity-ranks-{chosen.stem}-{label}", height=TABLE)
        _save(found, chosen)


def _save(found: Activity, chosen: Path) -> None:
    st.download_button(
        "Scores of every cell as CSV",
        data=lambda: found.scores().to_csv(),
        file_name=f"activity_{found.facts['method']}_{chosen.stem}.csv",
        mime="text/csv",
        icon=":material/download:",
        key="activity-csv",
        on_click="ignore",
    )
