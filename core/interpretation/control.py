"""The same question without a network: which gene sets are expressed more in which cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.data.moments import grouped_moments
from core.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scipy.sparse import csr_matrix

    from core.data.blocks import Blocks
    from core.interpretation.membership import Membership


def expression_control(
    values: np.ndarray | csr_matrix | Blocks, labels: Sequence[str] | np.ndarray, sets: Membership
) -> pd.DataFrame:
    """Mean log expression in a label minus that in the rest, in standard deviations, averaged over each set.

    Parameters
    ----------
    values
        (n_cells, n_genes), log-normalised, the genes of ``sets``.
    labels
        (n_cells,).
    sets
        Gene sets in the data, n_sets of them.

    Returns
    -------
    A table n_sets x n_labels with index ``gene_set``, in standard deviations of a gene over all cells.

    Raises
    ------
    DataError
        If there are fewer than two labels.
    """
    names, numbers = np.unique(np.asarray(labels, dtype=object).astype(str), return_inverse=True)
    cells = len(numbers)
    if len(names) < 2:
        raise DataError("Labels cannot be compared with each other", list(names), "Choose a column with two or more")
    moments = grouped_moments(values, numbers, len(names))
    sums = moments.sums  # (n_labels, n_genes)
    total = sums.sum(axis=0)
    inside = np.bincount(numbers)[:, None]
    difference = sums / inside - (total - sums) / (cells - inside)
    spread = np.sqrt(np.maximum(moments.squares.sum(axis=0) / cells - (total / cells) ** 2, 0))
    flat = spread <= 1e-12
    z = np.where(flat, 0.0, difference / np.where(flat, 1, spread))
    return pd.DataFrame(sets.mean(z.T), index=pd.Index(sets.names, name="gene_set"), columns=pd.Index(names))


def ranked(control: pd.DataFrame) -> pd.DataFrame:
    """Rank of each gene set within its column, 1 for the highest; equal values share the better rank."""
    return control.rank(axis=0, ascending=False, method="min").astype(int)
