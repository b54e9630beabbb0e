"""A file that has been opened: its tables are at hand, its values are read when they have been chosen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from core.data.findings import Finding
from core.data.types import CSR

if TYPE_CHECKING:
    import pandas as pd

SAMPLE = 50_000
"""Non-zero values that are looked at before a place is chosen."""
BLOCK = 4 * 2**20
"""Stored values that are read at a time."""


@dataclass(frozen=True)
class Place:
    """One matrix in a file.

    Parameters
    ----------
    name
        ``X``, ``raw`` or ``layers/NAME``.
    var
        One row for each gene; the index holds the names.
    sample
        Some of the non-zero values.
    load
        Reads all values: CSR, cells x genes, in the file's own precision.
    n_values, n_bytes
        Values that are stored, and the memory they take once loaded; 0 where they are in memory already.
    blocks
        Reads all values a few rows at a time, each as ``load`` would; ``None`` where the layout does not allow it.
    """

    name: str
    var: pd.DataFrame
    sample: np.ndarray
    load: Callable[[], CSR]
    n_values: int = 0
    n_bytes: int = 0
    blocks: Callable[[], Iterator[CSR]] | None = None

    @property
    def n_genes(self) -> int:
        return len(self.var)


@dataclass(frozen=True)
class Opened:
    """What a format's reader hands on.

    Parameters
    ----------
    obs
        One row for each cell; the index holds the names.
    places
        Where values lie, in the order of the file.
    obsm
        The file's own coordinates, arrays of n_cells rows.
    colours
        ``uns`` entries of the form ``<column>_colors``.
    findings
        What the reader had to decide.
    called
        What a person calls the place ``X``: a table has no X.
    modalities, modality
        Of a file with several kinds of feature: the names of its parts, and the one that was read.
    """

    obs: pd.DataFrame
    places: tuple[Place, ...]
    obsm: dict[str, np.ndarray] = field(default_factory=dict)
    colours: dict[str, list[str]] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    called: str = "X"
    modalities: tuple[str, ...] = ()
    modality: str = ""


def in_memory(name: str, values: Any, var: pd.DataFrame) -> Place:
    """A place whose values, sparse or dense, cells x genes, are already in memory."""
    matrix = as_csr(values)
    return Place(name, var, spread(matrix.data), lambda: matrix)


def as_csr(values: Any) -> CSR:
    """Any matrix as CSR, its indices checked first: compiled code trusts them, and a damaged file's point anywhere.

    Raises
    ------
    ValueError
        If an index lies outside the matrix.
    """
    if sparse.issparse(values) and values.format in ("csr", "csc"):
        values.check_format(full_check=True)
    return sparse.csr_matrix(values)


def row_ranges(starts: np.ndarray, most: int) -> Iterator[tuple[int, int]]:
    """Rows ``first`` to ``stop`` that together store up to ``most`` values, at least one row at a time.

    ``starts``: (n_rows + 1,), where each row's values begin.
    """
    first, n_rows = 0, len(starts) - 1
    while first < n_rows:
        stop = int(np.searchsorted(starts, starts[first] + most, side="right")) - 1
        stop = min(max(stop, first + 1), n_rows)
        yield first, stop
        first = stop


def csr_blocks(data: Any, indices: Any, starts: np.ndarray, n_columns: int) -> Iterator[CSR]:
    """Compressed rows on disk, about ``BLOCK`` values at a time.

    Parameters
    ----------
    data, indices
        Arrays of a file that can be sliced.
    starts
        (n_rows + 1,), where each row's values begin.
    n_columns
        Columns of the matrix.

    Raises
    ------
    ValueError
        If the file is damaged: rows out of order, or columns that are not there.
    """
    starts = np.asarray(starts, dtype=np.int64)
    if starts[0] != 0 or (np.diff(starts) < 0).any() or starts[-1] != data.shape[0]:
        raise ValueError("the row starts do not fit the values")
    for first, stop in row_ranges(starts, BLOCK):
        part = slice(int(starts[first]), int(starts[stop]))
        parts = np.asarray(data[part]), np.asarray(indices[part]), starts[first : stop + 1] - starts[first]
        yield as_csr(sparse.csr_matrix(parts, shape=(stop - first, n_columns)))


def spread(values: np.ndarray) -> np.ndarray:
    """Up to ``SAMPLE`` of the values that are not zero, spread evenly."""
    values = values.ravel()
    values = values[:: max(1, len(values) // SAMPLE)]
    return values[values != 0]
