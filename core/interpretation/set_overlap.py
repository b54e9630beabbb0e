"""How much gene sets have in common: sets that share their genes win together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy import sparse

from core.interpretation.membership import Membership, membership

NEARLY = 0.8
"""Shared genes over the genes of the smaller set from which on one set says little beside the other."""
MOST_PAIRS = 500


def overlaps(
    sets: Mapping[str, Sequence[str]], genes: Sequence[str], *, min_genes: int = 5, most: int = MOST_PAIRS
) -> pd.DataFrame:
    """Pairs of sets that share genes of the data, the most alike first.

    Parameters
    ----------
    sets
        Name to genes.
    genes
        Names of the data's genes: only these are counted.
    min_genes
        Sets with fewer of them are left out.
    most
        Pairs kept.

    Returns
    -------
    A table: first and second (set names), genes_first, genes_second and shared (numbers of genes), jaccard (shared over
    genes of either) and containment (shared over genes of the smaller), both 0 to 1.

    Raises
    ------
    DataError
        If no set has enough genes in the data.
    """
    within = membership(sets, genes, min_genes)
    shared = sparse.triu(_shared(within), k=1).tocoo()
    i, j, n = shared.row, shared.col, shared.data
    sizes = np.asarray(within.sizes)
    jaccard = n / (sizes[i] + sizes[j] - n)
    names = np.array(within.names, dtype=object)
    table = pd.DataFrame(
        {
            "first": names[i],
            "second": names[j],
            "genes_first": sizes[i],
            "genes_second": sizes[j],
            "shared": n.astype(int),
            "jaccard": jaccard,
            "containment": n / np.minimum(sizes[i], sizes[j]),
        }
    )
    order = np.lexsort((j, i, -table["containment"], -table["jaccard"]))
    return table.iloc[order[:most]].reset_index(drop=True)


def jaccard_matrix(
    sets: Mapping[str, Sequence[str]], genes: Sequence[str], *, min_genes: int = 5, most: int = 30
) -> pd.DataFrame:
    """Jaccard index of the sets that share most with another, sets alike beside each other.

    Parameters
    ----------
    sets, genes, min_genes
        As in `overlaps`.
    most
        Sets kept: those with the highest index with any other.

    Returns
    -------
    A symmetric table n x n, 0 to 1, ones on the diagonal.

    Raises
    ------
    DataError
        If no set has enough genes in the data.
    """
    within = membership(sets, genes, min_genes)
    shared = _shared(within).tocoo()
    sizes = np.asarray(within.sizes)
    index = shared.data / (sizes[shared.row] + sizes[shared.col] - shared.data)
    highest = np.zeros(len(sizes))
    apart = shared.row != shared.col
    np.maximum.at(highest, shared.row[apart], index[apart])
    kept = np.sort(np.argsort(-highest, kind="stable")[:most])
    whole = sparse.csr_matrix((index, (shared.row, shared.col)), shape=shared.shape)
    table = whole[kept][:, kept].toarray()
    order = _leaves(1 - table)
    names = [within.names[number] for number in kept[order]]
    return pd.DataFrame(table[np.ix_(order, order)], index=pd.Index(names), columns=pd.Index(names))


def nearly_same(table: pd.DataFrame, level: float = NEARLY) -> pd.DataFrame:
    """The rows of `overlaps` whose smaller set lies in the other for the most part."""
    return table.loc[table["containment"] >= level].reset_index(drop=True)


def _shared(within: Membership) -> sparse.csr_matrix:
    """(n_sets, n_sets), numbers of shared genes."""
    ones = within.matrix.copy()
    ones.data = np.ones_like(ones.data)
    return sparse.csr_matrix(ones @ ones.T)


def _leaves(distance: np.ndarray) -> np.ndarray:
    """An order in which the alike stand together: the leaves of average linkage."""
    from scipy.cluster.hierarchy import leaves_list, linkage
    from scipy.spatial.distance import squareform

    if len(distance) < 3:
        return np.arange(len(distance))
    np.fill_diagonal(distance, 0)
    return leaves_list(linkage(squareform(distance, checks=False), "average", optimal_ordering=True))
