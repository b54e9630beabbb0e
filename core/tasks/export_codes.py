"""The units of a code and its checks as files that leave: tables by name."""

from __future__ import annotations

import json
from pathlib import Path

from core.runs.run import Run
from core.tasks import checks, sweep, unit_step
from core.tasks.finished import run_key

PREFIX = "code_"
TABLES: dict[str, str] = {
    "units": "Every unit: its genes and its most certain term, as computed last",
    "unit_genes": "Genes that each unit changes most, as computed last",
    "unit_terms": "Gene sets over-represented among them, with both adjusted p",
    "unit_links": "Units and the terms they share",
    "clusters": "k-means groups of the code against labels and genes, every run",
    "singular_values": "Singular values of the code over all cells",
    "likeness_codes": "Correlation of units, of their values over cells",
    "likeness_changes": "Correlation of units, of the genes that they move",
    "likeness_saliency": "Correlation of units, of the genes that move them",
    "sweep": "What each weight of the orthogonality penalty does",
    "sweep_epochs": "The same, after every epoch",
}


def code_files(run: Run) -> dict[str, tuple[str, Path]]:
    """File name -> what is in it and where it lies, of the checks made of the run as it is now."""
    folders = [checks.folder(run)] if checks.found(run) is not None else []
    folders += [sweep.folder_of(run).directory / "found"] if sweep.found(run) is not None else []
    folders += [unit_step.last_folder(run)] if _has_units(run) else []
    present = {path.stem: path for folder in folders for path in folder.glob("*.csv")}
    return {f"{PREFIX}{name}.csv": (what, present[name]) for name, what in TABLES.items() if name in present}


def _has_units(run: Run) -> bool:
    path = unit_step.last_folder(run) / unit_step.FACTS
    return path.exists() and json.loads(path.read_text(encoding="utf-8"))["run"] == run_key(run)
