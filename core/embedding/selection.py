"""What a selection of cells has in common: its labels, marker genes and code units."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import sparse, stats

from core.embedding.ranks import rank_sums
from core.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scipy.sparse import csc_matrix, csr_matrix

PSEUDO = 1.0
"""Added to both means before their ratio, in the units of the normalised counts, so that absent genes stay finite."""


def markers(values: np.ndarray | csr_matrix, genes: Sequence[str], mask: np.ndarray) -> pd.DataFrame:
    """Genes that tell the selected cells from the rest: Wilcoxon rank-sum test, two-sided.

    Parameters
    ----------
    values
        (n_cells, n_genes), natural log of normalised counts plus one.
    genes
        Names of the n_genes columns.
    mask
        (n_cells,), True for the selected cells.

    Returns
    -------
    A table, most certain first: gene; log2_fold, of mean normalised counts plus one; share and share_rest, of cells
    that express the gene (0 to 1); p; p_adjusted (Benjamini and Hochberg over all genes).

    Raises
    ------
    DataError
        If fewer than two cells lie inside or outside the selection.
    """
    mask = checked(mask)
    matrix = sparse.csc_matrix(values)
    counts = matrix.copy()
    counts.data = np.expm1(counts.data, dtype=np.float64)
    fold = np.log2(_mean(counts, mask) + PSEUDO) - np.log2(_mean(counts, ~mask) + PSEUDO)
    expressed = matrix != 0
    p = wilcoxon(matrix, mask)
    table = pd.DataFrame(
        {
            "gene": np.asarray(genes, dtype=object),
            "log2_fold": fold,
            "share": _mean(expressed, mask),
            "share_rest": _mean(expressed, ~mask),
            "p": p,
            "p_adjusted": stats.false_discovery_control(p),
        }
    )
    order = np.lexsort((-table["log2_fold"].abs(), table["p"]))
    return table.iloc[order].reset_index(drop=True)


def wilcoxon(values: np.ndarray | csr_matrix | csc_matrix, mask: np.ndarray) -> np.ndarray:
    """Two-sided p of the rank-sum test of each gene: normal approximation with ties and continuity corrected.

    Parameters
    ----------
    values
        (n_cells, n_genes).
    mask
        (n_cells,), True for the first group.

    Returns
    -------
    (n_genes,); 1 for a gene whose values are all the same.
    """
    ranks, ties = rank_sums(sparse.csc_matrix(values), mask)
    inside, cells = int(mask.sum()), len(mask)
    outside = cells - inside
    distance = np.abs(ranks - inside * (cells + 1) / 2)
    variance = inside * outside / 12 * ((cells + 1) - ties / (cells * (cells - 1)))
    flat = variance <= 1e-9 * cells
    z = np.maximum(distance - 0.5, 0) / np.sqrt(np.where(flat, 1, variance))
    return np.where(flat, 1.0, 2 * stats.norm.sf(z)).clip(max=1.0)


def composition(labels: Sequence[str] | np.ndarray, mask: np.ndarray) -> pd.DataFrame:
    """Labels inside a selection.

    Parameters
    ----------
    labels
        (n_cells,).
    mask
        (n_cells,), True for the selected cells.

    Returns
    -------
    A table of the labels inside, commonest first: label, cells (inside), of (in all), share (of the selection, 0 to 1).
    """
    kinds, numbers = np.unique(np.asarray(labels, dtype=object).astype(str), return_inverse=True)
    within = np.bincount(numbers[mask], minlength=len(kinds))
    table = pd.DataFrame({"label": kinds, "cells": within, "of": np.bincount(numbers, minlength=len(kinds))})
    table["share"] = within / max(int(within.sum()), 1)
    order = np.lexsort((np.arange(len(kinds)), -within))
    return table.iloc[order[: np.count_nonzero(within)]].reset_index(drop=True)


def shifted_units(code: np.ndarray, mask: np.ndarray) -> pd.DataFrame:
    """Code units whose mean inside a selection stands out.

    Parameters
    ----------
    code
        (n_cells, n_units).
    mask
        (n_cells,), True for the selected cells.

    Returns
    -------
    A table, strongest first: unit ("unit_1" ...), shift: mean inside minus mean outside, in standard deviations of the
    unit over all cells; 0 for a unit that never changes.
    """
    mask = checked(mask)
    spread = code.std(axis=0, dtype=np.float64)
    shift = code[mask].mean(axis=0, dtype=np.float64) - code[~mask].mean(axis=0, dtype=np.float64)
    flat = spread <= 1e-12
    shift = np.where(flat, 0.0, shift / np.where(flat, 1, spread))
    table = pd.DataFrame({"unit": [f"unit_{number}" for number in range(1, code.shape[1] + 1)], "shift": shift})
    return table.iloc[np.argsort(-np.abs(shift), kind="stable")].reset_index(drop=True)


def checked(mask: np.ndarray) -> np.ndarray:
    """``mask`` as bool (n_cells,), with at least two cells inside and two outside.

    Raises
    ------
    DataError
        If the selection or the rest is too small to compare.
    """
    mask = np.asarray(mask, dtype=bool)
    cells, inside = len(mask), int(mask.sum())
    if inside < 2 or cells - inside < 2:
        raise DataError(
            "A selection and the rest need two cells each",
            f"{inside} of {cells} cells selected",
            "Draw a larger or a smaller outline",
        )
    return mask


def _mean(matrix: sparse.csc_matrix, rows: np.ndarray) -> np.ndarray:
    """(n_genes,) mean over the chosen cells, without copying them."""
    return np.asarray(matrix.T @ rows.astype(np.float64)).ravel() / rows.sum()
