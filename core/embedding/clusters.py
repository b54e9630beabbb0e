"""Groups of cells: Leiden on the neighbour graph, k-means on the values."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Literal

import numpy as np

from core.embedding.neighbours import Neighbours, adjacency, finite
from core.errors import SpecError

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

CHUNK = 20_000


def leiden(neighbours: Neighbours, seed: int, *, resolution: float = 1.0, iterations: int = 2) -> np.ndarray:
    """Leiden communities of the shared-neighbour graph.

    Parameters
    ----------
    neighbours
        Nearest neighbours of n cells; the graph that a UMAP was made of will do.
    seed
        The same seed gives the same groups.
    resolution
        Larger values give more and smaller groups.
    iterations
        Rounds of improvement; negative: until nothing improves.

    Returns
    -------
    (n_cells,), group numbers from 0, the largest group first.
    """
    import igraph

    graph = shared_neighbours(neighbours).tocoo()
    once = graph.row < graph.col
    network = igraph.Graph(n=len(neighbours.indices), edges=np.column_stack([graph.row[once], graph.col[once]]))
    igraph.set_random_number_generator(random.Random(seed))
    try:
        found = network.community_leiden(
            "modularity", weights=graph.data[once], resolution=resolution, n_iterations=iterations
        )
    finally:
        igraph.set_random_number_generator(random)  # igraph's own default; it takes no seed for one call
    return by_size(np.asarray(found.membership))


def k_means(values: np.ndarray, groups: int, seed: int, *, starts: int = 10) -> np.ndarray:
    """k-means, the best of several starts.

    Parameters
    ----------
    values
        (n_cells, n_dimensions).
    groups
        Number of groups, at most the number of cells.
    seed
        For the starts.
    starts
        Runs from different centres; the one with the least squared distance is kept.

    Returns
    -------
    (n_cells,), group numbers from 0, the largest group first.

    Raises
    ------
    SpecError
        If there are more groups than cells.
    """
    values = finite(values)
    if not 1 <= groups <= len(values):
        raise SpecError("k-means cannot make that many groups", groups, f"Use a value from 1 to {len(values)}")
    from sklearn.cluster import KMeans

    return by_size(KMeans(groups, n_init=starts, random_state=seed).fit_predict(values))  # pyright: ignore[reportArgumentType]  sklearn annotates n_init by its default "auto"


def per_cell(code: np.ndarray, scale: Literal["none", "sum", "units"]) -> np.ndarray:
    """The code made comparable before cells are grouped.

    Parameters
    ----------
    code
        (n_cells, n_units).
    scale
        sum: each cell's absolute values add up to one, which removes the sequencing depth that a code of raw counts
        carries. units: each unit has mean 0 and standard deviation 1. none: as it is.

    Returns
    -------
    (n_cells, n_units), float32.
    """
    code = finite(code)
    if scale == "sum":
        total = np.abs(code).sum(axis=1, keepdims=True)
        return code / np.where(total == 0, 1, total)
    if scale == "units":
        spread = code.std(axis=0)
        return (code - code.mean(axis=0)) / np.where(spread == 0, 1, spread)
    return code


def shared_neighbours(neighbours: Neighbours) -> csr_matrix:
    """Jaccard overlap of the neighbourhoods of neighbouring cells, (n_cells, n_cells), symmetric, diagonal zero."""
    from scipy import sparse

    own = adjacency(neighbours)
    cells = len(neighbours.indices)
    around = sparse.csr_matrix(own + sparse.identity(cells, "float32", format="csr"))
    edges = sparse.csr_matrix(own.maximum(own.T))
    columns = around.T.tocsc()
    size = neighbours.k + 1
    # only pairs that are neighbours are kept, chunk by chunk: all pairs with a common neighbour would not fit
    chunks = [
        (around[start : start + CHUNK] @ columns).multiply(edges[start : start + CHUNK])
        for start in range(0, cells, CHUNK)
    ]
    shared = sparse.csr_matrix(sparse.vstack(chunks))
    shared.data = shared.data / (2 * size - shared.data)
    return shared


def by_size(groups: np.ndarray) -> np.ndarray:
    """Group numbers (n_cells,) renumbered from 0, the largest group first."""
    _, first, inverse, counts = np.unique(groups, return_index=True, return_inverse=True, return_counts=True)
    order = np.lexsort((first, -counts))
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    return rank[inverse]
