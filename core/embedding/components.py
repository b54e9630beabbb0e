"""Principal components, and how many of them say more than chance."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

import numpy as np
from scipy import sparse

from core.data.blocks import LEARNED_FROM, Blocks, Matrix, pieces, sampled
from core.errors import DataError

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

COVARIANCE_GENES, COVARIANCE_GENES_OF_MANY, MANY = 500, 4000, 10_000
"""Up to so many genes the whole covariance matrix is quicker than single components: of any cells, and of many. Both
are exact."""


@dataclass(frozen=True)
class Components:
    """Principal components, strongest first.

    Attributes
    ----------
    scores
        (n_cells, n_components), not whitened: each column keeps its variance.
    loadings
        (n_components, n_genes), of length one.
    mean
        (n_genes,), taken off before the rotation.
    variance_ratio
        (n_components,), share of the total variance.
    """

    scores: np.ndarray
    loadings: np.ndarray
    mean: np.ndarray
    variance_ratio: np.ndarray

    @property
    def n(self) -> int:
        """Number of components."""
        return len(self.variance_ratio)


@dataclass(frozen=True)
class ComponentsTest:
    """Leading components against those of shuffled genes.

    Attributes
    ----------
    observed
        (n_components,), variance ratio in the data.
    chance
        (n_permutations, n_components), variance ratio where every gene was shuffled on its own.
    significant
        Number of leading components above all chance at the level asked for.
    """

    observed: np.ndarray
    chance: np.ndarray
    significant: int


def principal_components(values: np.ndarray | csr_matrix | Blocks, n: int, seed: int = 0) -> Components:
    """The first ``n`` principal components, or as many as the data have.

    Parameters
    ----------
    values
        (n_cells, n_genes), log-normalised. Of more than 50,000 cells a random sample of so many decides the
        components; all get scores.
    n
        Number of components; at most one less than cells and genes.
    seed
        For the start vector of the iterative solver, used above 500 genes.

    Raises
    ------
    DataError
        If there are fewer than three cells or two genes, or if all cells are the same.
    """
    cells, genes = shape(values)
    if cells < 3 or genes < 2:
        raise DataError(
            "Principal components need three cells and two genes",
            f"{cells} cells and {genes} genes",
            "Loosen the filters on the Quality page",
        )
    if isinstance(values, Blocks) or cells > LEARNED_FROM:
        found = principal_components(sampled(values, np.random.default_rng(seed)), n, seed)
        return replace(found, scores=_scores(values, found)) if cells > len(found.scores) else found
    from sklearn.decomposition import PCA

    n = min(n, cells - 1, genes - 1)
    covariance = genes <= (COVARIANCE_GENES_OF_MANY if cells > MANY else COVARIANCE_GENES)
    if covariance and cells > MANY and not isinstance(values, np.ndarray):
        values = values.toarray()  # products of dense values are quicker than what sparse ones save
    solver = "covariance_eigh" if covariance else "arpack"
    pca = PCA(n_components=n, svd_solver=solver, random_state=seed)
    with np.errstate(invalid="ignore"):  # cells without any difference are refused below
        scores = np.asarray(pca.fit_transform(values), dtype=np.float32)
    if not np.isfinite(scores).all() or not pca.explained_variance_.sum() > 0:
        raise DataError("All cells have the same values, so nothing tells them apart", None, "Check the input's genes")
    return Components(
        scores=scores,
        loadings=np.asarray(pca.components_, dtype=np.float32),
        mean=np.asarray(pca.mean_, dtype=np.float32).ravel(),
        variance_ratio=pca.explained_variance_ratio_,
    )


def significant_components(
    values: np.ndarray | csr_matrix,
    rng: np.random.Generator,
    *,
    limit: int = 50,
    permutations: int = 10,
    level: float = 0.05,
    max_cells: int = 5000,
) -> ComponentsTest:
    """How many leading components explain more variance than those of shuffled genes.

    Parameters
    ----------
    values
        (n_cells, n_genes), log-normalised.
    rng
        Draws the sample of cells and the permutations.
    limit
        Largest number of components looked at.
    permutations
        Times that every gene is shuffled over the cells, on its own.
    level
        Share of shuffled matrices that may reach an observed component.
    max_cells
        Beyond this many cells a random sample stands for all.

    Source: Oskolkov, choice of significant principal components against shuffled matrices.
    """
    cells = shape(values)[0]
    if cells > max_cells:
        values = values[np.sort(rng.choice(cells, max_cells, replace=False))]
    observed = principal_components(values, limit).variance_ratio
    chance = np.stack(
        [principal_components(shuffled_genes(values, rng), limit).variance_ratio for _ in range(permutations)]
    )
    beaten = observed > np.quantile(chance, 1 - level, axis=0)
    return ComponentsTest(observed, chance, significant=int(np.argmin(np.append(beaten, False))))


def _scores(values: Matrix, found: Components) -> np.ndarray:
    """(n_cells, n_components), all cells seen along components that some of them decided."""
    shift = found.mean @ found.loadings.T
    return np.concatenate([np.asarray(part @ found.loadings.T, np.float32) - shift for _, part in pieces(values)])


def shape(values: np.ndarray | csr_matrix | Blocks) -> tuple[int, int]:
    """Cells and genes of a matrix, dense or sparse."""
    cells, genes = cast("tuple[int, int]", values.shape)  # scipy ships no types
    return cells, genes


def shuffled_genes(values: np.ndarray | csr_matrix, rng: np.random.Generator) -> np.ndarray | csr_matrix:
    """``values`` (n_cells, n_genes) with every gene permuted over the cells on its own; sparse stays sparse."""
    if not sparse.issparse(values):
        return rng.permuted(np.asarray(values), axis=0)
    columns = sparse.csc_matrix(values, copy=True)
    cells = shape(values)[0]
    for start, end in zip(columns.indptr[:-1], columns.indptr[1:], strict=True):
        # a gene's non-zeros land on cells drawn without replacement; their order is random too
        columns.indices[start:end] = rng.choice(cells, end - start, replace=False)
    columns.has_sorted_indices = False
    return sparse.csr_matrix(columns)
