"""The cells on which a run and other annotators are compared: the run's own, its folds, and its calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from core.annotation.held_out import NEVER, folds
from core.comparison.methods import Part
from core.comparison.own import log_values
from core.comparison.program import Handed
from core.comparison.scores import Calls
from core.data.align import align
from core.data.blocks import loaded
from core.data.dataset import Dataset
from core.data.normalise import LINEAR_UNITS, TARGET_SUM, normalised, values_of
from core.errors import DataError, SpecError
from core.runs.run import Run
from core.specs import AnnotateSpec
from core.tasks.finished import query_of, reference_of
from core.tasks.load import labels_or_none
from core.tasks.prepare import CALIBRATION, rng

MOST_ON_DISK = 20_000
"""Cells of a set that is read from disk: as many as the run itself learns calibration from."""
NO_HELD_OUT = "This run kept no calls on held-out cells; train it again to have them"


@dataclass(frozen=True)
class ComparedCells:
    """What all annotators get.

    Attributes
    ----------
    run
        The run that is compared.
    genes
        The genes of its model.
    reference, query
        The run's cells, after its quality filter.
    rows, query_rows
        Their row numbers that take part: all, or a sample where cells are on disk.
    labels
        (n_rows,), type names of the reference rows.
    folds
        (n_rows,), the fold in which the run held a cell out; -1 where never.
    known
        (n_query_rows,), the query's own type names; ``None`` without.
    """

    run: Run
    genes: Sequence[str]
    reference: Dataset
    query: Dataset
    rows: np.ndarray
    query_rows: np.ndarray
    labels: np.ndarray
    folds: np.ndarray
    known: np.ndarray | None

    @property
    def held_out(self) -> np.ndarray:
        """Which of ``rows`` are held out in some fold, in order."""
        return np.flatnonzero(self.folds != NEVER)

    @property
    def sampled(self) -> bool:
        """Whether annotators get a sample of the cells."""
        return len(self.rows) < self.reference.n_cells or len(self.query_rows) < self.query.n_cells

    def truth(self, part: Part) -> np.ndarray | None:
        """(n,), known types of the cells that are labelled in ``part``."""
        return self.known if part == "query" else self.labels[self.held_out]

    def values(self) -> tuple[np.ndarray, np.ndarray]:
        """Reference and query, (n_cells, n_genes) each, ln(CP10k + 1) of the run's genes; NaN where a file lacks one.

        Raises
        ------
        DataError
            If a file shares no gene with the run.
        """
        sides = ((self.reference, self.rows), (self.query, self.query_rows))
        first, second = (log_values(align(cells, self.genes).rows(rows).in_memory()) for cells, rows in sides)
        return first, second

    def handed(self) -> Handed:
        """The same cells with all genes that both files have, for a program in an environment of its own.

        Raises
        ------
        DataError
            If they have none in common.
        """
        measured = set(self.query.genes)
        genes = [str(gene) for gene in self.reference.genes if gene in measured]
        if not genes:
            some = [str(gene) for gene in self.query.genes[:3]]
            raise DataError("Reference and query share no gene", some, "Use files with the same kind of gene names")
        return Handed(
            reference=_log_values(self.reference, self.rows, genes),
            query=_log_values(self.query, self.query_rows, genes),
            genes=genes,
            adds_up=_adds_up(self.reference, self.rows),
            labels=self.labels,
            folds=self.folds,
            seed=self.run.spec.seed,
        )

    def ours(self, part: Part) -> Calls | str:
        """The run's own calls on the same cells, or why there are none."""
        path = self.run.directory / ("annotation.csv" if part == "query" else "held_out_cells.csv")
        if not path.exists():
            return NO_HELD_OUT
        table = pd.read_csv(path, keep_default_na=False, na_values=[""], dtype={"cell_type": str, "known": str})
        asked = self.query_rows if part == "query" else pd.Index(table["row"]).get_indexer(self.rows[self.held_out])
        table = table.iloc[asked]
        assigned = table["assigned"]
        return Calls(
            table["cell_type"].to_numpy(dtype=object),
            table["probability"].to_numpy(dtype=float),
            None if assigned.isna().any() else assigned.to_numpy(dtype=bool),
        )


def compared_cells(run: Run, genes: Sequence[str]) -> ComparedCells:
    """Read the cells of ``run`` again.

    Parameters
    ----------
    run
        A run that labelled a query with a reference of its own.
    genes
        Of its model.

    Raises
    ------
    SpecError
        If the run did not train on a reference to label a query.
    DataError
        If a file has changed since.
    """
    if not isinstance(run.spec.analysis, AnnotateSpec) or run.spec.data.reference is None:
        raise SpecError(
            "Only a run that trained on a reference to label a query can be compared",
            run.name,
            "Choose a run of annotate that has a reference of its own",
        )
    reference, query = reference_of(run), query_of(run)
    labels = reference.labels.astype(str).to_numpy(dtype=object)
    rows, number = _folds(run, reference, labels)
    query_rows = np.arange(query.n_cells)
    if query.blocks is not None and query.n_cells > MOST_ON_DISK:
        query_rows = np.sort(rng(run.spec, CALIBRATION, 4).choice(query.n_cells, MOST_ON_DISK, replace=False))
    known = labels_or_none(query)
    return ComparedCells(
        run,
        genes,
        reference,
        query,
        rows,
        query_rows,
        labels[rows],
        number,
        None if known is None else np.asarray(known, dtype=object)[query_rows],
    )


def _folds(run: Run, reference: Dataset, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Row numbers that take part, and the fold of each: as the run kept them, or drawn as it drew them."""
    path = run.directory / "held_out_cells.csv"
    if path.exists():
        held = pd.read_csv(path, keep_default_na=False, dtype={"known": str})
        tested = held["row"].to_numpy(dtype=int)
        if tested.max() >= len(labels) or (labels[tested] != held["known"].to_numpy()).any():
            raise DataError("The reference is not the one that was trained on", run.name, "Train it again")
        number = np.full(len(labels), NEVER)
        number[tested] = held["fold"].to_numpy(dtype=int)
        rows = np.sort(tested) if reference.blocks is not None else np.arange(len(labels))
        return rows, number[rows]
    rows = np.arange(len(labels))
    if reference.blocks is not None and len(rows) > MOST_ON_DISK:
        rows = np.sort(rng(run.spec, CALIBRATION, 5).choice(rows, MOST_ON_DISK, replace=False))
    batches = None if reference.batches is None else reference.batches.astype(str).to_numpy()[rows]
    numbers = np.unique(labels[rows].astype(str), return_inverse=True)[1]
    assert isinstance(run.spec.analysis, AnnotateSpec)
    return rows, folds(numbers, batches, run.spec.analysis.calibration_folds, rng(run.spec, CALIBRATION)).number


def _log_values(cells: Dataset, rows: np.ndarray, genes: Sequence[str]) -> sparse.csr_matrix:
    """(n_rows, n_genes), ln(CP10k + 1) over all genes of the file where the unit allows it."""
    aligned = align(cells, genes).rows(rows).in_memory()
    return sparse.csr_matrix(normalised(aligned.values, aligned.unit, "log1p_cp10k", aligned.library))


def _adds_up(cells: Dataset, rows: np.ndarray) -> bool:
    """Whether each cell holds 10,000 over all genes of the file, before its logarithm was taken."""
    if cells.unit in LINEAR_UNITS:
        return True
    values = sparse.csr_matrix(loaded(values_of(cells)[rows]), copy=True)
    if cells.unit != "log1p" or values.min() < 0:
        return False
    values.data = np.expm1(values.data.astype(np.float64))
    totals = np.asarray(values.sum(axis=1)).ravel()
    return bool(np.abs(totals - TARGET_SUM).max() <= 1)
