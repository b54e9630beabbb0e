"""Count models: derivatives, known parameters found again, other programs, real cells."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.special import digamma, polygamma
from scipy.stats import nbinom
from statsmodels.discrete.discrete_model import NegativeBinomial

from core.composition.simulated.cell_covariates import CellDesign, cell_design
from core.composition.simulated.count_likelihood import derivatives, digammas, log_likelihood
from core.composition.simulated.count_models import fit_counts
from core.composition.simulated.dispersion_trend import shrinkage
from core.errors import DataError

LABELS = ("A", "B", "C")


def made(n: int = 300, seed: int = 0, *, batch: bool = True) -> CellDesign:
    rng = np.random.default_rng(seed)
    obs = pd.DataFrame({"batch": rng.choice(["x", "y"], n)}) if batch else None
    return cell_design(np.arange(n) % 3, LABELS, rng.lognormal(7, 0.4, n).round(), obs)


def drawn(cells: CellDesign, n_genes: int, seed: int = 1, pi: float = 0.0):
    """Counts with their true effects and dispersions; ``pi`` is the share of further zeros."""
    rng = np.random.default_rng(seed)
    effects = rng.uniform(-7.5, -4.5, (n_genes, 1)) + rng.normal(0, 0.7, (n_genes, 3 + len(cells.columns)))
    effects[:, 3:] = rng.normal(0, 0.5, (n_genes, len(cells.columns)))
    theta = np.exp(rng.normal(0.5, 0.6, n_genes))
    mu = np.exp(effects[:, :3].T[cells.codes] + cells.covariates @ effects[:, 3:].T) * cells.library[:, None]
    counts = rng.negative_binomial(theta, theta / (theta + mu))
    counts[rng.random(counts.shape) < pi] = 0
    return sparse.csr_matrix(counts), effects, theta


@given(st.floats(1e-3, 1e6))
def test_digamma_and_trigamma_are_right(x):
    np.testing.assert_allclose(digammas(x), (digamma(x), polygamma(1, x)), rtol=1e-10, atol=1e-13)


def test_likelihood_is_that_of_scipy():
    cells, theta = made(60), 1.7
    y = np.random.default_rng(0).poisson(2, 60).astype(float)
    p = np.array([-7.0, -6.0, -8.0, 0.4, -1.0, 0.3, np.log(theta)])
    eta = p[cells.codes] + cells.covariates[:, 0] * 0.4 + np.log(cells.library)
    each = nbinom.pmf(y, theta, theta / (theta + np.exp(eta)))
    pi = 1 / (1 + np.exp(1.0 - 0.3 * (eta - 0.5)))
    args = (y, cells.codes, cells.covariates, np.log(cells.library), p, 3, 0.5)
    np.testing.assert_allclose(log_likelihood(*args, False), np.log(each).sum())
    np.testing.assert_allclose(log_likelihood(*args, True), np.log(pi * (y == 0) + (1 - pi) * each).sum())


@pytest.mark.parametrize("inflated", [False, True])
@given(seed=st.integers(0, 1000))
@settings(max_examples=25)
def test_derivatives_are_those_of_small_steps(inflated, seed):
    rng = np.random.default_rng(seed)
    cells = made(40, seed)
    y = rng.poisson(1.5, 40).astype(float)
    p = np.concatenate([rng.uniform(-8, -6, 3), rng.normal(0, 0.5, 1), rng.normal(0, 1, 2), rng.normal(0, 1, 1)])
    args = (y, cells.codes, cells.covariates, np.log(cells.library))

    def slope(at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        gradient, types, mixed, rest = np.empty(7), np.empty(3), np.empty((3, 4)), np.empty((4, 4))
        derivatives(*args, at, 3, 0.2, inflated, gradient, types, mixed, rest)
        return gradient, np.block([[np.diag(types), mixed], [mixed.T, rest]])

    gradient, curvature = slope(p)
    steps = 1e-5 * np.eye(7)
    value = [[log_likelihood(*args, p + sign * h, 3, 0.2, inflated) for sign in (1, -1)] for h in steps]
    np.testing.assert_allclose(gradient, np.diff(value, axis=1)[:, 0] / -2e-5, rtol=1e-4, atol=1e-4)
    second = np.stack([(slope(p + h)[0] - slope(p - h)[0]) / 2e-5 for h in steps])
    np.testing.assert_allclose(curvature, -second, rtol=1e-4, atol=1e-4)


def test_known_parameters_are_found_again():
    cells = made(3000)
    counts, effects, theta = drawn(cells, 60)
    model = fit_counts(counts, [f"g{i}" for i in range(60)], cells, zero_inflated=False)
    assert np.abs(model.effects - effects).max() < 0.4
    assert abs((model.effects - effects).mean()) < 0.02
    assert np.median(np.abs(np.log(model.theta / theta))) < 0.1
    assert not model.zero_inflated.any()


def test_known_further_zeros_are_found_again():
    cells = made(3000, batch=False)
    counts, effects, theta = drawn(cells, 60, pi=0.3)
    model = fit_counts(counts, [f"g{i}" for i in range(60)], cells)
    shares = model.zero_shares(model.log_means(cells)).mean(axis=0)
    loud = np.asarray(counts.mean(axis=0)).ravel() > 3
    assert loud.sum() >= 15 and model.zero_inflated[loud].all()
    np.testing.assert_allclose(np.median(shares[loud]), 0.3, atol=0.03)
    assert np.median(np.abs(np.log(model.theta / theta))[loud]) < 0.15
    assert np.median(np.abs(model.effects - effects)[loud]) < 0.1


@given(st.integers(0, 50))
@settings(max_examples=8)
def test_further_zeros_never_lower_the_likelihood(seed):
    cells = made(120, seed)
    counts, _, _ = drawn(cells, 12, seed, pi=0.2 * (seed % 3))
    heard = np.flatnonzero(counts.getnnz(axis=0))
    counts, genes = counts[:, heard], [f"g{i}" for i in heard]
    plain = fit_counts(counts, genes, cells, zero_inflated=False)
    richer = fit_counts(counts, genes, cells)
    assert (richer.log_likelihood >= plain.log_likelihood - 1e-6).all()


def test_a_gene_is_fitted_as_statsmodels_fits_it():
    cells = made(900)
    counts, _, _ = drawn(cells, 20)
    model = fit_counts(counts, [f"g{i}" for i in range(20)], cells, zero_inflated=False)
    design = np.column_stack([np.eye(3)[cells.codes], cells.covariates])
    for gene in np.argsort(-np.asarray(counts.mean(axis=0)).ravel())[:4]:
        y = counts[:, [gene]].toarray().ravel()
        start = np.append(model.effects[gene], 1 / model.own_theta[gene])
        other = NegativeBinomial(y, design, offset=np.log(cells.library)).fit(start, disp=0, maxiter=200)
        np.testing.assert_allclose(model.log_likelihood[gene], other.llf, atol=0.02)
        np.testing.assert_allclose(model.own_theta[gene], 1 / other.params[-1], rtol=0.02)
        np.testing.assert_allclose(model.effects[gene], other.params[:-1], atol=0.05)


def test_the_same_cells_give_the_same_model():
    cells = made(90)
    counts, _, _ = drawn(cells, 10)
    genes = [f"g{i}" for i in range(10)]
    first, second = (fit_counts(counts, genes, cells) for _ in range(2))
    np.testing.assert_array_equal(first.effects, second.effects)
    np.testing.assert_array_equal(first.theta, second.theta)


def test_a_gene_that_a_type_does_not_express_has_a_small_finite_mean_there():
    cells = made(90, batch=False)
    counts = np.where(cells.codes == 0, 3, 0)[:, None]
    model = fit_counts(sparse.csr_matrix(counts), ["g"], cells)
    there = np.exp(model.log_means(cells))[cells.codes == 1, 0]
    assert np.isfinite(model.effects).all() and there.max() < 0.05


def test_dispersions_of_few_cells_are_drawn_to_the_trend_and_of_many_are_kept():
    log_means = np.linspace(-3, 3, 200)
    truth = 0.5 * log_means
    noise = np.random.default_rng(0).normal(0, 1, 200)
    for variance, kept in ((4.0, False), (0.01, True)):
        seen = truth + noise * np.sqrt(variance + 0.2)
        towards, precision = shrinkage(log_means, seen, np.full(200, variance))
        assert np.abs(towards - truth).mean() < 0.6
        pull = precision / (precision + 1 / variance)
        assert (pull < 0.1).all() if kept else (pull > 0.5).all()


def test_values_that_are_no_counts_are_refused():
    cells = made(30)
    with pytest.raises(DataError, match=r"needs raw counts. Got 0\.5"):
        fit_counts(sparse.csr_matrix(np.full((30, 1), 0.5)), ["g"], cells)
    with pytest.raises(DataError, match=r"no count in any cell\. Got \['g2'\]"):
        fit_counts(sparse.csr_matrix(np.tile([1, 0], (30, 1))), ["g1", "g2"], cells)
