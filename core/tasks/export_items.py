"""What a run offers for export: each file with what is in it, its size and whether it is current."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from core.project import Project
from core.runs.run import Run
from core.saved import Saved
from core.specs import Task
from core.steps import staleness
from core.tasks.export_codes import code_files
from core.tasks.export_comparison import comparison_files
from core.tasks.export_evidence import evidence_files
from core.tasks.export_groups import group_files

RESULTS, MODEL, FIGURES = "results.h5ad", "model.safetensors", "figures"
RECIPE, REPORT, SCRIPT, COMMAND = "recipe.yaml", "report.html", "analysis.py", "command.txt"
MADE: dict[str, str] = {
    FIGURES: "The run's main figures, each as PNG and SVG",
    REPORT: "One page to send: figures, settings, methods text",
    RECIPE: "Every setting of the run; opens in CellDesk again",
    SCRIPT: "The same analysis as a script",
    COMMAND: "The same analysis as one command",
}
"""What is made on export, not copied."""
TABLES: dict[str, str] = {
    "gene_steps": "Genes left after each step of their choice",
    "annotation": "Label, probability and assigned, one row per query cell",
    "probabilities": "Probability of every type, one row per query cell",
    "code": "The code, one row per cell",
    "embedding": "x and y of the UMAP of the code, one row per cell",
    "pictures": "How faithful each picture is",
    "impact": "Impact, gene sets by units, 0 to 1",
    "impact_expected": "The same for shuffled genes",
    "impact_z": "Standard deviations above shuffled genes",
    "impact_p": "Adjusted p of each impact",
    "impact_control": "Gene sets by cell types, without a network",
    "impact_findings": "Every impact beyond chance",
    "composition": "Share of each type, one row per bulk sample",
    "intervals": "Proportion with its interval, one row per sample and type",
    "samples": "How well each bulk sample is explained",
    "methods": "Proportions by the network and by other methods",
    "test_metrics": "Agreement on simulated mixtures",
    "even_metrics": "Agreement on mixtures that all recipes are compared by",
    "even_mixtures": "Every mixture that all recipes are compared by, known and predicted",
    "test_mixtures": "Every simulated mixture, known and predicted",
    "evaluation": "Every experiment, method and split",
    "evaluation_summary": "Mean and spread over the splits",
    "claims": "The papers' numbers and ours",
    "label_levels": "Labels at every level and the deepest safe one, one row per query cell",
    "hierarchy": "Each type with the labels above it",
    "levels": "How right each level of labels is on reference cells held out",
    "level_answers": "Coverage and accuracy by level, and as deep as is safe",
    "level_per_type": "Precision, recall and F1 of each label of each level",
    "level_confusion": "Known against called labels of each level",
    "level_reliability": "Probability against share of right labels, of each level",
    "level_coverage": "How many labels of each level are right when so many are given",
    "votes": "Each query cell's own type and the share of the vote for its label",
    "vote_clusters": "Votes in each cluster of the query",
    "held_out": "Agreement on reference cells held out",
    "held_out_cells": "Each reference cell held out, known and called type",
    "per_type": "Precision, recall and F1 of each type",
    "confusion": "Known against called types",
    "reliability": "Probability against share of right labels",
    "coverage": "How many labels are right when so many are given",
    "bridge_rna": "How right the classifier of the bridge's RNA is on held-out reference cells, type by type",
    "bridge_types": "What became of the bridge's cells, type by type, and how far their peaks and RNA agree",
    "strangeness": "Open-set score of each cell, counted from the query and from the reference",
    "bridge": "Multiome cells with the type that their RNA was given, and whether they taught the peaks",
    "audit": "Types left out of the reference, and whether they are refused",
}
CONTENT: dict[Task, str] = {
    "represent": "Counts, codes, embeddings, impact, under documented keys",
    "annotate": "Query cells with labels, probabilities, codes, embeddings",
    "deconvolve": "Bulk samples with their composition",
    "evaluate": "",
}


def kept_files(run: Run) -> dict[str, tuple[str, Path]]:
    """File name -> what is in it and where it lies, of what was asked for after the run had finished."""
    return {**evidence_files(run), **comparison_files(run), **group_files(run), **code_files(run)}


@dataclass(frozen=True)
class Item:
    """``size``: bytes; None for what is made on export. ``because``: what changed where it is stale."""

    run: str
    name: str
    what: str
    size: int | None
    state: Literal["current", "stale"]
    because: str = ""

    @property
    def default(self) -> bool:
        """Whether it is ticked at first: what is current, without the finer tables."""
        return self.state == "current"


def items(project: Project, run: Run) -> list[Item]:
    """Everything that ``run`` has to give, the file for Python first."""
    because = staleness(run.spec, project.draft)
    saved = Saved.of(project, run)
    found: list[Item] = []

    def add(name: str, what: str, path: Path | None) -> None:
        size = None if path is None else path.stat().st_size
        found.append(Item(run.directory.name, name, what, size, "stale" if because else "current", because))

    if run.results_path.exists():
        more = [f"{len(saved.names)} selections"] if saved.names else []
        more += ["your saved labels"] if saved.rate is not None else []
        content = CONTENT[run.spec.analysis.task]
        add(RESULTS, f"{content}, with {' and '.join(more)}" if more else content, run.results_path)
    present = {path.stem: path for path in run.directory.glob("*.csv")}
    for name in sorted(present, key=lambda stem: (stem not in TABLES, [*TABLES, stem].index(stem))):
        kept = name == "annotation" and saved.rate is not None
        path = saved.labels_path if kept else present[name]
        add(f"{name}.csv", TABLES.get(name, "A table of the run") + (", at your cut-off" if kept else ""), path)
    for name, (what, path) in kept_files(run).items():
        add(name, what, path)
    if run.model_path.exists():
        add(MODEL, f"Weights, genes, labels and thresholds, ready for new data{_cells_inside(run)}", run.model_path)
    for name, what in MADE.items():
        add(name, what, None)
    return found


def _cells_inside(run: Run) -> str:
    """That a model file holds cells of its reference, which whoever gets it can read."""
    cells = run.summary.get("kept_reference", {}).get("cells", 0)
    return f". Holds {cells:,} reference cells" if cells else ""
