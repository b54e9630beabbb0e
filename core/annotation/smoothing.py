"""Smoothing: each cell is mixed with the cells most like it, where single cells are read too thinly."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy import sparse

from core.data.align import Aligned
from core.data.transform import fit
from core.specs.data import TransformSpec

if TYPE_CHECKING:
    from core.data.blocks import Matrix

Space = Literal["lsi", "pca"]
CLIP = 10.0
"""Standard deviations at which genes are cut off before principal components, as scanpy's tutorials do."""


def likeness_space(cells: Aligned, space: Space, components: int, rng: np.random.Generator) -> np.ndarray:
    """The coordinates in which cells are compared, learned from the cells themselves.

    Parameters
    ----------
    cells
        Counts, in memory.
    space
        lsi: TF-IDF and latent semantic indexing. pca: principal components of scaled log values.
    components
        How many, the first of LSI included, which is dropped; fewer where there are few cells.
    rng
        Start of the search.

    Returns
    -------
    (n_cells, at most components).
    """
    most = max(3, min(components, min(cells.values.shape) - 1))
    spec = (
        TransformSpec(normalise="tfidf", components=most)
        if space == "lsi"
        else TransformSpec(normalise="log1p_cp10k", scale="zscore", clip=CLIP, components=most)
    )
    return np.asarray(fit(cells, spec, rng=rng).apply(cells))


def averaged(cells: Aligned, neighbours: np.ndarray, share: float) -> Aligned:
    """``cells``, each mixed with the mean of its neighbours; totals are mixed alike.

    Parameters
    ----------
    cells
        In memory, on a linear scale.
    neighbours
        (n_cells, k), row numbers of other cells.
    share
        The neighbours' share in the mixture, 0 to 1.
    """
    n, k = neighbours.shape
    rows = np.column_stack([np.arange(n), neighbours]).ravel()
    weights = np.tile(np.append(1 - share, np.full(k, share / k)), n).astype(np.float32)
    mean: Matrix = sparse.csr_matrix((weights, rows, np.arange(0, rows.size + 1, k + 1)), shape=(n, n))
    values = sparse.csr_matrix(mean @ cells.values, dtype=np.float32)
    values.sort_indices()
    return replace(cells, values=values, library=np.asarray(mean @ cells.library))
