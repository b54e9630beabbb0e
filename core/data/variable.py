"""How variable each gene is: dispersion compared with genes of similar expression, batch by batch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.data.blocks import lowest
from core.data.moments import Moments, grouped_moments
from core.data.normalise import library_size, linear, values_of
from core.data.peaks_ranked import peak_scores
from core.errors import DataError

if TYPE_CHECKING:
    from core.data.dataset import Dataset
    from core.specs.features import PeakScore

BINS = 20


def variability(dataset: Dataset, target: int = 2000, peak_score: PeakScore = "variable") -> pd.DataFrame:
    """Genes from the most to the least variable.

    The Seurat flavour: variance over mean of CP10K, as a z-score among the genes in one of 20 bins of mean expression.
    With batches, genes that are among the ``target`` most variable of many batches come first, then the mean score.
    Sets whose values are not expression on a known scale, or hold negative values, are ranked by plain variance. Peaks
    are ranked by ``peak_scores``, over all batches.

    Parameters
    ----------
    dataset
        Cells or samples in any unit; its batches, if any, are told apart.
    target
        How many genes count as variable within a batch.
    peak_score
        How peaks are ranked.

    Returns
    -------
    One row per gene, indexed by its name, in rank order: mean (CP10K), score (z), batches (where among the top),
    rank (1 = most variable). Ties are ordered by name.

    Raises
    ------
    DataError
        If fewer than two cells or samples are given.

    Source: Satija et al. 2015; batches as in scanpy's ``highly_variable_genes``.
    """
    if dataset.n_cells < 2:
        raise DataError(
            "Variable genes need at least two cells or samples",
            value=dataset.n_cells,
            remedy="Choose a rule that does not compare variability, such as all shared genes",
        )
    if dataset.holds_peaks:
        return peak_scores(dataset, peak_score)
    groups, n_groups = _batches(dataset)
    values, unit = values_of(dataset), dataset.unit
    plain = unit == "values" or lowest(values) < 0
    library = library_size(values, unit)
    moments = grouped_moments(
        values, groups, n_groups, None if plain else lambda part, rows: linear(part, unit, library[rows])
    )
    table = pd.DataFrame({"mean": moments.total().mean[0]}, index=pd.Index(dataset.genes, name="gene"))
    scores = _variance_scores(moments) if plain else _dispersion_scores(moments)
    table["score"] = _mean_of_finite(scores)
    table["batches"] = _times_among_top(scores, target)
    table = table.reset_index().sort_values(["batches", "score", "gene"], ascending=[False, False, True], kind="stable")
    return table.assign(rank=np.arange(1, len(table) + 1)).set_index("gene")


def _batches(dataset: Dataset) -> tuple[np.ndarray, int]:
    """Batch number of each cell; batches of a single cell have no variance and are left out."""
    batches = dataset.batches
    if batches is None:
        return np.zeros(dataset.n_cells, dtype=np.int64), 1
    codes, names = pd.factorize(batches.astype(object), sort=True)
    sizes = np.bincount(codes[codes >= 0], minlength=len(names))
    large = np.flatnonzero(sizes >= 2)
    if large.size == 0:
        return np.zeros(dataset.n_cells, dtype=np.int64), 1
    renumbered = np.full(sizes.size + 1, -1)  # the last entry answers for code -1, cells without a batch
    renumbered[large] = np.arange(large.size)
    return renumbered[codes], large.size


def _dispersion_scores(moments: Moments) -> np.ndarray:
    """(k, n_genes), z-score of the log dispersion within bins of mean; NaN where a gene is silent or constant."""
    scores = np.full(moments.sums.shape, np.nan)
    for group in range(moments.cells.size):
        seen = moments.sums[group] > 0
        mean, variance = moments.mean[group, seen], moments.variance[group, seen]
        with np.errstate(divide="ignore"):
            dispersion = pd.Series(np.log(variance / mean)).replace(-np.inf, np.nan)
        if dispersion.empty:
            continue
        bins = dispersion.groupby(pd.cut(np.log1p(mean), bins=BINS, labels=False))
        centre, spread = bins.transform("mean"), bins.transform("std")
        alone = spread.isna()  # a bin with one gene: its score is 1, as in Seurat
        score = (dispersion - centre.mask(alone, 0.0)) / spread.mask(alone, centre).replace(0.0, np.nan)
        scores[group, seen] = score.fillna(0.0).mask(dispersion.isna())
    return scores


def _variance_scores(moments: Moments) -> np.ndarray:
    return np.where(moments.detected > 0, moments.variance, np.nan)


def _mean_of_finite(scores: np.ndarray) -> np.ndarray:
    """Mean over batches; a gene silent in a batch counts 0 there, silent everywhere comes last."""
    silent = np.isnan(scores)
    mean = np.where(silent, 0.0, scores).mean(axis=0)
    return np.where(silent.all(axis=0), -np.inf, mean)


def _times_among_top(scores: np.ndarray, target: int) -> np.ndarray:
    if scores.shape[0] == 1:
        return (~np.isnan(scores[0])).astype(np.int64)
    filled = np.where(np.isnan(scores), -np.inf, scores)
    taken = min(target, filled.shape[1])
    cutoff = np.partition(filled, -taken, axis=1)[:, -taken]
    return ((filled >= cutoff[:, None]) & np.isfinite(filled)).sum(axis=0)
