"""Matrices that are read in blocks of rows: the values of a data set that memory does not hold."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from scipy import sparse

from core.data.ahead import ahead

Matrix: TypeAlias = Any
"""A CSR matrix, an array or ``Blocks``; scipy states no types that a checker could follow."""
Rows: TypeAlias = slice | np.ndarray
"""Consecutive rows, or row numbers in any order."""
Step: TypeAlias = Callable[[Matrix, np.ndarray], Matrix]
"""What is done to a block: its values and its row numbers in, its new values out."""

ALL = slice(None)
LEARNED_FROM = 50_000
"""Rows from which principal components of a matrix on disk are learned."""
PIECE = 4096
"""Rows that are worked on at once, in memory as on disk: sums are then the same to the last digit."""


class Blocks(ABC):
    """A matrix (cells x columns) of which some rows are read at a time, from any thread.

    ``shape`` is that of the whole matrix. ``folder`` is where its values lie. ``key`` changes when any value does; it
    is empty for values that are only passed through.
    """

    shape: tuple[int, int]
    folder: Path
    key: str

    @abstractmethod
    def read(self, rows: Rows = ALL) -> Matrix:
        """Some rows in the order given: CSR, or an array where zero does not stay zero; float32.

        Raises
        ------
        DataError
            If the file they lie in is damaged.
        """

    def __getitem__(self, rows: Rows) -> Blocks:
        """Some of the rows, still on disk."""
        return _Picked(self, rows)

    def mapped(self, step: Step, n_columns: int, key: str = "") -> Blocks:
        """The same rows with ``step`` applied to each block as it is read.

        Parameters
        ----------
        step
            Treats each row on its own.
        n_columns
            Columns that it leaves.
        key
            Changes when the step does; empty where the result is never kept on disk.
        """
        return _Mapped(self, step, n_columns, key)

    def columns(self, chosen: np.ndarray) -> Blocks:
        """Some of the columns in a new order: ``chosen`` (n_chosen,), each number once; -1 is a column of zeros."""
        return self.mapped(Columns(chosen, self.shape[1]), len(chosen), digest(chosen))

    @property
    def totals(self) -> np.ndarray:
        """(n,), sum of each row, float64."""
        return self._survey[0]

    @property
    def sizes(self) -> np.ndarray:
        """(n,), values of each row that are not zero, int64."""
        return self._survey[1]

    @property
    def lowest(self) -> float:
        """The smallest value, zeros included."""
        return self._survey[2]

    @cached_property
    def _survey(self) -> tuple[np.ndarray, np.ndarray, float]:
        """What one look at every row tells."""
        totals, sizes, lowest = np.zeros(self.shape[0]), np.zeros(self.shape[0], dtype=np.int64), 0.0
        for rows, part in pieces(self):
            totals[rows] = np.asarray(part.sum(axis=1, dtype=np.float64)).ravel()
            sizes[rows] = part.count_nonzero(axis=1)
            lowest = min(lowest, float(part.min()))
        return totals, sizes, lowest


class _Picked(Blocks):
    """Some rows of another matrix."""

    def __init__(self, whole: Blocks, rows: Rows) -> None:
        self.whole, self.numbers = whole, numbers(rows, whole.shape[0])
        self.shape, self.folder = (len(self.numbers), whole.shape[1]), whole.folder
        self.key = whole.key and digest(whole.key, self.numbers)

    def read(self, rows: Rows = ALL) -> Matrix:
        return self.whole.read(self.numbers[rows])

    @cached_property
    def _survey(self) -> tuple[np.ndarray, np.ndarray, float]:
        if self.whole.lowest < 0:
            return super()._survey
        return self.whole.totals[self.numbers], self.whole.sizes[self.numbers], 0.0


class _Mapped(Blocks):
    """Another matrix with a step applied to its rows."""

    def __init__(self, before: Blocks, step: Step, n_columns: int, key: str) -> None:
        self.before, self.step = before, step
        self.shape, self.folder = (before.shape[0], n_columns), before.folder
        self.key = before.key and key and digest(before.key, key)

    def read(self, rows: Rows = ALL) -> Matrix:
        return self.step(self.before.read(rows), numbers(rows, self.shape[0]))


class Columns:
    """Moves columns to new places, in which rows are sorted; those without a place are left out.

    Parameters
    ----------
    chosen
        (n_chosen,), the old number of each new column, each once; -1 is a column of zeros.
    before
        How many columns there are.
    """

    def __init__(self, chosen: np.ndarray, before: int) -> None:
        self.n_columns = len(chosen)
        self.place = np.full(before, -1, dtype=np.int32)
        present = np.flatnonzero(chosen >= 0)
        self.place[chosen[present]] = present

    def __call__(self, block: Matrix, _: np.ndarray | None = None) -> Matrix:
        from core.data.compiled import moved  # numba takes a moment to import

        values, columns = (np.empty(block.nnz, dtype=old.dtype) for old in (block.data, block.indices))
        bounds = np.empty_like(block.indptr)
        moved(block.data, block.indices, block.indptr, self.place, self.n_columns, values, columns, bounds)
        used = int(bounds[-1])
        if 2 * used < block.nnz:
            values, columns = values[:used].copy(), columns[:used].copy()
        chosen: Matrix = sparse.csr_matrix(
            (values[:used], columns[:used], bounds), shape=(len(bounds) - 1, self.n_columns)
        )
        chosen.has_canonical_format = True
        return chosen


def pieces(values: Matrix) -> Iterator[tuple[slice, Matrix]]:
    """Consecutive row ranges with their values, so that a large matrix is never copied, or read, whole.

    From disk the next range is read while this one is worked on.
    """
    n_rows = values.shape[0]
    ranges = [slice(start, min(start + PIECE, n_rows)) for start in range(0, max(n_rows, 1), PIECE)]
    if isinstance(values, Blocks):
        yield from ahead((rows, loaded(values, rows)) for rows in ranges)
    elif len(ranges) == 1:
        yield ranges[0], values
    else:
        yield from ((rows, _seen(values, rows)) for rows in ranges)


def _seen(values: Matrix, rows: slice) -> Matrix:
    """Consecutive rows without a copy of their values: nobody may write to them."""
    if not sparse.issparse(values):
        return values[rows]
    bounds = values.indptr[rows.start : rows.stop + 1]
    stored = slice(bounds[0], bounds[-1])
    parts = [values.data[stored], values.indices[stored], bounds - bounds[0]]
    for part in parts[:2]:
        part.flags.writeable = False
    return sparse.csr_matrix(tuple(parts), shape=(rows.stop - rows.start, values.shape[1]))


def loaded(values: Matrix, rows: Rows = ALL) -> Matrix:
    """Some rows of ``values`` as a matrix in memory."""
    return values.read(rows) if isinstance(values, Blocks) else values[rows]


def sampled(values: Matrix, rng: np.random.Generator) -> Matrix:
    """At most ``LEARNED_FROM`` rows drawn at random, in memory and in their order, for what needs all rows at once."""
    n = values.shape[0]
    return loaded(values, ALL if n <= LEARNED_FROM else np.sort(rng.choice(n, LEARNED_FROM, replace=False)))


def row_totals(values: Matrix) -> np.ndarray:
    """(n,), sum of each row, float64."""
    if isinstance(values, Blocks):
        return values.totals
    return np.asarray(values.sum(axis=1, dtype=np.float64)).ravel()


def lowest(values: Matrix) -> float:
    """The smallest value, zeros included."""
    return float(values.lowest if isinstance(values, Blocks) else values.min())


def column_sums(values: Matrix) -> tuple[np.ndarray, np.ndarray]:
    """(n_columns,) sum of each column, float64, and how many of its values are not zero."""
    sums, seen = np.zeros(values.shape[1]), np.zeros(values.shape[1], dtype=np.int64)
    for _, part in pieces(values):
        sums += np.asarray(part.sum(axis=0, dtype=np.float64)).ravel()
        seen += part.count_nonzero(axis=0) if sparse.issparse(part) else np.count_nonzero(part, axis=0)
    return sums, seen


def column_range(values: Matrix) -> tuple[np.ndarray, np.ndarray]:
    """(n_columns,) smallest and largest value of each column, zeros included; in the values' own type."""
    low = high = None
    for _, part in pieces(values):
        ends = [_dense(part.min(axis=0)), _dense(part.max(axis=0))]
        low = ends[0] if low is None else np.minimum(low, ends[0])
        high = ends[1] if high is None else np.maximum(high, ends[1])
    assert low is not None and high is not None, "a matrix without rows has no range"
    return low, high


def column_above(values: Matrix, threshold: float) -> np.ndarray:
    """(n_columns,), rows whose value exceeds ``threshold``, which is zero or more."""
    rows = np.zeros(values.shape[1], dtype=np.int64)
    for _, part in pieces(values):
        rows += _dense((part > threshold).sum(axis=0)).astype(np.int64)
    return rows


def of_columns(values: Matrix, chosen: np.ndarray) -> Matrix:
    """Some of the columns, each at most once, in the order of ``chosen``."""
    return values.columns(chosen) if isinstance(values, Blocks) else values[:, chosen]


def numbers(rows: Rows, n_rows: int) -> np.ndarray:
    """Row numbers that ``rows`` stands for: a slice, a mask or the numbers themselves."""
    if isinstance(rows, slice):
        return np.arange(*rows.indices(n_rows))
    rows = np.asarray(rows)
    return np.flatnonzero(rows) if rows.dtype == bool else rows.astype(np.int64, copy=False)


def _dense(row: Matrix) -> np.ndarray:
    return np.asarray(row.todense() if sparse.issparse(row) else row).ravel()


def digest(*parts: str | np.ndarray) -> str:
    """Sixteen hex digits that change when any part does."""
    found = hashlib.blake2b(digest_size=8)
    for part in parts:
        found.update(part.encode() if isinstance(part, str) else np.ascontiguousarray(part, dtype=np.int64).tobytes())
        found.update(b"\0")
    return found.hexdigest()
