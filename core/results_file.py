"""Parts of results.h5ad, each read without the rest: a table, one gene, a total of each cell."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import numpy as np

AT_ONCE = 20_000_000
"""Stored values read in one go: about 160 MB with their column numbers."""


def part(path: Path, name: str) -> Any:
    """What lies under ``name``, such as ``obsm/X_umap``: a table, an array, text."""
    import h5py
    from anndata.io import read_elem

    with h5py.File(path) as file:
        return read_elem(cast("Any", file[name]))


def names(path: Path, group: str) -> dict[str, int]:
    """What lies in ``group``, with the number of columns of each array of two dimensions; 0 for all else."""
    import h5py

    with h5py.File(path) as file:
        parts: Any = file.get(group, {})
        return {
            name: each.shape[1] if isinstance(each, h5py.Dataset) and len(each.shape) == 2 else 0
            for name, each in parts.items()
        }


def column(path: Path, name: str, number: int, n_rows: int) -> np.ndarray:
    """One column of a matrix.

    Parameters
    ----------
    path
        An h5ad file.
    name
        Where the matrix lies, CSR or dense.
    number
        Which column.
    n_rows
        Rows of the matrix.

    Returns
    -------
    (n_rows,), float32.
    """
    import h5py
    import numpy as np

    with h5py.File(path) as file:
        matrix: Any = file[name]
        if isinstance(matrix, h5py.Dataset):
            return np.asarray(matrix[:, number], dtype=np.float32)
        values = np.zeros(n_rows, dtype=np.float32)
        starts = matrix["indptr"][:]
        for first in range(0, matrix["indices"].shape[0], AT_ONCE):
            stored = slice(first, first + AT_ONCE)
            hits = np.flatnonzero(matrix["indices"][stored] == number)
            if len(hits):
                rows = np.searchsorted(starts, first + hits, side="right") - 1
                np.add.at(values, rows, matrix["data"][stored][hits].astype(np.float32))
    return values


def row_parts(path: Path, name: str, at_once: int) -> Iterator[Any]:
    """Consecutive rows of a matrix, ``at_once`` at a time: (n, n_columns), CSR or dense as it is stored."""
    import h5py
    from anndata.io import sparse_dataset

    with h5py.File(path) as file:
        stored: Any = file[name]
        matrix: Any = stored if isinstance(stored, h5py.Dataset) else sparse_dataset(stored)
        for first in range(0, matrix.shape[0], at_once):
            yield matrix[first : first + at_once]


def row_sums(path: Path, name: str) -> np.ndarray:
    """Sum of each row of a matrix.

    Parameters
    ----------
    path
        An h5ad file.
    name
        Where the matrix lies, CSR or dense.

    Returns
    -------
    (n_rows,), float64.
    """
    import h5py
    import numpy as np

    with h5py.File(path) as file:
        matrix: Any = file[name]
        if isinstance(matrix, h5py.Dataset):
            return np.asarray(matrix[:], dtype=np.float64).sum(axis=1)
        starts = matrix["indptr"][:]
        sums = np.zeros(len(starts) - 1)
        for first in range(0, matrix["data"].shape[0], AT_ONCE):
            stored = matrix["data"][first : first + AT_ONCE]
            rows = np.searchsorted(starts, np.arange(first, first + len(stored)), side="right") - 1
            sums += np.bincount(rows, weights=stored, minlength=len(sums))
    return sums
