"""Rank sums of sparse columns, their zeros ranked without being stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from scipy.sparse import csc_matrix

BLOCK = 4_000_000
"""Stored values sorted at once."""


def rank_sums(values: csc_matrix, mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sum of the ranks of some cells in every gene, equal values sharing their mean rank.

    Parameters
    ----------
    values
        (n_cells, n_genes).
    mask
        (n_cells,), True for the cells whose ranks are summed.

    Returns
    -------
    (n_genes,) rank sums, ranks counted from 1, and (n_genes,) sums of t^3 - t over groups of t equal values.
    """
    values = values.copy()
    values.eliminate_zeros()
    n_genes = len(values.indptr) - 1
    sums, ties = np.empty(n_genes), np.empty(n_genes)
    start = 0
    while start < n_genes:
        end = int(np.searchsorted(values.indptr, values.indptr[start] + BLOCK, side="right")) - 1
        end = min(max(end, start + 1), n_genes)
        stored = slice(values.indptr[start], values.indptr[end])
        column = np.repeat(np.arange(end - start), np.diff(values.indptr[start : end + 1]))
        sums[start:end], ties[start:end] = _block(
            values.data[stored], column, mask[values.indices[stored]], end - start, mask
        )
        start = end
    return sums, ties


def _block(
    data: np.ndarray, column: np.ndarray, chosen: np.ndarray, n_columns: int, mask: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    order = np.lexsort((data, column))
    data, column, chosen = data[order], column[order], chosen[order]
    stored = np.bincount(column, minlength=n_columns)
    negative = np.bincount(column[data < 0], minlength=n_columns)
    zeros = len(mask) - stored
    first = np.concatenate([[0], np.cumsum(stored)[:-1]])
    # ordinal rank in the whole column: stored values above zero stand behind the zeros that are not stored
    rank = np.arange(len(data)) - first[column] + 1 + np.where(data > 0, zeros[column], 0)
    new = np.ones(len(data), dtype=bool)
    new[1:] = (data[1:] != data[:-1]) | (column[1:] != column[:-1])
    group = np.cumsum(new) - 1
    size = np.bincount(group)
    shared = np.bincount(group, weights=rank) / np.maximum(size, 1)
    sums = np.bincount(column[chosen], weights=shared[group[chosen]], minlength=n_columns)
    chosen_zeros = mask.sum() - np.bincount(column[chosen], minlength=n_columns)
    sums += chosen_zeros * (negative + (zeros + 1) / 2)
    ties = np.bincount(column[new], weights=size.astype(np.float64) ** 3 - size, minlength=n_columns)
    return sums, ties + zeros.astype(np.float64) ** 3 - zeros
