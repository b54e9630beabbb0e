"""Signatures: what one cell of each type contributes to a mixture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from core.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True)
class Signature:
    """Mean counts per gene in a cell of each type, and how much mRNA such a cell holds.

    Attributes
    ----------
    profiles
        (n_genes, n_types), mean counts per cell on the selected genes.
    content
        (n_types,), mean counts per cell over all genes: the mRNA content as far as it was captured.
    """

    profiles: np.ndarray
    content: np.ndarray

    @property
    def n_types(self) -> int:
        return self.profiles.shape[1]

    @property
    def shares(self) -> np.ndarray:
        """(n_genes, n_types), profile of one read of each type: the columns sum to one."""
        return self.profiles / self.profiles.sum(axis=0)

    def per_read(self) -> Signature:
        """The same for one read of each type, so that linear models count reads in place of cells."""
        return Signature(self.profiles / self.content, np.ones_like(self.content))

    def to_dict(self) -> dict[str, np.ndarray]:
        """The arrays by name, for the model file."""
        return {"profiles": self.profiles, "content": self.content}

    @classmethod
    def from_dict(cls, values: Mapping[str, np.ndarray]) -> Signature:
        """The signature that `to_dict` wrote."""
        return cls(np.asarray(values["profiles"], dtype=float), np.asarray(values["content"], dtype=float))


def signature(
    counts: sparse.csr_matrix,
    codes: np.ndarray,
    n_types: int,
    library: np.ndarray | None = None,
    labels: Sequence[str] | None = None,
) -> Signature:
    """Mean profile of each type.

    Parameters
    ----------
    counts
        (n_cells, n_genes), raw counts on the selected genes.
    codes
        (n_cells,), number of each cell's type.
    n_types
        Types in all.
    library
        (n_cells,), counts of each cell over all genes; those of the selected genes if empty.
    labels
        Names of the types, for the message.

    Raises
    ------
    DataError
        If a type has no cell or no count on the selected genes.
    """
    if library is None:
        library = np.asarray(counts.sum(axis=1), dtype=float).ravel()
    cells = np.bincount(codes, minlength=n_types)
    member = sparse.csr_matrix((np.ones(len(codes)), (codes, np.arange(len(codes)))), shape=(n_types, len(codes)))
    totals = sparse.csr_matrix(member @ counts).toarray()
    silent = np.flatnonzero(totals.sum(axis=1) == 0)
    if silent.size:
        raise DataError(
            "Some cell types have no counts on the selected genes",
            [labels[number] if labels else number for number in silent.tolist()],
            "Select more genes, or leave these types out",
        )
    return Signature((totals / cells[:, None]).T, member @ library / cells)


def read_shares(cells: np.ndarray, content: np.ndarray) -> np.ndarray:
    """Shares of the mRNA from shares of the cells, rows sum to one.

    Parameters
    ----------
    cells
        (n_samples, n_types), cell proportions.
    content
        (n_types,), mean counts per cell.
    """
    return _closed(cells * content)


def cell_shares(reads: np.ndarray, content: np.ndarray) -> np.ndarray:
    """Shares of the cells from shares of the mRNA, the inverse of ``read_shares``."""
    return _closed(reads / content)


def _closed(weights: np.ndarray) -> np.ndarray:
    total = weights.sum(axis=-1, keepdims=True)
    return np.divide(weights, total, out=np.full(weights.shape, 1 / weights.shape[-1]), where=total > 0)
