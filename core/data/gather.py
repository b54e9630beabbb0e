"""Rows of a compressed matrix put into a new order, in compiled code that other threads need not wait for."""

from __future__ import annotations

import numba
import numpy as np


@numba.njit(cache=True, nogil=True)
def gather(
    columns: np.ndarray,
    values: np.ndarray,
    begin: np.ndarray,
    bounds: np.ndarray,
    to_columns: np.ndarray,
    to_values: np.ndarray,
) -> None:
    """Copy rows and widen their numbers on the way.

    Parameters
    ----------
    columns, values
        (n_stored,), as read.
    begin
        (n_rows,), where each row starts in them.
    bounds
        (n_rows + 1,), where each row starts in the result.
    to_columns, to_values
        (bounds[-1],), the result.
    """
    for row in range(begin.size):
        source = begin[row]
        for place in range(bounds[row], bounds[row + 1]):
            to_columns[place] = columns[source]
            to_values[place] = values[source]
            source += 1
