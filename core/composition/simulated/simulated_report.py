"""How like real cells simulated ones are, type by type."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import sparse

from core.composition.simulated.two_samples import auc_interval, neighbour_mixing, two_sample_auc
from core.errors import DataError

if TYPE_CHECKING:
    from sklearn.decomposition import PCA

SETS = ("real", "simulated")
DEPTH = 10_000.0
COMPONENTS = 20
FEWEST_CELLS = 2
CELLS_JUDGED, MOST_REPEATS = 100, 10
"""The classifier is repeated until it has judged about so many real cells, or so many times."""


@dataclass(frozen=True)
class SimulationReport:
    """Real and simulated cells side by side, as tables.

    Attributes
    ----------
    types
        One row per cell type: ``cell_type``, ``real`` and ``simulated`` (cells), ``variance_error`` (mean absolute
        difference of log10 variances of genes found in both sets), ``zeros_error`` (mean absolute difference of the
        genes' shares of zeros), ``library_distance`` and ``detected_distance`` (Kolmogorov-Smirnov, 0 to 1), ``auc``,
        ``auc_low``, ``auc_high`` (classifier of real against simulated, with its 95 % interval; .5 is
        indistinguishable), ``mixing`` (neighbours from the other set; 1 is as many as chance gives).
    genes
        One row per type, gene and set: ``cell_type``, ``gene``, ``set``, ``mean``, ``variance`` (counts), ``zeros``
        (share of cells).
    cells
        One row per cell: ``cell_type``, ``set``, ``library`` (counts on these genes), ``detected`` (genes), ``x``,
        ``y`` (first two components of the real cells).
    explained
        (2,), share of the real cells' variance along each of them.
    """

    types: pd.DataFrame
    genes: pd.DataFrame
    cells: pd.DataFrame
    explained: np.ndarray


def simulation_report(
    real: sparse.csr_matrix,
    real_codes: np.ndarray,
    simulated: sparse.csr_matrix,
    simulated_codes: np.ndarray,
    labels: Sequence[str],
    genes: Sequence[str],
    *,
    seed: int = 0,
) -> SimulationReport:
    """Compare simulated with real cells of each simulated type on the same genes.

    Only real cells that the model was not fitted to give an honest answer. Values are log(1 + counts per 10,000). For
    the picture, simulated cells are projected on the components of the real ones. Classifier and neighbours see as many
    cells of either set, on components of both together: those of one set would fit it better and give it away. Real
    cells put in for the simulated ones say what the numbers are at best for so few cells.

    Parameters
    ----------
    real, simulated
        (n_real, n_genes) and (n_simulated, n_genes), raw counts.
    real_codes, simulated_codes
        (n_real,) and (n_simulated,), number of each cell's type in ``labels``.
    labels, genes
        Names of the types and of the columns.
    seed
        Fixes the classifier and the choice of as many cells of either set.

    Raises
    ------
    DataError
        If a simulated type has fewer than two cells in either set.

    Source: Lopez-Paz and Oquab 2017 for the classifier as a test of two samples.
    """
    present = np.unique(simulated_codes)
    _check_cells(present, real_codes, simulated_codes, labels)
    kept = np.isin(real_codes, present)
    counts = (_no_stored_zeros(real[kept]), _no_stored_zeros(simulated))
    codes = (np.asarray(real_codes)[kept], np.asarray(simulated_codes))
    coordinates, explained = _projected(*map(_log_values, counts))
    rows, by_gene, by_cell = [], [], []
    for code in present:
        members = [np.flatnonzero(one == code) for one in codes]
        two = [matrix[rows_of] for matrix, rows_of in zip(counts, members, strict=True)]
        at = [points[rows_of] for points, rows_of in zip(coordinates, members, strict=True)]
        name = str(labels[code])
        genes_of = [_by_gene(one, name, genes, which) for one, which in zip(two, SETS, strict=True)]
        cells_of = [_by_cell(one, xy, name, which) for one, xy, which in zip(two, at, SETS, strict=True)]
        by_gene += genes_of
        by_cell += cells_of
        rows.append({"cell_type": name, **_distances(genes_of, cells_of), **_told_apart(two, cells_of, seed)})
    return SimulationReport(
        pd.DataFrame(rows),
        pd.concat(by_gene, ignore_index=True),
        pd.concat(by_cell, ignore_index=True),
        explained,
    )


def _no_stored_zeros(counts: sparse.csr_matrix) -> sparse.csr_matrix:
    made = sparse.csr_matrix(counts, copy=True)
    made.eliminate_zeros()
    return made


def _check_cells(
    present: np.ndarray, real_codes: np.ndarray, simulated_codes: np.ndarray, labels: Sequence[str]
) -> None:
    few = [
        str(labels[code])
        for code in present
        if min((real_codes == code).sum(), (simulated_codes == code).sum()) < FEWEST_CELLS
    ]
    if few or not len(present):
        raise DataError(
            "Some types have fewer than two cells to compare", few, "Hold out more real cells, or simulate more of them"
        )


def _by_gene(counts: sparse.csr_matrix, name: str, genes: Sequence[str], which: str) -> pd.DataFrame:
    n = len(counts.indptr) - 1
    mean = np.asarray(counts.mean(axis=0), dtype=float).ravel()
    second = np.asarray(counts.power(2).mean(axis=0), dtype=float).ravel()
    variance = np.maximum(second - mean**2, 0) * n / (n - 1)
    zeros = 1 - counts.getnnz(axis=0) / n
    table = {"cell_type": name, "gene": list(genes), "set": which, "mean": mean, "variance": variance, "zeros": zeros}
    return pd.DataFrame(table)


def _by_cell(counts: sparse.csr_matrix, coordinates: np.ndarray, name: str, which: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "cell_type": name,
            "set": which,
            "library": np.asarray(counts.sum(axis=1), dtype=float).ravel(),
            "detected": counts.getnnz(axis=1),
            "x": coordinates[:, 0],
            "y": coordinates[:, 1],
        }
    )


def _distances(genes: list[pd.DataFrame], cells: list[pd.DataFrame]) -> dict[str, float]:
    from scipy.stats import ks_2samp

    variance = np.stack([table["variance"].to_numpy() for table in genes])
    shared = (variance > 0).all(axis=0)
    apart = np.abs(np.diff(np.log10(variance[:, shared]), axis=0))
    found: dict[str, float] = {which: len(table) for which, table in zip(SETS, cells, strict=True)}
    found["variance_error"] = float(apart.mean()) if shared.any() else np.nan
    found["zeros_error"] = float(np.abs(genes[0]["zeros"] - genes[1]["zeros"]).mean())
    for measure in ("library", "detected"):
        found[f"{measure}_distance"] = float(ks_2samp(cells[0][measure], cells[1][measure]).statistic)  # pyright: ignore[reportAttributeAccessIssue]
    return found


def _told_apart(counts: list[sparse.csr_matrix], cells: list[pd.DataFrame], seed: int) -> dict[str, float]:
    """Means over several choices of as many cells of either set: few cells alone would make it a matter of luck."""
    rng = np.random.default_rng(seed)
    smaller = min(map(len, cells))
    repeats = int(np.clip(CELLS_JUDGED // smaller, 1, MOST_REPEATS))
    area, mixing = np.mean([_once(counts, cells, smaller, rng) for _ in range(repeats)], axis=0)
    low, high = auc_interval(area, smaller, smaller)
    return {"auc": float(area), "auc_low": low, "auc_high": high, "mixing": float(mixing)}


def _once(
    counts: list[sparse.csr_matrix], cells: list[pd.DataFrame], n: int, rng: np.random.Generator
) -> tuple[float, float]:
    """The classifier also sees counts and detected genes, by which a wrong share of zeros is found out."""
    chosen = [np.sort(rng.choice(len(table), n, replace=False)) for table in cells]
    values = np.vstack([_log_values(one[rows]) for one, rows in zip(counts, chosen, strict=True)])
    points = _components(min(COMPONENTS, n, values.shape[1])).fit_transform(values)
    tables = [table[["library", "detected"]].to_numpy()[rows] for table, rows in zip(cells, chosen, strict=True)]
    seen = np.hstack([points, np.log(np.vstack(tables) + 1)])
    return two_sample_auc(seen[:n], seen[n:], rng), neighbour_mixing(points[:n], points[n:])


def _projected(real: np.ndarray, simulated: np.ndarray) -> tuple[tuple[np.ndarray, np.ndarray], np.ndarray]:
    pca = _components(2)
    own = pca.fit_transform(real)
    return (own, pca.transform(simulated)), pca.explained_variance_ratio_


def _components(n: int) -> PCA:
    from sklearn.decomposition import PCA

    return PCA(n, svd_solver="randomized", random_state=0)


def _log_values(counts: sparse.csr_matrix) -> np.ndarray:
    totals = np.maximum(np.asarray(counts.sum(axis=1), dtype=float), 1).reshape(-1, 1)
    return np.log1p(sparse.csr_matrix(counts.multiply(DEPTH / totals)).toarray())
