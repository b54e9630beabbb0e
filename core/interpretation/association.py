"""Which genes go along with a unit over cells: correlations, without any gradient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.data.blocks import pieces
from core.interpretation.saliency import Saliency

if TYPE_CHECKING:
    from core.data.blocks import Matrix

CONSTANT = 1e-12
"""Variance at or below which a gene or a unit does not vary."""


@dataclass(frozen=True)
class Sums:
    """Sums over cells, float64. Genes: (n_genes,). Units: (n_units,). ``products``: (n_units, n_genes)."""

    cells: int
    genes: np.ndarray
    gene_squares: np.ndarray
    units: np.ndarray
    unit_squares: np.ndarray
    products: np.ndarray

    def __add__(self, other: Sums) -> Sums:
        """The sums over the cells of both."""
        return Sums(
            self.cells + other.cells,
            self.genes + other.genes,
            self.gene_squares + other.gene_squares,
            self.units + other.units,
            self.unit_squares + other.unit_squares,
            self.products + other.products,
        )

    @property
    def correlations(self) -> np.ndarray:
        """(n_units, n_genes), -1 to 1; 0 where gene or unit is constant."""
        genes, units = self.genes / self.cells, self.units / self.cells
        gene_variance = np.maximum(self.gene_squares / self.cells - np.square(genes), 0)
        unit_variance = np.maximum(self.unit_squares / self.cells - np.square(units), 0)
        varies = (gene_variance > CONSTANT) & (unit_variance[:, None] > CONSTANT)
        covariance = self.products / self.cells - units[:, None] * genes
        scale = np.sqrt(unit_variance[:, None] * gene_variance)
        return np.divide(covariance, scale, out=np.zeros_like(covariance), where=varies)


@dataclass(frozen=True)
class Association(Saliency):
    """Correlations in the place of saliency. ``sums``: of the cells, so that two groups together are one group."""

    sums: Sums | None = None

    def __add__(self, other: Saliency) -> Association:
        """The correlations over the cells of both, as though they had been one group from the start."""
        assert isinstance(other, Association) and self.sums is not None and other.sums is not None
        return _of(self.sums + other.sums)


def association(expression: Matrix, outputs: np.ndarray) -> Association:
    """Pearson's correlation of every gene with every unit over the cells, streamed.

    A gradient asks what would happen if one gene changed alone. This asks which genes the unit goes along with in these
    cells, also those whose weights are small because their neighbours carry the same news.

    Parameters
    ----------
    expression
        (n_cells, n_genes), log expression.
    outputs
        (n_cells, n_units).

    Returns
    -------
    ``signed``: the correlations (n_units, n_genes), -1 to 1; ``absolute``: their sizes. 0 where gene or unit is
    constant.
    """
    values = outputs.astype(np.float64)
    genes, squares = np.zeros(expression.shape[1]), np.zeros(expression.shape[1])
    products = np.zeros((values.shape[1], expression.shape[1]))
    for rows, piece in pieces(expression):
        dense = np.asarray(piece.toarray() if hasattr(piece, "toarray") else piece, dtype=np.float64)
        genes += dense.sum(axis=0)
        squares += np.square(dense).sum(axis=0)
        products += values[rows].T @ dense
    return _of(Sums(len(values), genes, squares, values.sum(axis=0), np.square(values).sum(axis=0), products))


def _of(sums: Sums) -> Association:
    signed = sums.correlations
    return Association(np.abs(signed), signed, sums.cells, sums=sums)
