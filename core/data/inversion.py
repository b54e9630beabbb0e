"""Counts behind normalised values: each cell was scaled by one number, so its values are multiples of its smallest."""

from __future__ import annotations

from typing import Literal

import numpy as np
from scipy import sparse

from core.data.formats.opened import row_ranges
from core.data.types import CSR

Base = Literal["log1p", "log2", "linear"]
TOLERANCE = 0.15
EVIDENCE = 20
"""Counts above one that must come out before a match is believed; by chance each has odds of 0.3."""
LARGEST_SMALLEST = 10
"""A cell's smallest value may stand for up to this many counts."""
PROBE = 50
"""Cells that are tried first."""
BLOCK = 4_000_000
"""Values that are turned at a time."""


def counts_behind(values: CSR, base: Base) -> CSR | None:
    """The whole-number counts that were scaled cell by cell (and logged), if there are such.

    A cell's linear values are divided by the smallest non-zero one. Every quotient must lie within 0.15 of a whole
    number; the divisor is improved from small counts to large, so that values rounded to three decimals still come out.
    Where the smallest value stands for two counts or more, small multiples are tried.

    Parameters
    ----------
    values
        (n_cells, n_genes), non-negative, without stored zeros.
    base
        How the values are logged.

    Returns
    -------
    (n_cells, n_genes) counts, float32, or None if any cell does not come out in whole numbers.

    Source: DeepSCore's input contract in reverse; scanpy ``normalize_total`` and ``log1p``, Seurat ``LogNormalize``.
    """
    filled = np.flatnonzero(np.diff(values.indptr))
    probe = values[filled[:: max(1, len(filled) // PROBE)]]
    if _whole(linear(probe.data.astype(np.float64), base), probe.indptr) is None:
        return None
    counts, telling = np.empty(values.nnz, dtype=np.float32), 0
    for start, stop in row_ranges(values.indptr, BLOCK):
        part = slice(values.indptr[start], values.indptr[stop])
        stored = linear(values.data[part].astype(np.float64), base)
        whole = _whole(stored, values.indptr[start : stop + 1] - values.indptr[start])
        if whole is None:
            return None
        counts[part] = whole
        telling += int((whole > 1).sum())
    if telling < EVIDENCE:
        return None
    return sparse.csr_matrix((counts, values.indices, values.indptr), shape=values.shape)


def linear(values: np.ndarray, base: Base) -> np.ndarray:
    """Values before log(1 + x) was taken."""
    if base == "log1p":
        return np.expm1(values)
    return np.exp2(values) - 1 if base == "log2" else values


def wholeness(values: CSR, base: Base) -> float:
    """Share of small quotients within 0.02 of a whole number; about 0.04 by chance. For choosing between logarithms."""
    filled = np.flatnonzero(np.diff(values.indptr))
    part = values[filled[:: max(1, len(filled) // 200)]]
    scaled = linear(part.data.astype(np.float64), base)
    quotient = scaled / np.repeat(np.minimum.reduceat(scaled, part.indptr[:-1]), np.diff(part.indptr))
    small = quotient[(quotient > 1.02) & (quotient < 10.5)]
    return float(np.mean(np.abs(small - np.round(small)) < 0.02)) if len(small) else 0.0


def _whole(values: np.ndarray, indptr: np.ndarray) -> np.ndarray | None:
    """Whole counts of some cells, or None if one of them has none."""
    lengths = np.diff(indptr)
    lengths = lengths[lengths > 0]
    if not len(lengths):
        return np.zeros(0)
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    whole, exact = _rounded(values, starts, lengths, np.minimum.reduceat(values, starts))
    wrong = np.maximum.reduceat(np.abs(exact - whole), starts) > TOLERANCE
    if wrong.mean() > 0.5:
        return None
    for row in np.flatnonzero(wrong):
        part = slice(starts[row], starts[row] + lengths[row])
        found = _multiple(values[part])
        if found is None:
            return None
        whole[part] = found
    return whole


def _multiple(row: np.ndarray) -> np.ndarray | None:
    """Counts of a cell whose smallest value stands for several; at a third of the tolerance, as the tries are many."""
    start, length = np.array([0]), np.array([len(row)])
    for divisor in range(2, LARGEST_SMALLEST + 1):
        whole, exact = _rounded(row, start, length, row.min(keepdims=True) / divisor)
        if np.abs(exact - whole).max() <= TOLERANCE / 3:
            return whole
    return None


def _rounded(
    values: np.ndarray, starts: np.ndarray, lengths: np.ndarray, unit: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Whole counts and the quotients they came from, with the unit of each cell improved from small counts to large."""
    exact = values / np.repeat(unit, lengths)
    if np.abs(exact - np.round(exact)).max() < 0.01:
        return np.round(exact), exact
    for limit in (4.5, 16.5, 64.5, 256.5):
        whole = np.round(exact)
        used = exact < limit
        total = np.add.reduceat(np.where(used, whole, 0), starts)
        better = np.add.reduceat(np.where(used, values, 0), starts)
        unit = np.where(total > 0, better / np.maximum(total, 1), unit)
        exact = values / np.repeat(unit, lengths)
    return np.round(exact), exact
