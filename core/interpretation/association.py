"""Which genes go along with a unit over cells: correlations, without any gradient."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.data.blocks import pieces
from core.interpretation.saliency import Saliency

if TYPE_CHECKING:
    from core.data.blocks import Matrix

CONSTANT = 1e-12
"""Variance at or below which a gene or a unit does not vary."""


def association(expression: Matrix, outputs: np.ndarray) -> Saliency:
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
    constant. The sum with another group's is the mean within the groups, weighted by cells.
    """
    cells, units = outputs.shape
    genes = expression.shape[1]
    values = outputs.astype(np.float64) - outputs.mean(axis=0, dtype=np.float64)
    sums, squares, products = np.zeros(genes), np.zeros(genes), np.zeros((genes, units))
    for rows, piece in pieces(expression):
        dense = np.asarray(piece.toarray() if hasattr(piece, "toarray") else piece, dtype=np.float64)
        sums += dense.sum(axis=0)
        squares += np.square(dense).sum(axis=0)
        products += dense.T @ values[rows]
    of_genes = np.maximum(squares / cells - np.square(sums / cells), 0)
    of_units = np.square(values).mean(axis=0)
    scale = np.sqrt(of_genes[:, None] * of_units)
    varies = (of_genes[:, None] > CONSTANT) & (of_units > CONSTANT)
    signed = np.divide(products / cells, scale, out=np.zeros_like(products), where=varies).T
    return Saliency(np.abs(signed), signed, cells)
