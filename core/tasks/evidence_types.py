"""The average cell of the reference and of each type, kept with a run so that one cell can be explained fast."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from core.data.markers import marker_scores
from core.files import whole_folder
from core.runs.run import Run
from core.specs import content_key
from core.tasks.evidence_genes import baseline, scaled_genes
from core.tasks.evidence_sets import Sets
from core.tasks.finished import run_key
from core.tasks.prepare import IMPACT, rng

VERSION = 1
CELLS = 1000
"""Reference cells of a type that its scaled mean is taken over, at most."""


@dataclass(frozen=True)
class Types:
    """Genes of the model x types of the reference.

    ``expression``: mean ln(1 + CP10K). ``scaled``: mean of the scaled genes, with the column ``average`` of all cells.
    ``rank``: place among the type's markers, 1 the strongest; missing where a gene is none.
    """

    expression: pd.DataFrame
    scaled: pd.DataFrame
    rank: pd.DataFrame


AVERAGE = "\x00average"
"""Column of the average cell; no type is called so."""
TABLES = ("expression", "scaled", "rank")


def stored_types(run: Run) -> Types | None:
    """The averages, or ``None`` where they are missing."""
    folder = _folder(run)
    return Types(*(pd.read_parquet(folder / f"{name}.parquet") for name in TABLES)) if folder.exists() else None


def keep_types(sets: Sets) -> Types:
    """Compute the averages from the reference and keep them in the run's folder."""
    made = _made(sets)

    def fill(folder: Path) -> None:
        for name in TABLES:
            getattr(made, name).to_parquet(folder / f"{name}.parquet")

    whole_folder(_folder(sets.run), fill)
    return made


def _folder(run: Run) -> Path:
    return run.directory / "evidence" / "types" / content_key("types", VERSION, run_key(run))


def _made(sets: Sets) -> Types:
    genes = pd.Index(sets.model.genes, name="gene")
    scores = marker_scores(sets.reference, list(genes))
    known, draw = sets.known, rng(sets.model.spec, IMPACT, 5)
    scaled = {AVERAGE: baseline(sets)}
    for name in scores.labels:
        rows = np.flatnonzero(known == name)
        rows = np.sort(draw.choice(rows, CELLS, replace=False)) if len(rows) > CELLS else rows
        scaled[name] = scaled_genes(sets.model.transform, sets.aligned(sets.reference, rows)).mean(axis=0)
    rank = pd.DataFrame(np.nan, index=genes, columns=pd.Index(scores.labels))
    for name, order in scores.order.items():
        rank.iloc[order, rank.columns.get_loc(name)] = np.arange(1, len(order) + 1)
    expression = pd.DataFrame(scores.moments.mean.T, index=genes, columns=pd.Index(scores.labels))
    return Types(expression, pd.DataFrame(scaled, index=genes), rank)
