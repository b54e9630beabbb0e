"""What was found about single cells and groups of them, read back from a run's folder."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from core.runs.run import Run
from core.specs import content_key
from core.tasks.evidence import FACTS, FOLDER
from core.tasks.finished import file_key, run_key

VERSION = 2


@dataclass(frozen=True)
class Why:
    """One cell's call.

    ``genes``: gene, for_label and spread (logit of its label against the mean of the others, from the average cell to
    this one), against_other and spread_other (logit of its label minus that of the other type, from that type's average
    cell to this one), value, mean_label and mean_other (ln(1 + CP10K)), rank_label and rank_other (among markers).
    ``margins``: replaced, gene, margin (logits by which the label leads once so many genes are as in the other type).
    """

    genes: pd.DataFrame
    margins: pd.DataFrame
    facts: Mapping[str, Any]


def why_folder(run: Run, cell: str, other: str) -> Path:
    """Where the explanation of a cell is kept."""
    return run.directory / FOLDER / "why" / content_key("why", VERSION, run_key(run), cell, other)


def stored_why(run: Run, cell: str, other: str = "") -> Why | None:
    """The explanation, or ``None`` where it is missing; ``other`` as in `core.tasks.evidence_cell.why`."""
    folder = why_folder(run, cell, other)
    if not folder.exists():
        return None
    return Why(_table(folder, "genes"), _table(folder, "margins"), _facts(folder))


def all_why(run: Run) -> dict[str, Path]:
    """Folder of every explanation of the run as it is, by cell and other type as a file name has them."""
    found: dict[str, Path] = {}
    for folder in sorted((run.directory / FOLDER / "why").glob("[!.]*")):
        cell, other = (str(_facts(folder)[name]) for name in ("cell", "other"))
        if folder in (why_folder(run, cell, other), why_folder(run, cell, "")):
            found[f"{file_name(cell)}_{file_name(other)}"] = folder
    return found


def file_name(name: str) -> str:
    """The name of a cell or a type as part of a file's name."""
    return "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in name)


def expressed_folder(run: Run, cells: list[str], nearest: str, labels: str = "") -> Path:
    """Where the comparison of a group of cells is kept."""
    chosen = hashlib.sha256("\n".join(sorted(cells)).encode()).hexdigest()
    kept = file_key(Path(labels)) if labels else ""
    return run.directory / FOLDER / "expressed" / content_key("expressed", VERSION, run_key(run), chosen, nearest, kept)


def stored_expressed(run: Run, cells: list[str], nearest: str, labels: str = "") -> tuple[pd.DataFrame, str] | None:
    """The genes of a group and what it was compared with, as `core.tasks.evidence_cell.expressed` found them."""
    folder = expressed_folder(run, cells, nearest, labels)
    if not folder.exists():
        return None
    return _table(folder, "genes"), str(_facts(folder)["compared_with"])


def _table(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / f"{name}.csv", keep_default_na=False, na_values=[""], dtype={"gene": str})


def _facts(folder: Path) -> dict[str, Any]:
    return json.loads((folder / FACTS).read_text(encoding="utf-8"))
