"""Count models of a reference: how the counts of each gene vary from cell to cell, given the cell's type."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numba
import numpy as np
from scipy import sparse
from scipy.special import expit

from core.composition.simulated.cell_covariates import CellDesign
from core.composition.simulated.count_newton import GREATEST_LOG_THETA, LEAST_LOG_THETA, newton
from core.composition.simulated.dispersion_trend import shrinkage
from core.errors import DataError

EFFECT_PRECISION = 0.1
"""Of log means around the gene's overall one, and of covariates around none: a type without a count stays finite."""
ZERO_PRIOR, ZERO_PRECISION = (-4.0, 0.0), (0.01, 1.0)
"""Intercept and slope of the zeros' logit: all but free, and a slope of about one either way."""
NO_ZEROS = -30.0
"""Logit of a share of further zeros that no number of cells tells from none."""
STARTS = ((0.0, -4.0), (1.6, -1.1))
"""What is added to log theta, and the zeros' logit, where the search for further zeros begins."""


@dataclass(frozen=True)
class CountModel:
    """Fitted distributions of the counts of each gene.

    The count of gene g in cell c is zero with probability ``pi`` and else negative binomial with mean ``mu`` and
    variance ``mu + mu^2 / theta_g``; log mu = log library size + effect of the type + effects of the covariates;
    logit pi = intercept + slope (log mu - centre).

    Attributes
    ----------
    genes, labels, columns
        Names of the genes, the cell types and the covariates' columns.
    effects
        (n_genes, n_types + n_columns), log share of the library that the gene has in each type; log fold changes.
    theta
        (n_genes,), dispersion parameter, drawn to the trend over genes.
    own_theta
        (n_genes,), the same from the gene's counts alone.
    zeros
        (n_genes, 2), intercept and slope of the zeros' logit; an intercept of -30 stands for none.
    centres
        (n_genes,), log mean at which the logit is its intercept.
    log_likelihood
        (n_genes,), at ``own_theta``.
    """

    genes: tuple[str, ...]
    labels: tuple[str, ...]
    columns: tuple[str, ...]
    effects: np.ndarray
    theta: np.ndarray
    own_theta: np.ndarray
    zeros: np.ndarray
    centres: np.ndarray
    log_likelihood: np.ndarray

    @property
    def zero_inflated(self) -> np.ndarray:
        """(n_genes,), which genes have zeros beyond the negative binomial's."""
        return self.zeros[:, 0] > NO_ZEROS

    def log_means(self, cells: CellDesign) -> np.ndarray:
        """(n_cells, n_genes), log of the negative binomial's mean in each cell."""
        n_types = len(self.labels)
        made = self.effects.T[cells.codes] + np.log(cells.library)[:, None]
        return made + cells.covariates @ self.effects[:, n_types:].T if self.columns else made

    def zero_shares(self, log_means: np.ndarray) -> np.ndarray:
        """(n_cells, n_genes), probability that a count is zero whatever the negative binomial says."""
        return expit(self.zeros[:, 0] + self.zeros[:, 1] * (log_means - self.centres))


def fit_counts(
    counts: sparse.spmatrix, genes: Sequence[str], cells: CellDesign, *, zero_inflated: bool = True
) -> CountModel:
    """Fit a count model to each gene by penalised maximum likelihood.

    Each gene is fitted by Newton's method from a dispersion by the method of moments. The dispersions are then drawn to
    their trend over the genes' means, as far as the counts leave them open, and everything is fitted again with them.
    A gene whose counts further zeros explain no better keeps the negative binomial.

    Parameters
    ----------
    counts
        (n_cells, n_genes), raw counts.
    genes
        Names of the columns.
    cells
        Type, library size and covariates of each cell.
    zero_inflated
        Allow zeros beyond those of the negative binomial.

    Raises
    ------
    DataError
        If values are not counts, or a gene has none.

    Source: Risso et al. 2018 (ZINB-WaVE) for the distribution, its covariates and the offset, without its unknown
    factors; Robinson and Smyth 2007 for drawing dispersions together, here as a normal prior around a trend.
    """
    columns = _checked(counts, genes, len(cells))
    start, prior, precision, centres = _start(columns, cells)
    plain = _Fits(columns, cells, centres, prior, precision)
    free, value, variance = plain.run(start, np.zeros(len(start), dtype=bool))
    inflated = np.zeros(len(start), dtype=bool)
    if zero_inflated:
        free, value, variance, inflated = _with_zeros(plain, free, value, variance)
    means = np.asarray(columns.mean(axis=0)).ravel()
    towards, strength = shrinkage(np.log(means), free[:, -1], variance)
    prior[:, -1], precision[:, -1] = towards, strength
    final, _, _ = plain.run(free, inflated)
    zeros = np.where(inflated[:, None], final[:, -3:-1], (NO_ZEROS, 0.0))
    return CountModel(
        tuple(genes),
        cells.labels,
        cells.columns,
        final[:, :-3],
        np.exp(final[:, -1]),
        np.exp(free[:, -1]),
        zeros,
        centres,
        value,
    )


@dataclass(frozen=True)
class _Fits:
    columns: sparse.csc_matrix
    cells: CellDesign
    centres: np.ndarray
    prior: np.ndarray
    precision: np.ndarray

    def run(self, start: np.ndarray, inflated: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Parameters, log likelihood and variance of log theta of each gene, from ``start``."""
        counts, cells = self.columns, self.cells
        return _fit_genes(
            counts.data,
            counts.indices,
            counts.indptr,
            cells.codes,
            cells.covariates,
            np.log(cells.library),
            start,
            len(cells.labels),
            self.centres,
            inflated,
            self.prior,
            self.precision,
        )


def _with_zeros(
    fits: _Fits, plain: np.ndarray, value: np.ndarray, variance: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    best, best_value, best_variance = plain.copy(), value.copy(), variance.copy()
    inflated = np.zeros(len(plain), dtype=bool)
    for more, logit in STARTS:
        start = plain.copy()
        start[:, -3:-1] = logit, 0.0
        start[:, -1] = np.clip(start[:, -1] + more, LEAST_LOG_THETA, GREATEST_LOG_THETA)
        found, found_value, found_variance = fits.run(start, np.ones(len(plain), dtype=bool))
        better = found_value > best_value
        best[better], best_value[better], best_variance[better] = (
            found[better],
            found_value[better],
            found_variance[better],
        )
        inflated |= better
    return best, best_value, best_variance, inflated


def _checked(counts: sparse.spmatrix, genes: Sequence[str], n_cells: int) -> sparse.csc_matrix:
    columns = sparse.csc_matrix(counts, dtype=np.float64)
    assert columns.shape == (n_cells, len(genes))
    odd = columns.data[(columns.data < 0) | (columns.data != np.rint(columns.data))]
    if odd.size:
        raise DataError("A count model needs raw counts", float(odd[0]), "Choose a reference that holds raw counts")
    columns.eliminate_zeros()
    silent = np.flatnonzero(np.diff(columns.indptr) == 0)
    if silent.size:
        raise DataError(
            "Some genes have no count in any cell",
            [genes[gene] for gene in silent.tolist()],
            "Select genes that are expressed",
        )
    return columns


def _start(columns: sparse.csc_matrix, cells: CellDesign) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Where the search begins, with the prior of each parameter and the logit's centre: all from moments."""
    n_types, n_genes = len(cells.labels), len(columns.indptr) - 1
    member = sparse.csr_matrix((np.ones(len(cells)), (cells.codes, np.arange(len(cells)))))

    def by_type(values: sparse.csc_matrix) -> np.ndarray:
        return sparse.csr_matrix(member @ values).toarray()

    totals = by_type(columns)
    depth = member @ cells.library
    overall = totals.sum(axis=0) / depth.sum()
    rates = (totals + EFFECT_PRECISION) / (depth[:, None] + EFFECT_PRECISION / overall)
    expected = rates * depth[:, None]
    second = rates**2 * (member @ cells.library**2)[:, None]
    cross = by_type(sparse.csc_matrix(columns.multiply(cells.library[:, None])))
    squares = by_type(columns.power(2)) - 2 * rates * cross + second
    excess = (squares - expected).sum(axis=0) / second.sum(axis=0)
    start = np.zeros((n_genes, n_types + len(cells.columns) + 3))
    start[:, :n_types] = np.log(rates).T
    start[:, -1] = -np.log(np.clip(excess, 0.01, 50))
    prior = np.zeros_like(start)
    prior[:, :n_types] = np.log(overall)[:, None]
    prior[:, -3:-1] = ZERO_PRIOR
    precision = np.full_like(start, EFFECT_PRECISION)
    precision[:, -3:-1] = ZERO_PRECISION
    precision[:, -1] = 0.0
    return start, prior, precision, np.log(overall) + np.log(cells.library).mean()


@numba.njit(cache=True, nogil=True)
def _fit_genes(
    data: np.ndarray,
    indices: np.ndarray,
    starts: np.ndarray,
    codes: np.ndarray,
    covariates: np.ndarray,
    offset: np.ndarray,
    begin: np.ndarray,
    n_types: int,
    centres: np.ndarray,
    inflated: np.ndarray,
    prior: np.ndarray,
    precision: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    found = np.empty_like(begin)
    value, variance = np.empty(len(begin)), np.empty(len(begin))
    y = np.zeros(codes.size)
    for gene in range(len(begin)):
        y[:] = 0.0
        for at in range(starts[gene], starts[gene + 1]):
            y[indices[at]] = data[at]
        found[gene], value[gene], variance[gene] = newton(
            y,
            codes,
            covariates,
            offset,
            begin[gene],
            n_types,
            centres[gene],
            inflated[gene],
            prior[gene],
            precision[gene],
        )
    return found, value, variance
