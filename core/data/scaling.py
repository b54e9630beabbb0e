"""Scaling of each gene: centred, as z-scores, or between 0 and 1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import sparse

from core.data.blocks import ALL, Rows, column_range, numbers
from core.data.moments import grouped_moments
from core.data.normalise import Matrix

Scale = Literal["none", "centre", "zscore", "minmax", "sample_minmax"]


@dataclass(frozen=True)
class Scaling:
    """(value - shift) * factor, gene by gene. ``shift``, ``factor``: (n_genes,), float32.

    The factor of a gene that never varied is 0: it gives 0, never a division by zero.
    """

    shift: np.ndarray
    factor: np.ndarray

    def apply(self, values: Matrix, limit: float | None = None) -> Matrix:
        """Scaled values, cut off at ``limit`` on either side: a new (n, n_genes) float32 matrix.

        It is sparse if ``values`` is and nothing is shifted.
        """
        if isinstance(values, sparse.csr_matrix) and not self.shift.any():
            scaled = sparse.csr_matrix(values, dtype=np.float32, copy=True)
            scaled.data *= self.factor[scaled.indices]
            return clipped(scaled, limit)
        if isinstance(values, sparse.csr_matrix):
            return Scaled(values, self, limit).toarray()
        dense = np.array(values, dtype=np.float32)
        dense -= self.shift
        dense *= self.factor
        return clipped(dense, limit)

    def undo(self, scaled: np.ndarray) -> np.ndarray:
        """Values before scaling, (n, n_genes) float32; genes that never varied come back at their shift."""
        spread = np.divide(1.0, self.factor, out=np.zeros_like(self.factor), where=self.factor > 0)
        return scaled * spread + self.shift


class Scaled:
    """A sparse matrix whose rows are scaled when they are asked for, so that nobody need hold all of them dense.

    Parameters
    ----------
    values
        (n, n_genes), CSR.
    scaling
        What is done to each row.
    limit
        Where the result is cut off on either side; None for nowhere.
    """

    def __init__(self, values: Matrix, scaling: Scaling, limit: float | None) -> None:
        if not values.has_canonical_format:
            values = values.copy()
            values.sum_duplicates()
        self.values, self.scaling, self.limit = values, scaling, np.inf if limit is None else limit
        self.shape = values.shape
        self.stored = values.data.astype(np.float32, copy=False)

    def __getitem__(self, rows: Rows) -> np.ndarray:
        """Some rows in the order given, dense float32."""
        from core.data.compiled import standardised  # numba takes a moment to import

        wanted, by = numbers(rows, self.shape[0]), self.scaling
        scaled = np.empty((len(wanted), self.shape[1]), dtype=np.float32)
        stored = self.stored, self.values.indices, self.values.indptr
        standardised(*stored, wanted, by.shift, by.factor, self.limit, scaled)
        return scaled

    def __len__(self) -> int:
        return self.shape[0]

    def toarray(self) -> np.ndarray:
        """All rows, dense float32."""
        return self[ALL]


def clipped(values: Matrix, limit: float | None) -> Matrix:
    """``values``, cut off at ``limit`` on either side in place."""
    if limit is None:
        return values
    data = values if isinstance(values, np.ndarray) else values.data
    np.clip(data, -limit, limit, out=data)
    return values


def by_own_range(values: Matrix) -> np.ndarray:
    """Each row of ``values`` (n, n_genes) shifted and stretched to 0 to 1, dense float32; a constant row gives zeros.

    Source: Scaden scales each sample so.
    """
    dense = np.array(values.toarray() if isinstance(values, sparse.csr_matrix) else values, dtype=np.float32)
    dense -= dense.min(axis=1, keepdims=True)
    dense *= _inverse(dense.max(axis=1, keepdims=True)).astype(np.float32)
    return dense


def learn_scaling(values: Matrix, scale: Scale, among: np.ndarray | None = None) -> Scaling:
    """Statistics of ``values`` (n, n_genes). z-scores divide by the standard deviation with n - 1.

    ``among``: rows that count where the shift is the mean; by default all.

    Source: digitalDLSorteR and scanpy's ``scale`` both use n - 1.
    """
    n, n_genes = values.shape
    shift, factor = np.zeros(n_genes), np.ones(n_genes)
    if scale == "minmax":
        shift, high = (np.asarray(end, dtype=np.float64) for end in column_range(values))
        factor = _inverse(high - shift)
    elif scale not in ("none", "sample_minmax"):
        counted = np.full(n, -1, dtype=np.int64)
        counted[slice(None) if among is None else among] = 0
        moments = grouped_moments(values, counted, 1)
        shift = moments.mean[0]
        if scale == "zscore":
            factor = _inverse(np.sqrt(moments.variance[0]))
    return Scaling(shift.astype(np.float32), factor.astype(np.float32))


def _inverse(spread: np.ndarray) -> np.ndarray:
    return np.divide(1.0, spread, out=np.zeros_like(spread), where=spread > 0)
