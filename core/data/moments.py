"""Means, variances and detection of every gene within groups of cells, in one sparse pass."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from core.data.blocks import Matrix, pieces


@dataclass(frozen=True)
class Moments:
    """Sums per group.

    ``cells``: (k,). ``sums``, ``squares``, ``detected`` (cells where the gene is not zero): (k, n_genes).
    """

    cells: np.ndarray
    sums: np.ndarray
    squares: np.ndarray
    detected: np.ndarray

    @property
    def mean(self) -> np.ndarray:
        """(k, n_genes), 0 for groups without cells."""
        return self.sums / np.maximum(self.cells, 1)[:, None]

    @property
    def variance(self) -> np.ndarray:
        """(k, n_genes), with n - 1; 0 for groups of one cell."""
        cells = self.cells[:, None]
        spread = self.squares - self.sums**2 / np.maximum(cells, 1)
        variance = np.maximum(spread, 0.0) / np.maximum(cells - 1, 1)
        # what rounding leaves of a constant gene is not variation
        return np.where(variance <= 1e-12 * self.squares / np.maximum(cells, 1), 0.0, variance)

    @property
    def share(self) -> np.ndarray:
        """(k, n_genes), share of cells where the gene is not zero, 0 to 1."""
        return self.detected / np.maximum(self.cells, 1)[:, None]

    def total(self) -> Moments:
        """All groups taken together, k = 1."""
        parts = (self.cells, self.sums, self.squares, self.detected)
        return Moments(*(part.sum(axis=0, keepdims=True) for part in parts))


def grouped_moments(
    values: Matrix, groups: np.ndarray, n_groups: int, view: Callable[[Matrix, slice], Matrix] | None = None
) -> Moments:
    """Moments of every gene in every group.

    Parameters
    ----------
    values
        (n_cells, n_genes).
    groups
        (n_cells,), group number of each cell; -1 leaves the cell out.
    n_groups
        k, groups without cells included.
    view
        Turns a range of rows into the values to be summed, e.g. logarithms; by default the values as they are.
    """
    from core.data.compiled import add_moments  # numba takes a moment to import

    n_genes, groups = values.shape[1], np.asarray(groups, dtype=np.int64)
    sums, squares, detected = (np.zeros((n_groups, n_genes)) for _ in range(3))
    for rows, stored in pieces(values):
        part: Matrix = sparse.csr_matrix(stored if view is None else view(stored, rows))
        add_moments(part.data, part.indices, part.indptr, groups[rows], sums, squares, detected)
    cells = np.bincount(groups[groups >= 0], minlength=n_groups)
    return Moments(cells, sums, squares, detected)
