"""digitalDLSorteR's filters: seen at all, shared with the bulk, marking a cluster, most variable.

Source: digitalDLSorteR, createDDLSobject and its help.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import sparse

from core.data.blocks import column_above, of_columns
from core.data.families import mitochondrial
from core.data.markers import label_codes
from core.data.moments import Moments, grouped_moments
from core.data.normalise import Matrix, library_size, values_of
from core.data.rules.evidence import ASKED, READ, Evidence, Found, Step, require_overlap
from core.data.rules.variability import by_rank
from core.errors import DataError

if TYPE_CHECKING:
    from core.data.dataset import Dataset

FEWEST = 10
LN2 = np.log(2.0)


def digital_sorter(evidence: Evidence) -> Found:
    """The four filters in the published order; the trace holds what each was given and what it left.

    1. More than ``min_count`` counts in at least ``min_cells`` cells.
    2. In the bulk, more than ``bulk_min_count`` in at least ``bulk_min_samples`` samples; not mitochondrial, whatever
       ``drop_mitochondrial`` says, and none that the user's other filters leave out.
    3. With ``cluster_filter``: mean over the cells that show the gene above ``cluster_min_mean`` in some type; then,
       per type, the ``markers_per_label`` genes with the largest log2 fold change over the mean of the types, at least
       ``fold_change``.
    4. If more than ``target`` remain, those with the largest biological variance in absolute value: variance of the log
       values less a trend over the mean.
    """
    spec, reference = evidence.spec, evidence.reference
    counted = _Counted(pd.Index(reference.genes))
    enough = _seen(reference, spec.min_count, spec.min_cells)
    counted.keep(_more_than(spec.min_count, spec.min_cells, "cell"), enough)
    seen = counted.genes
    _keep_shared(counted, evidence)
    shared = _keep_allowed(counted, evidence)
    candidates, logs = _expressed(reference, shared, spec.cluster_min_mean if spec.cluster_filter else None)
    kept = shared
    if spec.cluster_filter:
        counted.keep(f"Mean above {spec.cluster_min_mean:g} in a type, over the cells that show it", candidates)
        kept = _cluster_markers(logs, candidates, spec.markers_per_label, spec.fold_change)
        least = "" if spec.fold_change is None else f", log2 fold change {spec.fold_change:g} or more"
        counted.keep(f"Among the {spec.markers_per_label} that mark a type most{least}", kept)
    chosen = kept
    if len(kept) > spec.target:
        columns, everything = candidates.get_indexer(kept), logs.total()
        biological = biological_variance(everything.mean[0, columns], everything.variance[0, columns])
        chosen = pd.Index(by_rank(pd.Series(-np.abs(biological), index=kept))[: spec.target])
    counted.keep(f"Among the {spec.target:,} most variable", chosen)
    if len(chosen) <= FEWEST:
        raise DataError(
            f"Only {len(chosen)} genes pass digitalDLSorteR's filters; "
            f"{len(shared)} were seen, shared and not mitochondrial",
            value=", ".join(chosen) or "no gene",
            remedy="Use a reference with more counts per gene, or the rule 'Genes specific to one type'",
        )
    sizes = [reference.n_genes, *(len(genes) for genes in (seen, shared, kept, chosen))]
    trace = [(step, sizes[step - 1], sizes[step]) for step in range(1, 5)]
    return Found(dict.fromkeys(chosen, "All four filters"), trace, steps=counted.steps)


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


class _Counted:
    """The genes that are left and how many there were after each step."""

    def __init__(self, genes: pd.Index) -> None:
        self.genes = genes
        self.steps: list[Step] = [(READ, len(genes))]

    def keep(self, asked: str, among: pd.Index) -> None:
        """Leave the genes ``among``, which meet what is ``asked``."""
        self.genes = self.genes[self.genes.isin(among)]
        self.steps.append((asked, len(self.genes)))


def _keep_shared(counted: _Counted, evidence: Evidence) -> None:
    """Leave genes that the bulk (or the query) shows as well."""
    other, spec = evidence.bulk if evidence.bulk is not None else evidence.query, evidence.spec
    if other is None:
        return
    name, sample = ("bulk samples", "bulk sample") if other is evidence.bulk else ("query", "query cell")
    counted.keep(f"Also in the {name}", pd.Index(other.genes))
    least, times = spec.bulk_min_count, spec.bulk_min_samples
    counted.keep(_more_than(least, times, sample), _seen(other, least, times))
    require_overlap(counted.genes, evidence.reference, other)


def _keep_allowed(counted: _Counted, evidence: Evidence) -> pd.Index:
    """Leave, and return, genes that pass the filter of mitochondrial genes and the user's others."""
    genes = counted.genes
    counted.keep(ASKED["mitochondrial"], genes[~mitochondrial(genes, evidence.spec.mitochondrial_names)])
    for name, barred in evidence.excluded.items():
        if name != "mitochondrial":
            counted.keep(ASKED[name], genes[~genes.isin(list(barred))])
    return counted.genes


def _more_than(count: int, times: int, what: str) -> str:
    return f"More than {count:,} in at least {times:,} {what}{'' if times == 1 else 's'}"


def _seen(dataset: Dataset, count: int, times: int) -> pd.Index:
    """Genes with more than ``count`` in at least so many cells or samples."""
    return dataset.genes[column_above(values_of(dataset), count) >= times]


def _expressed(reference: Dataset, genes: pd.Index, least: float | None) -> tuple[pd.Index, Moments]:
    """Genes whose mean in some type exceeds ``least`` (all for ``None``), and moments of their log2 values per type.

    Cells are scaled by their total over these genes, relative to the mean total.
    """
    codes, labels = label_codes(reference)
    values: Matrix = of_columns(values_of(reference), reference.genes.get_indexer(genes))
    if least is not None:
        kept = _cluster_means(grouped_moments(values, codes, len(labels))).max(axis=0, initial=0.0) > least
        values, genes = of_columns(values, np.flatnonzero(kept)), genes[kept]
    library, unit = library_size(values, reference.unit), reference.unit
    factors = np.where(library > 0, library, 1.0) / max(float(library.mean()), 1.0)
    logs = grouped_moments(values, codes, len(labels), lambda part, rows: _log2(part, factors[rows], unit))
    return genes, logs


def _cluster_means(raw: Moments) -> np.ndarray:
    """(k, n_genes), mean over the cells of a type that show the gene."""
    return np.divide(raw.sums, raw.detected, out=np.zeros_like(raw.sums), where=raw.detected > 0)


def _cluster_markers(logs: Moments, genes: pd.Index, per_label: int, least: float | None) -> pd.Index:
    change = logs.mean - logs.mean.mean(axis=0, keepdims=True)
    names = np.argsort(np.argsort(genes.to_numpy(str), kind="stable"), kind="stable")
    keep = np.zeros(len(genes), dtype=bool)
    for row in change:
        order = np.lexsort((names, -row))[:per_label]
        keep[order if least is None else order[row[order] >= least]] = True
    return genes[keep]


def _log2(part: Matrix, size_factors: np.ndarray, unit: str) -> Matrix:
    result: Matrix = sparse.csr_matrix(part, dtype=np.float64)
    if unit in ("log1p", "log2", "values"):
        return result / LN2 if unit == "log1p" else result
    result.data /= np.repeat(size_factors, np.diff(result.indptr))
    result.data = np.log1p(result.data) / LN2
    return result
