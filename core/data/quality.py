"""Which cells and genes are good enough to keep."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.data.blocks import pieces
from core.data.families import mitochondrial
from core.data.moments import grouped_moments
from core.data.normalise import LINEAR_UNITS, LN2, Matrix, values_of
from core.errors import DataError
from core.specs.data import QualitySpec

if TYPE_CHECKING:
    from core.data.dataset import Dataset, Unit


def cell_metrics(dataset: Dataset) -> pd.DataFrame:
    """What the quality rules look at.

    Returns
    -------
    One row per cell: counts (total; of undone logarithms where the values are logarithms), genes (number that are not
    zero), mitochondrial (percent of the counts, 0 for a cell without counts). Counts and percent are missing where the
    values are on no known scale.
    """
    inside = mitochondrial(dataset.genes).astype(np.float64)
    found = [_measured(part, dataset.unit, inside) for _, part in pieces(values_of(dataset))]
    return pd.concat(found).set_axis(dataset.adata.obs_names, axis=0)


def gene_metrics(dataset: Dataset) -> pd.DataFrame:
    """One row per gene: cells (where it is not zero), share (of all cells, percent) and mean (in the data's unit)."""
    moments = grouped_moments(values_of(dataset), np.zeros(dataset.n_cells, dtype=np.int64), 1)
    return pd.DataFrame(
        {
            "cells": moments.detected[0].astype(np.int64),
            "share": 100 * moments.share[0],
            "mean": moments.mean[0],
        },
        index=dataset.genes,
    )


def passing(metrics: pd.DataFrame, spec: QualitySpec) -> np.ndarray:
    """Which cells meet every rule, (n_cells,). What is missing cannot be judged and passes."""
    return np.logical_and.reduce([mask for _, mask in _rules(metrics, spec)])


def failing(metrics: pd.DataFrame, spec: QualitySpec) -> pd.DataFrame:
    """How many cells each rule alone would leave out: rule, cells. Cheap enough to follow a slider."""
    rows = [{"rule": name, "cells": int((~mask).sum())} for name, mask in _rules(metrics, spec)]
    return pd.DataFrame(rows)


def apply(dataset: Dataset, spec: QualitySpec) -> tuple[Dataset, pd.DataFrame]:
    """The cells and genes that pass, and what was left after each step.

    Cells of reference and query are judged by every rule, bulk samples only by holding any value. Genes and rare cell
    types are left out of the reference alone: a gene that no query cell shows was measured all the same.

    Returns
    -------
    The data set, and a table step, cells, genes.

    Raises
    ------
    DataError
        If nothing passes.
    """
    steps = [("As read", dataset.n_cells, dataset.n_genes)]
    metrics = cell_metrics(dataset)
    keep = np.ones(dataset.n_cells, dtype=bool)
    rules = [("Not empty", metrics["genes"].to_numpy() > 0)] if dataset.role == "bulk" else _rules(metrics, spec)
    for name, mask in rules:
        keep &= mask
        steps.append((name, int(keep.sum()), dataset.n_genes))
        _refuse_empty(keep, name, dataset)
    if dataset.role == "reference" and dataset.label_column is not None:
        keep &= _of_common_labels(dataset.labels, keep, spec.min_label_cells)
        steps.append(("Cells per type", int(keep.sum()), dataset.n_genes))
        _refuse_empty(keep, "Cells per type", dataset)
    kept = dataset if keep.all() else dataset.subset(cells=keep)
    if dataset.role == "reference":
        seen = gene_metrics(kept)["cells"].to_numpy() >= spec.min_cells
        steps.append(("Cells per gene", kept.n_cells, int(seen.sum())))
        _refuse_empty(seen, "Cells per gene", dataset)
        kept = kept if seen.all() else kept.subset(genes=list(kept.genes[seen]))
    return kept, pd.DataFrame(steps, columns=pd.Index(["step", "cells", "genes"]))


def _measured(values: Matrix, unit: Unit, mitochondrial: np.ndarray) -> pd.DataFrame:
    """``cell_metrics`` of some cells; ``mitochondrial``: (n_genes,), 1 or 0."""
    genes = values.count_nonzero(axis=1)
    added = _additive(values, unit)
    if added is None:
        counts = percent = np.full(values.shape[0], np.nan)
    else:
        counts = np.asarray(added.sum(axis=1, dtype=np.float64)).ravel()
        inside = np.asarray(added @ mitochondrial).ravel()
        percent = 100 * np.divide(inside, counts, out=np.zeros_like(counts), where=counts > 0)
    return pd.DataFrame({"counts": counts, "genes": genes, "mitochondrial": percent})


def _rules(metrics: pd.DataFrame, spec: QualitySpec) -> list[tuple[str, np.ndarray]]:
    counts, genes = metrics["counts"].to_numpy(), metrics["genes"].to_numpy()
    most = np.inf if spec.max_counts is None else spec.max_counts
    # a missing value compares False both ways, so the rules are written as what must not be
    return [
        ("Counts, at least", ~(counts < spec.min_counts)),
        ("Counts, at most", ~(counts > most)),
        ("Genes, at least", ~(genes < spec.min_genes)),
        ("Mitochondrial share", ~(metrics["mitochondrial"].to_numpy() > spec.max_mitochondrial)),
    ]


def _of_common_labels(labels: pd.Series, keep: np.ndarray, fewest: int) -> np.ndarray:
    """False for cells without a label or of a type with too few cells among those kept."""
    sizes = labels.loc[keep].value_counts()
    common = sizes.index[sizes >= fewest]
    return labels.isin(common).to_numpy(bool)


def _additive(values: Matrix, unit: Unit) -> Matrix | None:
    if unit in LINEAR_UNITS:
        return values
    if unit == "values":
        return None
    undone = values.astype(np.float64)
    undone.data = np.expm1(undone.data * (LN2 if unit == "log2" else 1.0))
    return undone


def _refuse_empty(keep: np.ndarray, step: str, dataset: Dataset) -> None:
    if keep.any():
        return
    raise DataError(
        f"Nothing is left of the {dataset.role} after the rule '{step}'",
        value=f"{dataset.n_cells:,} cells x {dataset.n_genes:,} genes",
        remedy="Loosen this rule on the Quality page",
    )
