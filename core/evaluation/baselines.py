"""What networks are compared with: classical projections with as many dimensions as the code, and the gene means."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

KERNEL_CELLS = 2000
PCA_NAME = "pca"


@dataclass(frozen=True)
class Projection:
    """A method that shortens profiles and rebuilds them.

    Attributes
    ----------
    code
        (n_cells, n_genes) -> (n_cells, n_dimensions).
    rebuild
        (n_cells, n_genes) -> (n_cells, n_genes), by way of the code.
    """

    code: Callable[[np.ndarray], np.ndarray]
    rebuild: Callable[[np.ndarray], np.ndarray]


def baselines(train: np.ndarray, n_code: int, seed: int) -> dict[str, Callable[[], Projection]]:
    """Every baseline by name; each is fitted when called.

    Parameters
    ----------
    train
        (n_train, n_genes), training cells.
    n_code
        Dimensions of each projection; fewer where there are fewer cells or genes.
    seed
        Of the methods that start at random.

    Source: Cell Identity Codes, Fig. 2g.
    """
    return {
        "gene_mean": lambda: gene_mean(train),
        PCA_NAME: lambda: principal_components(train, n_code, seed),
        "nmf": lambda: non_negative(train, n_code, seed),
        "kernel_pca_polynomial": lambda: kernel_components(train, n_code, "poly", seed),
        "kernel_pca_cosine": lambda: kernel_components(train, n_code, "cosine", seed),
        "kernel_pca_rbf": lambda: kernel_components(train, n_code, "rbf", seed),
    }


def gene_mean(train: np.ndarray) -> Projection:
    """Every cell rebuilt as the mean training cell: the error is the variance, which any method must beat."""
    mean = train.mean(axis=0)
    return Projection(lambda x: np.zeros((len(x), 1)), lambda x: np.broadcast_to(mean, x.shape))


def principal_components(train: np.ndarray, n_code: int, seed: int) -> Projection:
    """Principal component analysis, the best linear projection in squared error."""
    from sklearn.decomposition import PCA

    model = PCA(_at_most(n_code, train), random_state=seed).fit(train)
    return Projection(model.transform, lambda x: model.inverse_transform(model.transform(x)))


def non_negative(train: np.ndarray, n_code: int, seed: int) -> Projection:
    """Non-negative matrix factorisation, each gene moved so that its smallest training value is zero."""
    from sklearn.decomposition import NMF

    floor = train.min(axis=0)
    model = NMF(init="nndsvda", random_state=seed, max_iter=600, tol=1e-3)
    model.set_params(n_components=_at_most(n_code, train))

    def above(x: np.ndarray) -> np.ndarray:
        return np.maximum(x - floor, 0)

    model.fit(above(train))
    return Projection(
        lambda x: model.transform(above(x)), lambda x: model.inverse_transform(model.transform(above(x))) + floor
    )


def kernel_components(train: np.ndarray, n_code: int, kernel: str, seed: int) -> Projection:
    """Kernel PCA with a ridge regression from components back to profiles.

    The cosine kernel forgets how long a profile is, so its reproduced profiles have another scale and its squared
    error says little. Kernels compare all pairs of cells: at most 2,000 training cells are used.
    """
    from sklearn.decomposition import KernelPCA

    if len(train) > KERNEL_CELLS:
        train = train[np.random.default_rng(seed).choice(len(train), KERNEL_CELLS, replace=False)]
    model = KernelPCA(_at_most(n_code, train), kernel=kernel, fit_inverse_transform=True, random_state=seed)
    model.fit(train)
    return Projection(model.transform, lambda x: model.inverse_transform(model.transform(x)))


def _at_most(n_code: int, train: np.ndarray) -> int:
    return max(1, min(n_code, *train.shape))
