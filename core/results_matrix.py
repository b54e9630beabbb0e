"""One gene or one total from a matrix in a file, without holding the matrix."""

from __future__ import annotations

from typing import Any

import numpy as np

AT_ONCE = 20_000_000
"""Stored values read in one go: about 160 MB with their column numbers."""


def column(matrix: Any, number: int, n_rows: int) -> np.ndarray:
    """One column of a matrix in an h5ad file.

    Parameters
    ----------
    matrix
        HDF5 group of a CSR matrix, or a dense HDF5 data set.
    number
        Which column.
    n_rows
        Rows of the matrix.

    Returns
    -------
    (n_rows,), float32.
    """
    if not hasattr(matrix, "keys"):
        return np.asarray(matrix[:, number], dtype=np.float32)
    values = np.zeros(n_rows, dtype=np.float32)
    starts = matrix["indptr"][:]
    for first in range(0, matrix["indices"].shape[0], AT_ONCE):
        part = slice(first, first + AT_ONCE)
        hits = np.flatnonzero(matrix["indices"][part] == number)
        if len(hits):
            rows = np.searchsorted(starts, first + hits, side="right") - 1
            np.add.at(values, rows, matrix["data"][part][hits].astype(np.float32))
    return values


def row_sums(matrix: Any) -> np.ndarray:
    """Sum of each row of a matrix in an h5ad file.

    Parameters
    ----------
    matrix
        HDF5 group of a CSR matrix, or a dense HDF5 data set.

    Returns
    -------
    (n_rows,), float64.
    """
    if not hasattr(matrix, "keys"):
        return np.asarray(matrix[:], dtype=np.float64).sum(axis=1)
    starts = matrix["indptr"][:]
    sums = np.zeros(len(starts) - 1)
    for first in range(0, matrix["data"].shape[0], AT_ONCE):
        part = matrix["data"][first : first + AT_ONCE]
        rows = np.searchsorted(starts, np.arange(first, first + len(part)), side="right") - 1
        sums += np.bincount(rows, weights=part, minlength=len(sums))
    return sums
