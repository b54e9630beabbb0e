"""Values on a common scale: counts, per 10,000, or logarithms. Sparse stays sparse wherever zero stays zero."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy import sparse

from core.data.blocks import Blocks, Matrix, column_sums, row_totals
from core.data.dataset import Unit
from core.errors import DataError

if TYPE_CHECKING:
    from core.data.dataset import Dataset

Normalisation = Literal["none", "log1p_cp10k", "log2_cpm", "log2"]

LINEAR_UNITS = ("counts", "cpm", "tpm", "linear")
"""Units that add up over genes, so that a total per cell means something."""
TARGET_SUM = 1e4
LN2 = float(np.log(2.0))


def values_of(dataset: Dataset) -> Matrix:
    """The data set's values, (n_cells, n_genes) in its unit; no copy. ``Blocks`` where they are read from disk."""
    if dataset.blocks is not None:
        return dataset.blocks
    return sparse.csr_matrix(dataset.adata.X)


def library_size(values: Matrix, unit: Unit) -> np.ndarray:
    """Total of each cell over all its genes; ones where the unit does not add up.

    Parameters
    ----------
    values
        (n_cells, n_genes).
    unit
        What the values are.

    Returns
    -------
    (n_cells,), in ``unit``.
    """
    if unit not in LINEAR_UNITS:
        return np.ones(values.shape[0])
    return row_totals(values)


def normalised(
    values: Matrix, unit: Unit, how: Normalisation, library: np.ndarray, present: np.ndarray | None = None
) -> Matrix:
    """``values`` as the transform asks for them, before any scaling of genes.

    Linear units (counts, cpm, tpm, linear) are scaled per cell. Logarithms are not scaled again, only brought to the
    base asked for: log2(1 + x) becomes ln(1 + x) for ``log1p_cp10k``, and the other way round for ``log2_cpm`` and
    ``log2``. Values of unknown unit stay as they are.

    Parameters
    ----------
    values
        (n_cells, n_genes).
    unit
        What the values are.
    how
        ``none``, ``log1p_cp10k``, ``log2_cpm``, or ``log2``: log2(1 + x) of linear values as they are.
    library
        (n_cells,), total of each cell over ALL its genes; used by ``log1p_cp10k``.
    present
        (n_genes,), False for genes that were not measured; ``log2_cpm`` leaves them out of the total.

    Returns
    -------
    (n_cells, n_genes), float32; sparse if ``values`` was and zero stays zero.

    Source: log2_cpm, digitalDLSorteR: 1 is added to each count of the selected genes, then log2(CPM + 1).
    """
    if isinstance(values, Blocks):
        return values.mapped(lambda part, rows: normalised(part, unit, how, library[rows], present), values.shape[1])
    if how == "none" or unit == "values":
        return values.astype(np.float32)
    if unit == "log1p":
        return _times(values, 1.0 if how == "log1p_cp10k" else 1.0 / LN2)
    if unit == "log2":
        return _times(values, LN2 if how == "log1p_cp10k" else 1.0)
    if how == "log1p_cp10k":
        return _log1p(_rows_times(values, per_ten_thousand(library)))
    if how == "log2":
        return _times(_log1p(values.astype(np.float32)), 1.0 / LN2)
    return _log2_cpm(values, present)


def per_ten_thousand(library: np.ndarray) -> np.ndarray:
    """Factor that brings each cell to 10,000 counts; 0 for cells without counts. Shape (n_cells,)."""
    library = np.asarray(library, dtype=np.float64)
    return np.divide(TARGET_SUM, library, out=np.zeros_like(library), where=library > 0)


def inverse_frequency(values: Matrix) -> np.ndarray:
    """How rare each feature is: cells over the sum of its counts, 0 for a feature without counts.

    Shapes: (n_cells, n_features) -> (n_features,), float32.

    Source: Signac, ``RunTFIDF`` method 1 (Stuart et al. 2021).
    """
    sums = column_sums(values)[0]
    rarity = np.divide(values.shape[0], sums, out=np.zeros_like(sums), where=sums > 0)
    return rarity.astype(np.float32)


def tfidf(values: Matrix, unit: Unit, library: np.ndarray, rarity: np.ndarray) -> Matrix:
    """Term frequency, inverse document frequency: ln(1 + 10,000 * count / total of the cell * rarity of the feature).

    Parameters
    ----------
    values
        (n_cells, n_features), counts.
    unit
        What the values are.
    library
        (n_cells,), total of each cell over all its features.
    rarity
        (n_features,), ``inverse_frequency`` of the training cells.

    Returns
    -------
    (n_cells, n_features), float32, sparse if ``values`` is.

    Raises
    ------
    DataError
        If the values do not add up to a total of the cell.

    Source: Signac, ``RunTFIDF`` method 1 (Stuart et al. 2021).
    """
    if unit not in LINEAR_UNITS:
        raise DataError(
            "TF-IDF needs counts: other values have no share of a cell's total",
            unit,
            "Use a file with counts, or set data.transform.normalise to log1p_cp10k",
        )
    if isinstance(values, Blocks):
        return values.mapped(lambda part, rows: tfidf(part, unit, library[rows], rarity), values.shape[1])
    shares = _rows_times(values, per_ten_thousand(library)).astype(np.float32)
    if isinstance(shares, np.ndarray):
        return np.log1p(shares * rarity)
    shares.data = np.log1p(shares.data * rarity[shares.indices])
    return shares


def linear(values: Matrix, unit: Unit, library: np.ndarray) -> Matrix:
    """Values that add up: linear units per 10,000 counts of a cell, logarithms undone, other values as they are.

    Shapes: (n_cells, n_genes), (n_cells,) -> (n_cells, n_genes), float64.
    """
    values = values.astype(np.float64)
    if unit in LINEAR_UNITS:
        return _rows_times(values, per_ten_thousand(library))
    if unit == "log1p":
        return _each(values, np.expm1)
    return _each(_times(values, LN2), np.expm1) if unit == "log2" else values


def _log2_cpm(values: Matrix, present: np.ndarray | None) -> np.ndarray:
    dense = values.toarray() if isinstance(values, sparse.csr_matrix) else np.asarray(values)
    dense = dense.astype(np.float64) + 1.0  # the pseudo-count makes every value positive: nothing is left to be sparse
    total = dense.sum(axis=1) if present is None else dense[:, present].sum(axis=1)
    dense *= (1e6 / total)[:, None]
    dense += 1.0
    return np.log2(dense, out=dense).astype(np.float32)


def _times(values: Matrix, factor: float) -> Matrix:
    values = values.astype(np.result_type(values.dtype, np.float32))
    return values if factor == 1.0 else values * np.asarray(factor, dtype=values.dtype)


def _rows_times(values: Matrix, factor: np.ndarray) -> Matrix:
    kind = np.float64 if values.dtype == np.float64 else np.float32
    if isinstance(values, np.ndarray):
        return np.asarray(values, dtype=kind) * factor.astype(kind)[:, None]
    from core.data.compiled import scaled_rows  # numba takes a moment to import

    data = np.empty(values.data.shape, dtype=kind)
    scaled_rows(values.data.astype(kind, copy=False), values.indptr, factor.astype(kind), data)
    # two matrices that share columns must not be put in order, which happens in place
    columns = values.indices if values.has_sorted_indices else values.indices.copy()
    return sparse.csr_matrix((data, columns, values.indptr), shape=values.shape)


def _log1p(values: Matrix) -> Matrix:
    """Of ``values``, which nobody else holds: they are overwritten."""
    data = values if isinstance(values, np.ndarray) else values.data
    np.log1p(data, out=data)
    return values if values.dtype == np.float32 else values.astype(np.float32)


def _each(values: Matrix, function: np.ufunc) -> Matrix:
    if isinstance(values, np.ndarray):
        return function(values)
    result = values.copy()
    result.data = function(result.data)
    return result
