"""Principal components of the network's input."""

from __future__ import annotations

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

    fewest = min(values.shape)
    if n_components >= fewest:
        raise DataError(
            f"{values.shape[0]} cells x {values.shape[1]} genes have fewer than {n_components + 1} components",
            value=n_components,
            remedy=f"Use at most {max(fewest - 1, 0)} principal components",
        )
    solver = "arpack" if isinstance(values, sparse.csr_matrix) else "randomized"
    pca = PCA(n_components, svd_solver=solver, random_state=int(rng.integers(2**31)))
    pca.fit(values)
    loadings = np.asarray(pca.components_)
    largest = np.abs(loadings).argmax(axis=1)
    loadings = loadings * np.sign(loadings[np.arange(n_components), largest])[:, None]
    return _float32(loadings), _float32(pca.mean_), _float32(pca.explained_variance_ratio_)


def _float32(values: object) -> np.ndarray:
    return np.asarray(values, dtype=np.float32)
