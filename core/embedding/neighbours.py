"""Nearest neighbours in a space of components or code units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.errors import DataError

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

EXACT_CELLS = 100_000
"""Above this many cells the search looks into the nearest lists of an inverted file only."""
PROBED = 64
"""Lists of the inverted file that are searched: nearly all true neighbours at a sixteenth of the time."""
CHUNK = 20_000


@dataclass(frozen=True)
class Neighbours:
    """The nearest other cells of each cell, nearest first.

    Attributes
    ----------
    indices
        (n_cells, k), row numbers.
    distances
        (n_cells, k), Euclidean, in the units of the space searched.
    exact
        False where an inverted file was searched, which misses a few true neighbours.
    """

    indices: np.ndarray
    distances: np.ndarray
    exact: bool

    @property
    def k(self) -> int:
        """Number of neighbours of each cell."""
        return self.indices.shape[1]

    def first(self, k: int) -> Neighbours:
        """The ``k`` nearest of them."""
        return Neighbours(self.indices[:, :k], self.distances[:, :k], self.exact)


def nearest_neighbours(values: np.ndarray, k: int, *, exact: bool | None = None) -> Neighbours:
    """The ``k`` nearest other cells of each cell, the cell itself left out.

    Parameters
    ----------
    values
        (n_cells, n_dimensions), components or code.
    k
        Neighbours of each cell; at most one less than there are cells.
    exact
        ``None``: exact up to 100,000 cells.

    Raises
    ------
    DataError
        If there are fewer than two cells or a value is not a finite number.
    """
    values = finite(values)
    cells = len(values)
    if cells < 2:
        raise DataError("Neighbours need at least two cells", cells, "Choose more cells")
    k = min(k, cells - 1)
    exact = cells <= EXACT_CELLS if exact is None else exact
    found = _search(values, values, k + 1, exact)
    return _sorted(values, values, _without_self(found, k), exact)


def nearest_in(reference: np.ndarray, values: np.ndarray, k: int, *, exact: bool | None = None) -> Neighbours:
    """The ``k`` nearest rows of ``reference`` for each row of ``values``.

    Parameters
    ----------
    reference
        (n_reference, n_dimensions).
    values
        (n_cells, n_dimensions), in the same space.
    k
        Neighbours of each cell; at most ``n_reference``.
    exact
        ``None``: exact up to 100,000 reference rows.
    """
    reference, values = finite(reference), finite(values)
    exact = len(reference) <= EXACT_CELLS if exact is None else exact
    found = _search(reference, values, min(k, len(reference)), exact)
    return _sorted(reference, values, found, exact)


def adjacency(neighbours: Neighbours) -> csr_matrix:
    """Directed graph (n_cells, n_cells): one where the column is a neighbour of the row."""
    from scipy.sparse import csr_matrix

    cells, k = neighbours.indices.shape
    pointer = np.arange(0, cells * k + 1, k)
    return csr_matrix((np.ones(cells * k, np.float32), neighbours.indices.ravel(), pointer), shape=(cells, cells))


def finite(values: np.ndarray) -> np.ndarray:
    """``values`` as C-ordered float32 (n_cells, n_dimensions).

    Raises
    ------
    DataError
        If a value is not a finite number.
    """
    values = np.ascontiguousarray(values, dtype=np.float32)
    bad = int((~np.isfinite(values)).any(axis=1).sum())
    if bad:
        raise DataError("Some cells have values that are not numbers", f"{bad} cells", "Train again at a lower rate")
    return values


def _search(reference: np.ndarray, values: np.ndarray, k: int, exact: bool) -> np.ndarray:
    """(n_cells, k) row numbers into ``reference``, in no promised order."""
    centre = reference.mean(axis=0)  # the libraries square the values first; a large mean would cost digits
    reference, values = reference - centre, values - centre
    try:
        import faiss
    except ImportError:
        from sklearn.neighbors import NearestNeighbors

        search = NearestNeighbors(n_neighbors=k).fit(reference)
        return search.kneighbors(values, return_distance=False)
    dimensions = reference.shape[1]
    if exact:
        index = faiss.IndexFlatL2(dimensions)
    else:
        lists = int(4 * np.sqrt(len(reference)))
        index = faiss.IndexIVFFlat(faiss.IndexFlatL2(dimensions), dimensions, lists)
        index.nprobe = min(lists, PROBED)
        index.train(reference)  # pyright: ignore[reportCallIssue]  faiss rewrites the C++ signatures in Python
    index.add(reference)  # pyright: ignore[reportCallIssue]  as above
    found = index.search(values, k)[1]  # pyright: ignore[reportCallIssue]  as above
    if (found < 0).any():
        return _search(reference, values, k, exact=True)
    return found


def _without_self(found: np.ndarray, k: int) -> np.ndarray:
    """Leave each cell out of its own (k + 1) neighbours; copies of a cell may have pushed it out already."""
    is_self = found == np.arange(len(found))[:, None]
    is_self[~is_self.any(axis=1), -1] = True
    return found[~is_self].reshape(len(found), k)


def _sorted(reference: np.ndarray, values: np.ndarray, found: np.ndarray, exact: bool) -> Neighbours:
    """Distances by direct subtraction, then nearest first and the lower row number first among equals."""
    indices = np.sort(found, axis=1)
    distances = np.empty(indices.shape, np.float32)
    for start in range(0, len(values), CHUNK):
        rows = slice(start, start + CHUNK)
        distances[rows] = np.linalg.norm(reference[indices[rows]] - values[rows, None, :], axis=2)
    order = np.argsort(distances, axis=1, kind="stable")
    return Neighbours(
        np.take_along_axis(indices, order, 1).astype(np.int32), np.take_along_axis(distances, order, 1), exact
    )
