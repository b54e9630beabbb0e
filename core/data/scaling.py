"""Scaling of each gene: centred, as z-scores, or between 0 and 1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import sparse

from core.data.blocks import column_range
from core.data.moments import grouped_moments
from core.data.normalise import Matrix

Scale = Literal["none", "centre", "zscore", "minmax"]


@dataclass(frozen=True)
class Scaling:
    """(value - shift) * factor, gene by gene. ``shift``, ``factor``: (n_genes,), float32.

    The factor of a gene that never varied is 0: it gives 0, never a division by zero.
    """

    shift: np.ndarray
    factor: np.ndarray

    def apply(self, values: Matrix) -> Matrix:
        """Scaled values, a new (n, n_genes) float32 matrix; sparse if ``values`` is and nothing is shifted."""
        if isinstance(values, sparse.csr_matrix) and not self.shift.any():
            scaled = sparse.csr_matrix(values, dtype=np.float32, copy=True)
            scaled.data *= self.factor[scaled.indices]
            return scaled
        dense = values.toarray() if isinstance(values, sparse.csr_matrix) else np.array(values, dtype=np.float32)
        dense -= self.shift
        dense *= self.factor
        return dense

    def undo(self, scaled: np.ndarray) -> np.ndarray:
        """Values before scaling, (n, n_genes) float32; genes that never varied come back at their shift."""
        spread = np.divide(1.0, self.factor, out=np.zeros_like(self.factor), where=self.factor > 0)
        return scaled * spread + self.shift


def learn_scaling(values: Matrix, scale: Scale) -> Scaling:
    """Statistics of ``values`` (n, n_genes). z-scores divide by the standard deviation with n - 1.

    Source: digitalDLSorteR and scanpy's ``scale`` both use n - 1.
    """
    n, n_genes = values.shape
    shift, factor = np.zeros(n_genes), np.ones(n_genes)
    if scale == "minmax":
        shift, high = (np.asarray(end, dtype=np.float64) for end in column_range(values))
        factor = _inverse(high - shift)
    elif scale != "none":
        moments = grouped_moments(values, np.zeros(n, dtype=np.int64), 1)
        shift = moments.mean[0]
        if scale == "zscore":
            factor = _inverse(np.sqrt(moments.variance[0]))
    return Scaling(shift.astype(np.float32), factor.astype(np.float32))


def _inverse(spread: np.ndarray) -> np.ndarray:
    return np.divide(1.0, spread, out=np.zeros_like(spread), where=spread > 0)
