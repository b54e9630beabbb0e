"""The evidence for labels as files that leave: tables by name, and figures with what they say."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from core.annotation.identity import flow, given_labels, purity
from core.figures.attributions import recall_dots
from core.figures.embedding import embedding_by_label
from core.figures.evidence import match_heatmap, mixing_dots, paired_dots
from core.figures.sankey import flow_sankey
from core.figures.style import LIGHT, Theme
from core.results import Results
from core.runs.run import Run
from core.tasks import composition_genes
from core.tasks import evidence_words as words
from core.tasks.colours import run_colours
from core.tasks.evidence import FOLDER, PARTS, found
from core.tasks.evidence_kept import all_why
from core.tasks.evidence_names import NOT_ASSIGNED

if TYPE_CHECKING:
    import plotly.graph_objects as go

PREFIX = "evidence_"
TABLES: dict[str, str] = {
    "match_score": "Jaccard index of marker sets, beside chance",
    "match_summary": "matchSCore of each grouping of the query, beside chance",
    "marker_dots": "Reference markers in both files, share and mean",
    "marker_sets": "The marker genes that were compared",
    "clusters": "Cluster of each query cell by its genes",
    "attributions": "Integrated gradients of each type, beside untrained networks",
    "marker_recall": "Markers among each type's strongest genes",
    "joint": "Reference and query in one picture",
    "mixing": "How well the two files mix within each type",
}


GRADIENTS: dict[str, str] = {
    "mixed": "Gradient of each type's share with every gene, in samples of all types",
    "class": "The same in samples of one type alone, as published",
    "loss": "Gradient of the loss with every gene, in samples of one type alone",
    "genes": "What types express of these genes, and which are markers",
}
WHY: dict[str, str] = {
    "genes": "One cell: genes for and against its call",
    "margins": "The same cell: its lead as genes are replaced",
}


def evidence_files(run: Run) -> dict[str, tuple[str, Path]]:
    """File name -> what is in it and where it lies, of the parts made of the run as it is now."""
    files: dict[str, tuple[str, Path]] = {}
    for part in PARTS:
        if found(run, part) is not None:
            folder = run.directory / FOLDER / part
            present = {path.stem: path for path in folder.glob("*.csv")}
            files |= {f"{PREFIX}{name}.csv": (TABLES[name], present[name]) for name in TABLES if name in present}
    if composition_genes.found(run) is not None:
        for name, what in GRADIENTS.items():
            files[f"{PREFIX}gradients_{name}.csv"] = (what, composition_genes.folder(run) / f"{name}.csv")
    for which, folder in all_why(run).items():
        for name, what in WHY.items():
            files[f"{PREFIX}why_{which}_{name}.csv"] = (what, folder / f"{name}.csv")
    return files


def evidence_figures(results: Results, theme: Theme = LIGHT) -> dict[str, tuple[go.Figure, str]]:
    """File name -> figure and its caption, of the parts that were computed."""
    return {
        **_markers(results, theme),
        **_genes(results, theme),
        **_both(results, theme),
    }


def _markers(results: Results, theme: Theme) -> dict[str, tuple[go.Figure, str]]:
    kept = found(results.run, "markers")
    if kept is None:
        return {}
    summary = kept.tables["match_summary"].iloc[0]
    score = kept.tables["match_score"]
    overlap = score.loc[score["grouping"] == summary["grouping"]]
    annotation = results.table("annotation")
    given = given_labels(annotation["cell_type"].to_numpy(), annotation["assigned"].to_numpy(), NOT_ASSIGNED)
    clusters = "Cluster " + kept.tables["clusters"].set_index("cell")["cluster"].loc[annotation.index]
    bands = flow(clusters.to_numpy(), given)
    refused = int((given == NOT_ASSIGNED).sum())
    said = words.flow_words(len(given), len(set(bands["group"])), purity(bands), refused)
    return {
        "match_score": (match_heatmap(overlap, theme), words.match_words(overlap, summary)),
        "marker_dots": (paired_dots(kept.tables["marker_dots"], theme), words.dots_words(kept.facts)),
        "clusters_to_labels": (flow_sankey(bands, theme, colours=run_colours(results, theme)), said),
    }


def _genes(results: Results, theme: Theme) -> dict[str, tuple[go.Figure, str]]:
    kept = found(results.run, "genes")
    if kept is None:
        return {}
    caption = f"Markers among the genes that raise each type's logit most. {words.complete_words(kept.facts)}"
    return {"marker_recall": (recall_dots(kept.tables["marker_recall"], theme), caption)}


def _both(results: Results, theme: Theme) -> dict[str, tuple[go.Figure, str]]:
    kept = found(results.run, "both")
    if kept is None:
        return {}
    joint = kept.tables["joint"]
    made = {}
    for space, title in (("code", "by the network's code"), ("genes", "by genes, without a network")):
        cells = pd.DataFrame({"x": joint[f"{space}_x"], "y": joint[f"{space}_y"], "label": joint["label"]})
        made[f"both_files_{space}"] = (
            embedding_by_label(cells, theme, colours=run_colours(results, theme)),
            f"Reference and query {title}.",
        )
    if len(kept.tables["mixing"]):
        made["mixing"] = (mixing_dots(kept.tables["mixing"], theme), words.mixing_words(kept.tables["mixing"]))
    return made
