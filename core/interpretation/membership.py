"""Which genes of the data belong to which gene set, as a matrix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import sparse

from core.data.genes import gene_names
from core.errors import DataError
from core.interpretation.gene_sets import as_gene_sets

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

REMEDY = "Check that data and gene sets use the same species and identifier (symbols, not Ensembl)"


@dataclass(frozen=True)
class Membership:
    """Gene sets in the data.

    Attributes
    ----------
    matrix
        (n_sets, n_genes), each row sums to one: times a value per gene it gives the mean over the set.
    names
        The sets kept, in the file's order.
    sizes
        (n_sets,), genes of each kept set that the data have.
    dropped
        Sets with too few genes in the data: gene_set, genes (in the set), in_data.
    """

    matrix: csr_matrix
    names: tuple[str, ...]
    sizes: np.ndarray
    dropped: pd.DataFrame

    def mean(self, values: np.ndarray) -> np.ndarray:
        """Mean over each set's genes: (n_genes, n) -> (n_sets, n)."""
        return np.asarray(self.matrix @ values)

    def rows(self, name: str) -> np.ndarray:
        """Positions among the data's genes of the genes of one kept set."""
        row = self.names.index(name)
        return self.matrix.indices[self.matrix.indptr[row] : self.matrix.indptr[row + 1]]


def membership(sets: Mapping[str, Sequence[str]], genes: Sequence[str], min_genes: int = 5) -> Membership:
    """Find the genes of each set in the data.

    Parameters
    ----------
    sets
        Name to genes.
    genes
        Names of the data's genes, each once.
    min_genes
        Sets with fewer genes in the data are left out and listed in ``dropped``.

    Raises
    ------
    DataError
        If no set has that many genes in the data.
    """
    sets = as_gene_sets(sets)
    position = {gene: column for column, gene in enumerate(genes)}
    found = {name: sorted(position[gene] for gene in of if gene in position) for name, of in sets.items()}
    kept = [name for name, columns in found.items() if len(columns) >= max(min_genes, 1)]
    if not kept:
        best = max(found, key=lambda name: len(found[name]), default=None)
        detail = f"; the best, {best}, has {len(found[best])}" if best else ""
        raise DataError(
            f"No gene set has {min_genes} genes in the data{detail}", list(genes[:3]), REMEDY + _hint(sets, genes)
        )
    sizes = np.array([len(found[name]) for name in kept])
    matrix = sparse.csr_matrix(
        (
            np.repeat(1.0 / sizes, sizes),
            np.concatenate([found[name] for name in kept]),
            np.concatenate([[0], np.cumsum(sizes)]),
        ),
        shape=(len(kept), len(position)),
    )
    left = [name for name in sets if name not in set(kept)]
    dropped = pd.DataFrame(
        {
            "gene_set": pd.Series(left, dtype=object),
            "genes": pd.Series([len(sets[name]) for name in left], dtype="int64"),
            "in_data": pd.Series([len(found[name]) for name in left], dtype="int64"),
        }
    )
    return Membership(matrix, tuple(kept), sizes, dropped)


def _hint(sets: Mapping[str, Sequence[str]], genes: Sequence[str]) -> str:
    """What either side's names are where they differ, and whether they do by nothing but capital letters."""
    lower = {gene.lower() for gene in genes}
    listed = list(dict.fromkeys(gene for of in sets.values() for gene in of))
    of_sets, of_data = gene_names(listed).spoken, gene_names(genes).spoken
    said = f". The sets hold {of_sets}, the data {of_data}" if of_sets != of_data else ""
    if any(gene.lower() in lower for gene in listed):
        said += ". Names match once capital letters are ignored, so choose the sets of the data's species"
    return said
