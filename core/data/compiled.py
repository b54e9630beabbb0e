"""Loops over the stored values of CSR matrices, in compiled code that other threads need not wait for.

Each does in one pass what takes sparse products or copies several. Importing numba takes a moment: import this module
where a function needs it.
"""

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
    """Copy rows in a new order and widen their numbers on the way.

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


@numba.njit(cache=True, nogil=True)
def moved(
    values: np.ndarray,
    columns: np.ndarray,
    bounds: np.ndarray,
    place: np.ndarray,
    n_columns: int,
    to_values: np.ndarray,
    to_columns: np.ndarray,
    to_bounds: np.ndarray,
) -> None:
    """Move columns to new places, in which each row is sorted; zeros and columns without a place are left out.

    Parameters
    ----------
    values, columns, bounds
        The matrix: (n_stored,), (n_stored,), (n_rows + 1,).
    place
        (columns before,), where each goes; -1 leaves it out.
    n_columns
        Columns afterwards.
    to_values, to_columns, to_bounds
        The result, with room for (n_stored,) values; to_bounds[-1] of them are used.
    """
    row_values = np.zeros(n_columns, dtype=to_values.dtype)
    stored = 0
    to_bounds[0] = 0
    for row in range(bounds.size - 1):
        for at in range(bounds[row], bounds[row + 1]):
            to = place[columns[at]]
            if to >= 0:
                row_values[to] += values[at]
        for column in range(n_columns):
            if row_values[column] != 0:
                to_values[stored], to_columns[stored] = row_values[column], column
                row_values[column] = 0
                stored += 1
        to_bounds[row + 1] = stored


@numba.njit(cache=True, nogil=True)
def scaled_rows(values: np.ndarray, bounds: np.ndarray, factor: np.ndarray, to_values: np.ndarray) -> None:
    """Multiply each row by its factor.

    Shapes: values (n_stored,), bounds (n_rows + 1,), factor (n_rows,), to_values (n_stored,).
    """
    for row in range(factor.size):
        for at in range(bounds[row], bounds[row + 1]):
            to_values[at] = values[at] * factor[row]


@numba.njit(cache=True, nogil=True)
def add_moments(
    values: np.ndarray,
    columns: np.ndarray,
    bounds: np.ndarray,
    groups: np.ndarray,
    sums: np.ndarray,
    squares: np.ndarray,
    detected: np.ndarray,
) -> None:
    """Add rows to the sums of their groups.

    Parameters
    ----------
    values, columns, bounds
        The matrix: (n_stored,), (n_stored,), (n_rows + 1,).
    groups
        (n_rows,), group of each row; -1 leaves it out.
    sums, squares, detected
        (n_groups, n_columns), float64: sum, sum of squares, values that are not zero.
    """
    for row in range(groups.size):
        group = groups[row]
        if group < 0:
            continue
        for at in range(bounds[row], bounds[row + 1]):
            value, column = np.float64(values[at]), columns[at]
            sums[group, column] += value
            squares[group, column] += value * value
            if value != 0:
                detected[group, column] += 1


@numba.njit(cache=True, nogil=True)
def standardised(
    values: np.ndarray,
    columns: np.ndarray,
    bounds: np.ndarray,
    rows: np.ndarray,
    shift: np.ndarray,
    factor: np.ndarray,
    limit: float,
    to: np.ndarray,
) -> None:
    """(value - shift) * factor of some rows, cut off at ``limit`` on either side, for the zeros too.

    Parameters
    ----------
    values, columns, bounds
        The matrix: (n_stored,), (n_stored,), (n_rows + 1,); rows without the same column twice.
    rows
        (n,), which.
    shift, factor
        (n_columns,).
    to
        (n, n_columns), the result.
    """
    low, high = np.float32(-limit), np.float32(limit)
    of_zero = np.minimum(np.maximum(-shift * factor, low), high)
    for place in range(rows.size):
        to[place] = of_zero
        for at in range(bounds[rows[place]], bounds[rows[place] + 1]):
            column = columns[at]
            scaled = (values[at] - shift[column]) * factor[column]
            to[place, column] = min(max(scaled, low), high)
