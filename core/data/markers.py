"""Marker genes: which genes are higher in one cell type than in all other cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.data.moments import Moments, grouped_moments
from core.data.normalise import library_size, normalised, values_of
from core.errors import DataError

if TYPE_CHECKING:
    from core.data.align import Aligned
    from core.data.dataset import Dataset


@dataclass(frozen=True)
class MarkerScores:
    """Every gene against every label, on log-normalised values.

    ``genes``: n_genes names. ``labels``: k names, sorted. ``moments``: per label.
    """

    genes: pd.Index
    labels: tuple[str, ...]
    moments: Moments

    @cached_property
    def rest(self) -> Moments:
        """Moments of all cells outside each label."""
        inside, everything = self.moments, self.moments.total()
        return Moments(
            everything.cells - inside.cells,
            everything.sums - inside.sums,
            everything.squares - inside.squares,
            everything.detected - inside.detected,
        )

    @cached_property
    def scores(self) -> np.ndarray:
        """(k, n_genes), t statistic whose variance takes the rest to be as small as the label itself.

        Source: scanpy's ``t-test_overestim_var``.
        """
        cells = np.maximum(self.moments.cells, 1)[:, None]
        error = np.sqrt((self.moments.variance + self.rest.variance) / cells)
        difference = self.moments.mean - self.rest.mean
        return np.divide(difference, error, out=np.zeros_like(difference), where=error > 0)

    @cached_property
    def order(self) -> dict[str, np.ndarray]:
        """Positions in ``genes`` of each label's markers, strongest first, ties by name; only genes above the rest."""
        names = np.argsort(np.argsort(self.genes.to_numpy(str), kind="stable"), kind="stable")
        ranked = {}
        for label, score in zip(self.labels, self.scores, strict=True):
            sequence = np.lexsort((names, -score))
            ranked[label] = sequence[score[sequence] > 0]
        return ranked

    def top(self, label: str, n: int) -> list[str]:
        """Names of the ``n`` strongest markers of ``label``."""
        return list(self.genes[self.order[label][:n]])

    def best_rank(self) -> pd.Series:
        """Rank of each gene in the label it marks best (1 = strongest marker), infinite where it marks none."""
        best = np.full(len(self.genes), np.inf)
        for sequence in self.order.values():
            best[sequence] = np.minimum(best[sequence], np.arange(1, sequence.size + 1))
        return pd.Series(best, index=self.genes)


def marker_scores(dataset: Dataset, genes: Sequence[str] | None = None) -> MarkerScores:
    """Scores of every gene for every label of ``dataset``.

    Parameters
    ----------
    dataset
        Labelled cells.
    genes
        Rank only these genes; by default all. Cells are normalised over all their genes either way.

    Raises
    ------
    DataError
        If the set has no label column or fewer than two labels.
    """
    codes, labels = label_codes(dataset)
    if len(labels) < 2:
        raise DataError(
            "Marker genes need at least two cell types",
            value=list(labels),
            remedy="Choose the column that holds the cell types on the Data page",
        )
    return group_scores(dataset, codes, labels, genes)


def group_scores(
    dataset: Dataset, groups: np.ndarray, labels: tuple[str, ...], genes: Sequence[str] | None = None
) -> MarkerScores:
    """Scores of every gene for every group of cells, whatever the groups are.

    Parameters
    ----------
    dataset
        Cells.
    groups
        (n_cells,), number of each cell's group; -1 leaves the cell out.
    labels
        Names of the groups.
    genes
        As in `marker_scores`.
    """
    values, unit = values_of(dataset), dataset.unit
    library = library_size(values, unit)
    moments = grouped_moments(
        values, groups, len(labels), lambda part, rows: normalised(part, unit, "log1p_cp10k", library[rows])
    )
    scores = MarkerScores(pd.Index(dataset.genes), labels, moments)
    return scores if genes is None else only(scores, genes)


def aligned_scores(cells: Aligned, groups: np.ndarray, labels: tuple[str, ...]) -> MarkerScores:
    """The same for cells in the genes of a model; cells are normalised over all genes of their file.

    Parameters
    ----------
    cells
        In the model's genes.
    groups, labels
        As in `group_scores`.
    """
    moments = grouped_moments(
        cells.values,
        groups,
        len(labels),
        lambda part, rows: normalised(part, cells.unit, "log1p_cp10k", cells.library[rows]),
    )
    return MarkerScores(pd.Index(cells.genes), labels, moments)


def only(scores: MarkerScores, genes: Sequence[str]) -> MarkerScores:
    """The same scores for some of the genes, so that ranks count these alone."""
    columns = scores.genes.get_indexer(pd.Index(genes))
    m = scores.moments
    return MarkerScores(
        scores.genes[columns],
        scores.labels,
        Moments(m.cells, m.sums[:, columns], m.squares[:, columns], m.detected[:, columns]),
    )


def markers(dataset: Dataset, per_label: int) -> pd.DataFrame:
    """The strongest markers of each label with their statistics.

    Returns
    -------
    One row per marker: cell_type, gene, rank, score (t), log2_fold_change (of mean CP10K, pseudo-count 1e-9), mean
    (ln(1 + CP10K)), share and share_elsewhere (of cells, 0 to 1), p_value (Welch, two-sided) and adjusted_p
    (Benjamini-Hochberg over all genes). The types were often found from the same cells, which makes p-values too small.
    """
    from scipy import stats

    scores = marker_scores(dataset)
    inside, rest = scores.moments, scores.rest
    rows = []
    for k, label in enumerate(scores.labels):
        n = int(inside.cells[k])
        left, right = inside.variance[k] / max(n, 1), rest.variance[k] / max(n, 1)
        bottom = (left**2 + right**2) / max(n - 1, 1)
        freedom = np.divide((left + right) ** 2, bottom, out=np.ones_like(left), where=bottom > 0)
        p = 2 * stats.t.sf(np.abs(scores.scores[k]), freedom)
        chosen = scores.order[label][:per_label]
        fold = np.log2((np.expm1(inside.mean[k]) + 1e-9) / (np.expm1(rest.mean[k]) + 1e-9))
        rows.append(
            pd.DataFrame(
                {
                    "cell_type": label,
                    "gene": scores.genes[chosen],
                    "rank": np.arange(1, chosen.size + 1),
                    "score": scores.scores[k, chosen],
                    "log2_fold_change": fold[chosen],
                    "mean": inside.mean[k, chosen],
                    "share": inside.share[k, chosen],
                    "share_elsewhere": rest.share[k, chosen],
                    "p_value": p[chosen],
                    "adjusted_p": stats.false_discovery_control(p)[chosen],
                }
            )
        )
    return pd.concat(rows, ignore_index=True)


def marker_dots(dataset: Dataset, genes_per_label: int = 3) -> pd.DataFrame:
    """Dot plot of the top markers: every label against the top genes of all labels.

    Returns
    -------
    One row per label and gene, genes in order of the labels they mark: cell_type, gene, share (of cells, 0 to 1),
    mean (ln(1 + CP10K)), level (mean over the gene's highest mean).
    """
    scores = marker_scores(dataset)
    genes = list(dict.fromkeys(gene for label in scores.labels for gene in scores.top(label, genes_per_label)))
    columns = scores.genes.get_indexer(pd.Index(genes))
    mean = scores.moments.mean[:, columns]
    return pd.DataFrame(
        {
            "cell_type": np.repeat(scores.labels, len(genes)),
            "gene": genes * len(scores.labels),
            "share": scores.moments.share[:, columns].ravel(),
            "mean": mean.ravel(),
            "level": (mean / mean.max(axis=0)).ravel(),
        }
    )


def label_codes(dataset: Dataset) -> tuple[np.ndarray, tuple[str, ...]]:
    """Label number of each cell, -1 where it has none, and the labels in sorted order."""
    codes, names = pd.factorize(dataset.labels.astype(object), sort=True)
    return codes, tuple(str(name) for name in names)
