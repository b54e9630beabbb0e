"""Reference cells that mixtures may be drawn from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.errors import DataError


@dataclass(frozen=True)
class Pool:
    """Cells that may be drawn, sorted by type.

    Attributes
    ----------
    rows
        (n_cells,), row numbers into the reference, type after type.
    starts
        (n_types + 1,), where each type begins in ``rows``.
    """

    rows: np.ndarray
    starts: np.ndarray

    @property
    def n_types(self) -> int:
        return len(self.starts) - 1

    @property
    def frequencies(self) -> np.ndarray:
        """(n_types,), each type's share of the cells."""
        return np.diff(self.starts) / len(self.rows)


def pool_of(codes: np.ndarray, n_types: int, rows: np.ndarray | None = None) -> Pool:
    """The cells of ``rows`` by type.

    Parameters
    ----------
    codes
        (n_cells,), number of each cell's type, 0 to ``n_types`` - 1.
    n_types
        Types in all.
    rows
        Row numbers of the cells that may be drawn; all cells if empty.

    Raises
    ------
    DataError
        If a type has no cell to draw.
    """
    rows = np.arange(len(codes)) if rows is None else np.asarray(rows)
    counts = np.bincount(codes[rows], minlength=n_types)
    if (counts == 0).any():
        raise DataError(
            "Some cell types have no cell to build mixtures from",
            np.flatnonzero(counts == 0).tolist(),
            "Add cells of these types to the reference, or leave the types out",
        )
    order = np.argsort(codes[rows], kind="stable")
    return Pool(rows[order].astype(np.int64), np.concatenate([[0], np.cumsum(counts)]).astype(np.int64))
