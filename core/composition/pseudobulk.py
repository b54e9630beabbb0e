"""Pseudo-bulk: the cells of each mixture become one sample."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numba
import numpy as np
from scipy import sparse

from core.errors import DataError

if TYPE_CHECKING:
    from core.composition.mixtures import Mixtures
    from core.data.dataset import Unit

MILLION = 1e6
MOST_SHORT = 2**16
"""Columns that a number of two bytes can name."""


def pseudobulk(counts: sparse.csr_matrix, mixtures: Mixtures, kind: str) -> np.ndarray:
    """One sample for each mixture, made as ``kind`` says: add_raw_count, add_cpm or mean_cpm."""
    return KINDS[kind](counts, mixtures)


def add_raw_count(counts: sparse.csr_matrix, mixtures: Mixtures) -> np.ndarray:
    """The sum of the raw counts of each mixture's cells.

    Parameters
    ----------
    counts
        (n_cells, n_genes), raw counts.
    mixtures
        Which cells make up each mixture.

    Returns
    -------
    (n_mixtures, n_genes), float32 counts.

    Raises
    ------
    DataError
        If a mixture holds no counts.

    Source: digitalDLSorteR, pseudo-bulk function "AddRawCount".
    """
    of_cells = np.asarray(counts.sum(axis=1), dtype=np.float64).ravel()
    empty = np.add.reduceat(of_cells[mixtures.cells], mixtures.starts[:-1]) == 0
    if empty.any():
        raise DataError(
            "Some simulated mixtures hold no counts on the selected genes",
            int(empty.sum()),
            "Select more genes, or ask for more cells per mixture",
        )
    return _sums(counts.data.astype(np.float32, copy=False), counts, mixtures)


def mean_cpm(counts: sparse.csr_matrix, mixtures: Mixtures) -> np.ndarray:
    """The mean over each mixture's cells of log2(CPM(x + 1)).

    CPM is counts per million of the genes given, after 1 was added to every count. The package's help speaks of the
    log2 of the mean CPM; its code takes the mean of the log2, and so does this function.

    Parameters
    ----------
    counts
        (n_cells, n_genes), raw counts on the selected genes.
    mixtures
        Which cells make up each mixture.

    Returns
    -------
    (n_mixtures, n_genes), float32 log2 CPM: already logarithmic, not to be normalised again.

    Source: digitalDLSorteR, pseudo-bulk function "MeanCPM".
    """
    return _log_sums(counts, mixtures) / mixtures.sizes[:, None].astype(np.float32)


def add_cpm(counts: sparse.csr_matrix, mixtures: Mixtures) -> np.ndarray:
    """The sum over each mixture's cells of log2(CPM(x + 1)), scaled to a million.

    Parameters
    ----------
    counts
        (n_cells, n_genes), raw counts on the selected genes.
    mixtures
        Which cells make up each mixture.

    Returns
    -------
    (n_mixtures, n_genes), float32, each row sums to a million.

    Source: digitalDLSorteR, pseudo-bulk function "AddCPM".
    """
    total = _log_sums(counts, mixtures)
    return (MILLION * total / total.sum(axis=1, keepdims=True)).astype(np.float32)


KINDS: dict[str, Callable[[sparse.csr_matrix, Mixtures], np.ndarray]] = {
    "add_raw_count": add_raw_count,
    "add_cpm": add_cpm,
    "mean_cpm": mean_cpm,
}
UNITS: dict[str, Unit] = {"add_raw_count": "counts", "add_cpm": "cpm", "mean_cpm": "log2"}


def genes_in(counts: sparse.csr_matrix) -> int:
    """Columns of ``counts``."""
    return int(counts.get_shape()[1])


def _log_sums(counts: sparse.csr_matrix, mixtures: Mixtures) -> np.ndarray:
    # log2(1e6 (x + 1) / (depth + G)) = log2(x + 1) + a constant of the cell: the sparse part and the constant add up
    # apart, so the matrix never fills
    depth = np.asarray(counts.sum(axis=1), dtype=float).ravel() + genes_in(counts)
    constant = np.add.reduceat(np.log2(MILLION / depth)[mixtures.cells], mixtures.starts[:-1])
    return _sums(np.log2(counts.data + 1).astype(np.float32), counts, mixtures) + constant[:, None].astype(np.float32)


def _sums(values: np.ndarray, counts: sparse.csr_matrix, mixtures: Mixtures) -> np.ndarray:
    total = np.zeros((len(mixtures), genes_in(counts)), dtype=np.float32)
    # half the bytes per column number: the loop waits for memory, not for sums
    columns = counts.indices.astype(np.uint16) if genes_in(counts) <= MOST_SHORT else counts.indices
    _scatter(values, columns, counts.indptr, mixtures.cells, mixtures.starts, total)
    return total


@numba.njit(cache=True, nogil=True)
def _scatter(
    values: np.ndarray,
    columns: np.ndarray,
    pointers: np.ndarray,
    cells: np.ndarray,
    starts: np.ndarray,
    total: np.ndarray,
) -> None:
    for mixture in range(total.shape[0]):
        for position in range(starts[mixture], starts[mixture + 1]):
            cell = cells[position]
            for entry in range(pointers[cell], pointers[cell + 1]):
                total[mixture, columns[entry]] += values[entry]
