"""Activity of gene sets in each cell, from expression alone: decoupler's univariate linear model and AUCell."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import sparse

from core.errors import DataError, MissingExtraError
from core.interpretation.membership import Membership, membership

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from core.data.normalise import Matrix
    from core.specs import ActivitySpec

SETS_AT_ONCE = 500
"""Sets whose membership is written out gene by gene: about 100 MB for 25,000 genes."""
MOST_SCORES = 100_000_000
"""Cells times sets; 400 MB."""


def activity(
    parts: Callable[[], Iterator[Matrix]],
    genes: Sequence[str],
    sets: Mapping[str, Sequence[str]],
    spec: ActivitySpec,
) -> pd.DataFrame:
    """Score every set in every cell.

    Parameters
    ----------
    parts
        Called twice: gives log expression a few thousand cells at a time, each (n, n_genes), in the cells' order.
    genes
        Names of all genes of the data, each once.
    sets
        Name to genes, named as in the data.
    spec
        Which score.

    Returns
    -------
    n_cells x n_sets, float32. ``ulm``: t of the slope of expression on membership over all genes that any cell
    expresses. ``aucell``: area under the recovery curve within the highest genes, 0 to 1; equal values are ordered by a
    fixed draw. A cell without any expression has no score (NaN).

    Raises
    ------
    MissingExtraError
        If decoupler is not installed.
    DataError
        If no set has enough genes in the data, or there are too many scores to keep.

    Source: Badia-i-Mompel et al. 2022 (ulm); Aibar et al. 2017 (AUCell).
    """
    decoupler = _decoupler()
    seen = np.zeros(len(genes), dtype=bool)
    cells = 0
    for part in parts():
        seen |= _used(part, axis=0)
        cells += part.shape[0]
    kept = [gene for gene, used in zip(genes, seen, strict=True) if used]
    within = membership(sets, kept, spec.min_genes)
    if cells * len(within.names) > MOST_SCORES:
        raise DataError(
            "There are too many scores to keep",
            f"{cells:,} cells and {len(within.names):,} gene sets",
            "Choose a file with fewer sets, or raise the number of genes that a set must have in the data",
        )
    columns = np.flatnonzero(seen)
    scored = [_scored(decoupler, part[:, columns], kept, within, spec) for part in parts()]
    return pd.DataFrame(np.concatenate(scored), columns=pd.Index(within.names))


def by_label(scores: pd.DataFrame, labels: np.ndarray) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Mean activity of each set in the cells of each label.

    Parameters
    ----------
    scores
        n_cells x n_sets.
    labels
        (n_cells,), names.

    Returns
    -------
    Two tables n_sets x n_labels with index ``gene_set``: the mean in the score's own unit, and z, how many standard
    deviations of the set's scores over all cells it lies above their mean.
    """
    grouped = scores.groupby(np.asarray(labels, dtype=object).astype(str), observed=True).mean().T
    means = grouped.rename_axis(index="gene_set", columns=None)
    spread = np.asarray(scores.std(ddof=0))[:, None]
    above = means.to_numpy() - np.asarray(scores.mean())[:, None]
    z = np.divide(above, spread, out=np.zeros_like(above), where=spread > 1e-12)
    return means, pd.DataFrame(z, index=means.index, columns=means.columns)


def _decoupler() -> ModuleType:
    """The package, imported where it is used.

    Raises
    ------
    MissingExtraError
        If it is not installed.
    """
    try:
        import decoupler
    except ImportError as error:
        raise MissingExtraError(
            "Activity of gene sets in single cells needs decoupler, which is not installed",
            str(error),
            "Install it with: pip install -r requirements-activity.txt",
        ) from None
    return decoupler


def _scored(
    decoupler: ModuleType, part: Any, genes: Sequence[str], within: Membership, spec: ActivitySpec
) -> np.ndarray:
    """(n, n_sets), scores of some cells; every gene of ``part`` is expressed in some cell of the data."""
    from anndata import AnnData

    own: Any = sparse.csr_matrix(part, dtype=np.float64)
    filled = _used(own, axis=1)
    scores = np.full((len(filled), len(within.names)), np.nan, dtype=np.float32)
    if not filled.any():
        return scores
    own = own[filled]
    rows = [str(number) for number in range(own.shape[0])]
    cells: Any = AnnData(own, pd.DataFrame(index=pd.Index(rows)), pd.DataFrame(index=pd.Index(genes)))
    found = []
    # every set of AUCell is looked up in one ranking of the genes, so that splitting the sets would rank them again
    step = SETS_AT_ONCE if spec.method == "ulm" else len(within.names)
    options = {} if spec.method == "ulm" else {"n_up": _highest(len(genes), spec.top_share)}
    score = decoupler.mt.ulm if spec.method == "ulm" else decoupler.mt.aucell
    for first in range(0, len(within.names), step):
        names = within.names[first : first + step]
        score(cells, _net(names, genes, within), tmin=0, empty=False, **options)
        found.append(cells.obsm[f"score_{spec.method}"].loc[:, [str(n) for n in range(len(names))]].to_numpy())
    scores[filled] = np.concatenate(found, axis=1)
    return scores


def _net(names: Sequence[str], genes: Sequence[str], within: Membership) -> pd.DataFrame:
    """Gene sets as decoupler reads them: source (number of the set in ``names``), target, weight."""
    rows = [(str(number), genes[gene], 1.0) for number, name in enumerate(names) for gene in within.rows(name)]
    return pd.DataFrame(rows, columns=pd.Index(["source", "target", "weight"]))


def _highest(genes: int, share: float) -> int:
    """How many genes count as a cell's highest: ``share`` per cent, two at least."""
    return min(max(math.ceil(share / 100 * genes), 2), genes)


def _used(part: Matrix, axis: int) -> np.ndarray:
    """Columns (axis 0) or rows (axis 1) with any value but zero."""
    counts = part.count_nonzero(axis=axis) if sparse.issparse(part) else np.count_nonzero(part, axis=axis)
    return np.asarray(counts).ravel() > 0
