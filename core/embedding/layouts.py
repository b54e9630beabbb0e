"""Two-dimensional pictures of cells."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from core.embedding.neighbours import Neighbours, finite, nearest_in, nearest_neighbours
from core.errors import DataError
from core.specs.analysis import EmbeddingSpec

if TYPE_CHECKING:
    from umap import UMAP

LANDMARK_CELLS = 200_000
"""Above this many cells a quick layout places landmarks only and puts the others between them."""
LANDMARKS = 50_000
INTERPOLATED_FROM = 10
"""Landmarks that say where a cell lies."""


@dataclass(frozen=True)
class Layout:
    """A picture.

    Attributes
    ----------
    coordinates
        (n_cells, 2), no unit.
    approximate
        True where most cells were placed between landmarks.
    """

    coordinates: np.ndarray
    approximate: bool


def layout(
    values: np.ndarray, spec: EmbeddingSpec, seed: int, *, quick: bool = True, knn: Neighbours | None = None
) -> Layout:
    """UMAP of all cells, or of landmarks first where ``spec`` names fewer than there are cells.

    Where it names none, they stand for more than 200,000 cells if ``quick`` is set.

    Parameters
    ----------
    values
        (n_cells, n_dimensions), components or code.
    spec
        Neighbours, smallest distance, epochs and landmarks.
    seed
        The same seed gives the same picture.
    quick
        Whether landmarks that were not asked for may stand for all cells.
    knn
        Neighbours found before; landmarks have their own.
    """
    landmarks = spec.landmarks or (LANDMARKS if quick and len(values) > LANDMARK_CELLS else len(values))
    if landmarks < len(values):
        return Layout(landmark_layout(values, spec, seed, landmarks), approximate=True)
    return Layout(umap_layout(values, spec, seed, knn), approximate=False)


def umap_layout(values: np.ndarray, spec: EmbeddingSpec, seed: int, knn: Neighbours | None = None) -> np.ndarray:
    """UMAP of exact neighbours, started from the first two principal components.

    Parameters
    ----------
    values
        (n_cells, n_dimensions), components or code.
    spec
        Neighbours, smallest distance and epochs. Small data use as many neighbours as there are.
    seed
        The same seed gives the same picture; UMAP then runs on one thread.
    knn
        Neighbours found before, at least as many as ``spec`` asks for; ``None`` to search now.

    Returns
    -------
    (n_cells, 2), float32, no unit.

    Raises
    ------
    DataError
        If there are fewer than four cells, or if all of them are the same.
    """
    values = finite(values)
    cells = len(values)
    if cells < 4:
        raise DataError("A UMAP needs at least four cells", cells, "Choose more cells")
    if not np.ptp(values, axis=0).any():
        raise DataError("All cells have the same values, so a UMAP shows nothing", None, "Train the network first")
    if values.shape[1] == 1:
        values = np.hstack([values, np.zeros_like(values)])  # the start picture needs two axes
    others = min(spec.neighbours, cells - 1) - 1  # UMAP counts the cell itself among its neighbours
    if knn is None or knn.k < others:
        knn = nearest_neighbours(values, others)
    model = _umap()(
        n_neighbors=others + 1,
        min_dist=spec.min_dist,
        n_epochs=spec.epochs,
        init="pca",
        random_state=seed,
        n_jobs=1,
        precomputed_knn=_with_self(knn.first(others)),
    )
    with warnings.catch_warnings():
        # no index for new cells is given because none are added to this picture later
        warnings.filterwarnings("ignore", message=r"precomputed_knn\[2\]")
        return np.asarray(model.fit_transform(values), dtype=np.float32)


def landmark_layout(values: np.ndarray, spec: EmbeddingSpec, seed: int, landmarks: int = LANDMARKS) -> np.ndarray:
    """UMAP of a random sample; every other cell lies at the weighted mean of its nearest landmarks.

    Parameters
    ----------
    values
        (n_cells, n_dimensions), components or code.
    spec
        Neighbours, smallest distance and epochs.
    seed
        Draws the landmarks and their picture.
    landmarks
        How many cells are placed by UMAP itself.

    Returns
    -------
    (n_cells, 2), float32, no unit.
    """
    values = finite(values)
    rng = np.random.default_rng(seed)
    chosen = np.sort(rng.choice(len(values), min(landmarks, len(values)), replace=False))
    placed = umap_layout(values[chosen], spec, seed)
    rest = np.setdiff1d(np.arange(len(values)), chosen, assume_unique=True)
    picture = np.empty((len(values), 2), np.float32)
    picture[chosen] = placed
    if len(rest):
        picture[rest] = interpolated(values[chosen], placed, values[rest])
    return picture


def interpolated(landmarks: np.ndarray, placed: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Place cells among landmarks: mean of the nearest ones, each weighted by one over its squared distance.

    Parameters
    ----------
    landmarks
        (n_landmarks, n_dimensions).
    placed
        (n_landmarks, 2), where they lie.
    values
        (n_cells, n_dimensions), in the landmarks' space.

    Returns
    -------
    (n_cells, 2), float32.
    """
    near = nearest_in(landmarks, values, INTERPOLATED_FROM)
    weights = 1.0 / (near.distances.astype(np.float64) ** 2 + 1e-12)
    weights /= weights.sum(axis=1, keepdims=True)
    return np.einsum("nk,nkd->nd", weights, placed[near.indices]).astype(np.float32)


@cache
def _umap() -> type[UMAP]:
    """UMAP, whose compiled functions are kept on disk: it keeps a part of them by itself, and compiling the rest takes
    seconds in every process.
    """
    from numba.core.dispatcher import Dispatcher
    from umap import UMAP, layouts, umap_, utils

    for module in (layouts, umap_, utils):
        for compiled in vars(module).values():
            if isinstance(compiled, Dispatcher):
                compiled.enable_caching()
    return UMAP


def _with_self(knn: Neighbours) -> tuple[np.ndarray, np.ndarray]:
    cells = len(knn.indices)
    indices = np.hstack([np.arange(cells, dtype=np.int32)[:, None], knn.indices])
    return indices, np.hstack([np.zeros((cells, 1), np.float32), knn.distances])
