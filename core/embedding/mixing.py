"""How well two files mix within each type, measured in the space that a picture was made of, not in the picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.embedding.neighbours import nearest_neighbours

if TYPE_CHECKING:
    from collections.abc import Sequence

LEAST_CELLS = 5
"""A type with fewer cells of either file is left out: its neighbours would say nothing."""
SHARE_OF_TYPE = 4
"""Neighbours are at most one in four cells of the type; with all of them every type would look mixed."""
COLUMNS = ("cell_type", "reference", "query", "neighbours", "share", "expected", "mixing")


def mixing(
    values: np.ndarray, is_query: np.ndarray, types: Sequence[str] | np.ndarray, neighbours: int = 30
) -> pd.DataFrame:
    """Share of reference cells among the neighbours of query cells, type by type.

    Neighbours are searched among the cells of the type alone, so that the share expected of two files that cannot be
    told apart is known exactly: that of the reference among the type's other cells.

    Parameters
    ----------
    values
        (n_cells, n_dimensions), code or components of both files.
    is_query
        (n_cells,), True for query cells.
    types
        (n_cells,), known type of reference cells, called type of query cells.
    neighbours
        Of each cell, at most.

    Returns
    -------
    One row per type with five cells or more of both files: ``cell_type``, ``reference`` and ``query`` (cells),
    ``neighbours`` (looked at), ``share`` and ``expected`` (0 to 1), ``mixing`` (share over expected: 1 as if the files
    were one, 0 where they lie apart).

    Source: after Büttner et al. 2019, kBET, with the type's own composition as the expectation.
    """
    names = np.asarray(types, dtype=object).astype(str)
    query = np.asarray(is_query, dtype=bool)
    rows = []
    for name in np.unique(names):
        inside = np.flatnonzero(names == name)
        from_query = query[inside]
        n_query, n = int(from_query.sum()), len(inside)
        if min(n_query, n - n_query) < LEAST_CELLS:
            continue
        k = max(min(neighbours, n // SHARE_OF_TYPE), 1)
        near = nearest_neighbours(values[inside], k).indices[from_query]
        share = float((~from_query[near]).mean())
        expected = (n - n_query) / (n - 1)
        rows.append((name, n - n_query, n_query, k, share, expected, share / expected))
    return pd.DataFrame(rows, columns=pd.Index(COLUMNS))
