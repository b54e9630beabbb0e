"""A file that has been opened: its tables are at hand, its values are read when they have been chosen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from core.data.findings import Finding
from core.data.types import CSR

if TYPE_CHECKING:
    import pandas as pd

SAMPLE = 50_000
"""Non-zero values that are looked at before a place is chosen."""


@dataclass(frozen=True)
class Place:
    """One matrix in a file.

    Parameters
    ----------
    name
        ``X``, ``raw`` or ``layers/NAME``.
    var
        One row for each gene; the index holds the names.
    sample
        Some of the non-zero values.
    load
        Reads all values: CSR, cells x genes, in the file's own precision.
    """

    name: str
    var: pd.DataFrame
    sample: np.ndarray
    load: Callable[[], CSR]

    @property
    def n_genes(self) -> int:
        return len(self.var)


@dataclass(frozen=True)
class Opened:
    """What a format's reader hands on.

    Parameters
    ----------
    obs
        One row for each cell; the index holds the names.
    places
        Where values lie, in the order of the file.
    obsm
        The file's own coordinates, arrays of n_cells rows.
    colours
        ``uns`` entries of the form ``<column>_colors``.
    findings
        What the reader had to decide.
    called
        What a person calls the place ``X``: a table has no X.
    """

    obs: pd.DataFrame
    places: tuple[Place, ...]
    obsm: dict[str, np.ndarray] = field(default_factory=dict)
    colours: dict[str, list[str]] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    called: str = "X"


def in_memory(name: str, values: Any, var: pd.DataFrame) -> Place:
    """A place whose values, sparse or dense, cells x genes, are already in memory."""
    matrix = as_csr(values)
    return Place(name, var, spread(matrix.data), lambda: matrix)


def as_csr(values: Any) -> CSR:
    """Any matrix as CSR, its indices checked first: compiled code trusts them, and a damaged file's point anywhere.

    Raises
    ------
    ValueError
        If an index lies outside the matrix.
    """
    if sparse.issparse(values) and values.format in ("csr", "csc"):
        values.check_format(full_check=True)
    return sparse.csr_matrix(values)


def spread(values: np.ndarray) -> np.ndarray:
    """Up to ``SAMPLE`` of the values that are not zero, spread evenly."""
    values = values.ravel()
    values = values[:: max(1, len(values) // SAMPLE)]
    return values[values != 0]
