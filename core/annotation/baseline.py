"""Strangeness counted from a query's own ordinary cells, where all of the query is unlike the reference."""

from __future__ import annotations

import numpy as np

ORDINARY = 0.25
"""Share of the cells, the least strange, whose edge is taken for ordinary strangeness."""

TABLE = "strangeness"
"""Name of the run's table with the scores of each cell, counted from the query and from the reference."""


def counted_from_query(measured: np.ndarray, held: np.ndarray) -> np.ndarray:
    """Each measure moved so that the least strange quarter of the query ends where that of held-out cells does.

    Two components are supposed: cells of known types, all made stranger by one amount, and cells of other types above
    them. The cells of a low quantile are then known ones, and how far they lie from held-out cells is that amount.
    Where a share u of the query is of other types, the quantile is that of 0.25 / (1 - u) of the known cells, so that
    fewer cells are refused than were asked for, not more.

    Parameters
    ----------
    measured
        (n_cells, n_measures), of the query.
    held
        (n_held, n_measures), of held-out reference cells.

    Returns
    -------
    (n_cells, n_measures).
    """
    return measured - np.quantile(measured, ORDINARY, axis=0) + np.quantile(held, ORDINARY, axis=0)
