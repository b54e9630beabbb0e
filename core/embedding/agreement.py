"""How well pictures and clusters agree with the neighbours, the labels and each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.embedding.clusters import k_means
from core.embedding.neighbours import Neighbours, nearest_neighbours
from core.errors import DataError

SAMPLE = 2000
"""Cells that measures of all pairs are computed on."""
QUALITY_CELLS = 20_000
"""Of more cells a random sample is measured by itself: its cells are one another's neighbours."""


@dataclass(frozen=True)
class PictureQuality:
    """Measures of one picture, higher is better.

    Attributes
    ----------
    cells
        How many cells were measured.
    neighbours_kept
        0 to 1, mean share of each cell's nearest cells that stay nearest in the picture.
    trustworthiness
        0 to 1, falls with cells that the picture shows as near although they are not.
    accuracy, ari, nmi, silhouette
        Agreement with labels, ``None`` without labels: share of cells whose neighbours' majority has their label;
        adjusted Rand index and normalised mutual information of k-means groups; silhouette of the labels (-1 to 1).
    """

    cells: int
    neighbours_kept: float
    trustworthiness: float
    accuracy: float | None = None
    ari: float | None = None
    nmi: float | None = None
    silhouette: float | None = None


def picture_quality(
    values: np.ndarray,
    picture: np.ndarray,
    labels: np.ndarray | None,
    seed: int,
    *,
    k: int = 15,
    knn: Neighbours | None = None,
) -> PictureQuality:
    """All measures of one picture, on at most 20,000 cells.

    Parameters
    ----------
    values
        (n_cells, n_dimensions), what the picture was made from.
    picture
        (n_cells, 2).
    labels
        (n_cells,), or ``None``.
    seed
        For k-means and for the sample of cells; the same for all pictures of the same cells.
    k
        Neighbours looked at.
    knn
        Neighbours in ``values`` found before, at least ``k``.
    """
    rng = np.random.default_rng(seed)
    if len(values) > QUALITY_CELLS:
        rows = np.sort(rng.choice(len(values), QUALITY_CELLS, replace=False))
        values, picture, knn = values[rows], picture[rows], None
        labels = None if labels is None else np.asarray(labels)[rows]
    before = knn.first(k) if knn is not None and knn.k >= k else nearest_neighbours(values, k)
    after = nearest_neighbours(picture, k)
    kept, trust = neighbours_kept(before, after), trustworthiness(values, picture, rng, k=k)
    if labels is None:
        return PictureQuality(len(values), kept, trust)
    labels = np.asarray(labels).astype(str)
    groups = k_means(picture, len(np.unique(labels)), seed)
    return PictureQuality(
        len(values),
        kept,
        trust,
        accuracy=neighbour_accuracy(after, labels),
        ari=ari(labels, groups),
        nmi=nmi(labels, groups),
        silhouette=silhouette(picture, labels, rng),
    )


def neighbours_kept(before: Neighbours, after: Neighbours) -> float:
    """Mean share of each cell's k nearest cells that are among the k nearest afterwards, 0 to 1."""
    k = min(before.k, after.k)
    cells = np.arange(len(before.indices), dtype=np.int64)[:, None] * len(before.indices)
    pairs = [np.sort((cells + found.indices[:, :k]).ravel()) for found in (before, after)]
    return len(np.intersect1d(*pairs, assume_unique=True)) / len(pairs[0])


def trustworthiness(values: np.ndarray, picture: np.ndarray, rng: np.random.Generator, *, k: int = 15) -> float:
    """Trustworthiness of a picture on a random sample of at most 2,000 cells, 0 to 1.

    Parameters
    ----------
    values
        (n_cells, n_dimensions).
    picture
        (n_cells, 2).
    rng
        Draws the sample.
    k
        Neighbours looked at; fewer where there are fewer than 2 k + 2 cells.

    Source: Venna and Kaski, neighbourhood preservation in nonlinear projection methods.
    """
    from sklearn.manifold import trustworthiness as measured

    rows = sample(len(values), rng)
    return float(measured(values[rows], picture[rows], n_neighbors=max(1, min(k, (len(rows) - 1) // 2))))


def neighbour_accuracy(neighbours: Neighbours, labels: np.ndarray) -> float:
    """Share of cells whose label is the commonest among their neighbours; the nearer one wins a tie."""
    kinds, numbers = np.unique(labels, return_inverse=True)
    around = numbers[neighbours.indices]
    votes = np.zeros((len(labels), len(kinds)))
    rows = np.arange(len(labels))
    for rank in range(neighbours.k):
        votes[rows, around[:, rank]] += 1 - rank * 1e-4  # decides ties only: at most 200 neighbours
    return float((votes.argmax(axis=1) == numbers).mean())


def ari(a: np.ndarray, b: np.ndarray) -> float:
    """Adjusted Rand index of two groupings (n_cells,): 1 for the same groups, about 0 for chance."""
    from sklearn.metrics import adjusted_rand_score

    return float(adjusted_rand_score(a, b))


def nmi(a: np.ndarray, b: np.ndarray) -> float:
    """Normalised mutual information of two groupings (n_cells,), 0 to 1; arithmetic mean of the entropies."""
    from sklearn.metrics import normalized_mutual_info_score

    return float(normalized_mutual_info_score(a, b))


def silhouette(values: np.ndarray, labels: np.ndarray, rng: np.random.Generator) -> float | None:
    """Mean silhouette (-1 to 1) of labelled cells on a sample of at most 2,000; ``None`` with a single label in it."""
    from sklearn.metrics import silhouette_score

    rows = sample(len(values), rng)
    kinds = len(np.unique(labels[rows]))
    if not 2 <= kinds < len(rows):
        return None
    return float(silhouette_score(values[rows], labels[rows]))


def clustering_agreement(
    spaces: dict[str, np.ndarray], labels: np.ndarray, seed: int, *, groups: int | None = None, runs: int = 20
) -> pd.DataFrame:
    """Normalised mutual information between k-means groups of several spaces and the labels, over many runs.

    Parameters
    ----------
    spaces
        Name to (n_cells, n_dimensions): the input, the code.
    labels
        (n_cells,), known cell types.
    seed
        Run i uses ``seed + i``; each run has one start.
    groups
        Groups of k-means; ``None``: as many as there are labels.
    runs
        Times that k-means starts anew.

    Returns
    -------
    A table: first, second (names of spaces or "labels"), run, nmi.

    Raises
    ------
    DataError
        If there is a single label.

    Source: Kinalis et al., agreement of clusters of the input, of the representation and of known labels.
    """
    labels = np.asarray(labels).astype(str)
    groups = groups or len(np.unique(labels))
    if groups < 2:
        raise DataError("Clusters cannot be compared with a single label", labels[0], "Choose another label column")
    names = list(spaces)
    rows = []
    for run in range(runs):
        found = {name: k_means(values, groups, seed + run, starts=1) for name, values in spaces.items()}
        pairs = [(a, b) for i, a in enumerate(names) for b in names[i + 1 :]]
        rows += [(a, b, run, nmi(found[a], found[b])) for a, b in pairs]
        rows += [(name, "labels", run, nmi(found[name], labels)) for name in names]
    return pd.DataFrame.from_records(rows, columns=pd.Index(["first", "second", "run", "nmi"]))


def sample(cells: int, rng: np.random.Generator) -> np.ndarray:
    """Row numbers of at most 2,000 cells, ascending."""
    return np.arange(cells) if cells <= SAMPLE else np.sort(rng.choice(cells, SAMPLE, replace=False))
