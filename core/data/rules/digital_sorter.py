"""digitalDLSorteR's filters: seen at all, shared with the bulk, marking a cluster, most variable.

Source: digitalDLSorteR, createDDLSobject and its help.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import sparse

from core.data.blocks import column_range, of_columns
from core.data.families import mitochondrial
from core.data.markers import label_codes
from core.data.moments import Moments, grouped_moments
from core.data.normalise import Matrix, library_size, values_of
from core.data.rules.evidence import Evidence, Found, require_overlap
from core.data.rules.variability import by_rank
from core.errors import DataError

if TYPE_CHECKING:
    from core.data.dataset import Dataset

MIN_COUNT = 1
MIN_CLUSTER_MEAN = 1.0
LOG_FOLD_CHANGE = 0.5
FEWEST = 10
LN2 = np.log(2.0)


def digital_sorter(evidence: Evidence) -> Found:
    """The four filters in the published order; the trace holds what each was given and what it left.

    1. More than one count in at least one cell, and in at least one bulk sample.
    2. Shared with the bulk; not mitochondrial.
    3. Mean over the cells that show the gene above 1 in some type; then, per type, the ``markers_per_label`` genes with
       the largest log2 fold change over the mean of the types, at least 0.5.
    4. If more than ``target`` remain, those with the largest biological variance in absolute value: variance of the log
       values less a trend over the mean.
    """
    reference, bulk = evidence.reference, evidence.bulk if evidence.bulk is not None else evidence.query
    given = evidence.reference_genes
    seen = given[given.isin(_seen(reference))]
    shared = seen if bulk is None else seen[seen.isin(_seen(bulk))]
    require_overlap(shared, reference, bulk)
    shared = shared[~mitochondrial(shared)]
    candidates, logs = _expressed(reference, shared)
    kept = _cluster_markers(logs, candidates, evidence.spec.markers_per_label)
    chosen = kept
    if len(kept) > evidence.spec.target:
        columns, everything = candidates.get_indexer(kept), logs.total()
        biological = biological_variance(everything.mean[0, columns], everything.variance[0, columns])
        chosen = pd.Index(by_rank(pd.Series(-np.abs(biological), index=kept))[: evidence.spec.target])
    sizes = [len(genes) for genes in (given, seen, shared, kept, chosen)]
    if len(chosen) <= FEWEST:
        raise DataError(
            f"Only {len(chosen)} genes pass digitalDLSorteR's filters; "
            f"{len(shared)} were seen, shared and not mitochondrial",
            value=", ".join(chosen) or "no gene",
            remedy="Use a reference with more counts per gene, or the rule 'Genes specific to one type'",
        )
    trace = [(step, sizes[step - 1], sizes[step]) for step in range(1, 5)]
    return Found(dict.fromkeys(chosen, "All four filters"), trace)


def biological_variance(mean: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """Variance of each gene less its trend over the mean.

    The trend is a locally weighted line through variance against mean, robust against the variable genes themselves.

    Parameters
    ----------
    mean, variance
        (n_genes,), of log2 values over all cells.

    Returns
    -------
    (n_genes,), squared log2 units.
    """
    from statsmodels.nonparametric.smoothers_lowess import lowess

    near = 0.01 * float(np.ptp(mean))  # neighbours this close share one fit: no visible difference, far fewer fits
    return variance - lowess(variance, mean, frac=0.3, it=3, delta=near, return_sorted=False)


def _seen(dataset: Dataset) -> pd.Index:
    """Genes with more than ``MIN_COUNT`` in at least one cell or sample."""
    largest = column_range(values_of(dataset))[1]
    return dataset.genes[largest > MIN_COUNT]


def _expressed(reference: Dataset, genes: pd.Index) -> tuple[pd.Index, Moments]:
    """Genes of sufficient mean in some type, and moments of their log2 values per type.

    Cells are scaled by their total over these genes, relative to the mean total.
    """
    codes, labels = label_codes(reference)
    values: Matrix = of_columns(values_of(reference), reference.genes.get_indexer(genes))
    kept = _cluster_means(grouped_moments(values, codes, len(labels))).max(axis=0, initial=0.0) > MIN_CLUSTER_MEAN
    values = of_columns(values, np.flatnonzero(kept))
    library, unit = library_size(values, reference.unit), reference.unit
    factors = np.where(library > 0, library, 1.0) / max(float(library.mean()), 1.0)
    logs = grouped_moments(values, codes, len(labels), lambda part, rows: _log2(part, factors[rows], unit))
    return genes[kept], logs


def _cluster_means(raw: Moments) -> np.ndarray:
    """(k, n_genes), mean over the cells of a type that show the gene."""
    return np.divide(raw.sums, raw.detected, out=np.zeros_like(raw.sums), where=raw.detected > 0)


def _cluster_markers(logs: Moments, genes: pd.Index, per_label: int) -> pd.Index:
    change = logs.mean - logs.mean.mean(axis=0, keepdims=True)
    names = np.argsort(np.argsort(genes.to_numpy(str), kind="stable"), kind="stable")
    keep = np.zeros(len(genes), dtype=bool)
    for row in change:
        order = np.lexsort((names, -row))[:per_label]
        keep[order[row[order] >= LOG_FOLD_CHANGE]] = True
    return genes[keep]


def _log2(part: Matrix, size_factors: np.ndarray, unit: str) -> Matrix:
    result: Matrix = sparse.csr_matrix(part, dtype=np.float64)
    if unit in ("log1p", "log2", "values"):
        return result / LN2 if unit == "log1p" else result
    result.data /= np.repeat(size_factors, np.diff(result.indptr))
    result.data = np.log1p(result.data) / LN2
    return result
