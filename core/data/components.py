"""Components of the network's input: principal ones, and those of latent semantic indexing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from core.data.normalise import Matrix
from core.errors import DataError


def principal_components(
    values: Matrix, n_components: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Directions of largest variance, not whitened, each turned so that its largest loading is positive.

    Parameters
    ----------
    values
        (n_cells, n_genes); sparse values are centred without being filled.
    n_components
        How many directions.
    rng
        Start of the search.

    Returns
    -------
    Loadings (n_components, n_genes), mean (n_genes,) and share of variance (n_components,), float32.

    Raises
    ------
    DataError
        If there are not more cells and genes than components.
    """
    from sklearn.decomposition import PCA

    _refuse_too_many(values, n_components)
    solver = "arpack" if isinstance(values, sparse.csr_matrix) else "randomized"
    pca = PCA(n_components, svd_solver=solver, random_state=int(rng.integers(2**31)))
    pca.fit(values)
    loadings = _turned(np.asarray(pca.components_))
    return _float32(loadings), _float32(pca.mean_), _float32(pca.explained_variance_ratio_)


@dataclass(frozen=True)
class SemanticComponents:
    """Latent semantic indexing without its first component.

    ``loadings``: (n, n_features), orthonormal rows. ``centre``: (n_features,), mean of the cells. ``spread``: (n,),
    standard deviation of the cells along each component. ``explained``: (n,), share of variance. All float32.
    """

    loadings: np.ndarray
    centre: np.ndarray
    spread: np.ndarray
    explained: np.ndarray


def semantic_components(values: Matrix, n_components: int, rng: np.random.Generator) -> SemanticComponents:
    """Singular vectors of TF-IDF values, which are not centred, from the second to number ``n_components``.

    The first follows how deep each cell was read, because all values are positive; it is dropped.

    Parameters
    ----------
    values
        (n_cells, n_features), TF-IDF, sparse.
    n_components
        How many are looked for, the first included.
    rng
        Start of the search.

    Raises
    ------
    DataError
        If there are not more cells and features than components.

    Source: Cusanovich et al. 2015; Signac, ``RunSVD`` with components 2 to n and ``scale.embeddings``.
    """
    from scipy.sparse.linalg import svds

    _refuse_too_many(values, n_components)
    # the iteration stays in double precision: in single it loses the small components of deep cells
    doubled = values.astype(np.float64)
    start = rng.standard_normal(min(values.shape))
    _, strength, found = svds(doubled, k=n_components, v0=start)
    loadings = _turned(np.asarray(found)[np.argsort(-strength, kind="stable")][1:])
    sums, squares = (np.asarray(part.sum(axis=0)).ravel() for part in (doubled, doubled.multiply(doubled)))
    n = values.shape[0]
    scores = np.asarray(doubled @ loadings.T)
    spread = scores.std(axis=0, ddof=1)
    total = float((squares - sums**2 / n).sum()) / max(n - 1, 1)
    explained = spread**2 / total if total > 0 else np.zeros_like(spread)
    spread = np.where(spread > 0, spread, 1.0)
    return SemanticComponents(_float32(loadings), _float32(sums / n), _float32(spread), _float32(explained))


def _refuse_too_many(values: Matrix, n_components: int) -> None:
    fewest = min(values.shape)
    if n_components >= fewest:
        raise DataError(
            f"{values.shape[0]} cells x {values.shape[1]} genes have fewer than {n_components + 1} components",
            value=n_components,
            remedy=f"Use at most {max(fewest - 1, 0)} principal components",
        )


def _turned(loadings: np.ndarray) -> np.ndarray:
    """Each row turned so that its largest loading is positive."""
    largest = np.abs(loadings).argmax(axis=1)
    return loadings * np.sign(loadings[np.arange(len(loadings)), largest])[:, None]


def _float32(values: object) -> np.ndarray:
    return np.asarray(values, dtype=np.float32)
