"""Linear models of a mixture, and signatures."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, sparse

from core.composition.linear import (
    constant,
    least_squares,
    multinomial,
    rebuilt,
    residual,
    weighted_least_squares,
)
from core.composition.signature import Signature, cell_shares, read_shares, signature
from core.errors import DataError

RNG = np.random.default_rng(4)
PROFILES = RNG.gamma(0.4, 5.0, size=(200, 4)) * [1, 1, 3, 1]
SIGNATURE = Signature(PROFILES, PROFILES.sum(axis=0))
TRUE = RNG.dirichlet(np.ones(4), 12)
SAMPLES = TRUE @ PROFILES.T


def test_a_signature_is_the_mean_of_each_types_cells():
    counts = sparse.csr_matrix(np.array([[2.0, 0], [4, 2], [0, 6]]))
    found = signature(counts, np.array([0, 0, 1]), 2, library=np.array([10.0, 20, 30]))
    np.testing.assert_allclose(found.profiles, [[3, 0], [1, 6]])
    np.testing.assert_allclose(found.content, [15, 30])
    np.testing.assert_allclose(found.shares, [[0.75, 0], [0.25, 1]])
    again = Signature.from_dict(found.to_dict())
    np.testing.assert_array_equal(again.profiles, found.profiles)
    with pytest.raises(DataError, match=r"no counts on the selected genes. Got \['NK'\]"):
        signature(counts, np.array([0, 0, 0]), 2, labels=["B", "NK"])


def test_cell_and_read_shares_undo_each_other():
    content = np.array([1000.0, 4000.0])
    np.testing.assert_allclose(read_shares(np.array([[0.8, 0.2]]), content), [[0.5, 0.5]])
    np.testing.assert_allclose(cell_shares(np.array([[0.5, 0.5]]), content), [[0.8, 0.2]])


@pytest.mark.parametrize("method", [least_squares, weighted_least_squares, multinomial])
def test_exact_mixtures_are_taken_apart_into_cells_not_reads(method):
    np.testing.assert_allclose(method(SAMPLES * 37.0, SIGNATURE), TRUE, atol=0.005)


@given(st.floats(1e-3, 1e3))
@settings(max_examples=10)
def test_depth_and_company_do_not_matter(depth):
    noisy = SAMPLES * np.exp(np.random.default_rng(0).normal(0, 0.5, SAMPLES.shape))
    alone = weighted_least_squares(noisy[3:4] * depth, SIGNATURE)
    np.testing.assert_allclose(alone[0], weighted_least_squares(noisy, SIGNATURE)[3], atol=1e-6)


def test_plain_least_squares_agrees_with_scipy_on_each_sample():
    noisy = SAMPLES * np.exp(np.random.default_rng(1).normal(0, 0.5, SAMPLES.shape))
    raw = np.array([optimize.lsq_linear(PROFILES, sample, bounds=(0, np.inf)).x for sample in noisy])
    np.testing.assert_allclose(least_squares(noisy, SIGNATURE), raw / raw.sum(axis=1, keepdims=True), atol=1e-4)


def test_the_multinomial_model_finds_the_largest_likelihood():
    noisy = SAMPLES[:3] * np.exp(np.random.default_rng(2).normal(0, 0.3, SAMPLES[:3].shape))
    shares = multinomial(noisy, SIGNATURE)
    profile = SIGNATURE.shares

    def likelihood(cells):
        reads = cells * PROFILES.sum(axis=0)
        return (noisy * np.log((reads / reads.sum(axis=1, keepdims=True)) @ profile.T)).sum(axis=1)

    best = likelihood(shares)
    for seed in range(20):
        near = np.clip(shares + np.random.default_rng(seed).normal(0, 0.01, shares.shape), 1e-9, None)
        assert (likelihood(near / near.sum(axis=1, keepdims=True)) <= best + 1e-6 * np.abs(best)).all()


def test_outlying_genes_hurt_the_weighted_model_less():
    broken = SAMPLES.copy()
    broken[:, ::10] *= 20
    plain = np.abs(least_squares(broken, SIGNATURE) - TRUE).mean()
    robust = np.abs(weighted_least_squares(broken, SIGNATURE) - TRUE).mean()
    assert robust < 0.25 * plain


def test_genes_that_were_not_measured_are_left_out():
    holes = SAMPLES.copy()
    holes[:, ::3] = np.nan
    np.testing.assert_allclose(weighted_least_squares(holes, SIGNATURE), TRUE, atol=0.005)
    assert residual(holes, SIGNATURE, TRUE).max() < 1e-9


def test_the_residual_is_zero_for_the_truth_and_grows_with_noise():
    np.testing.assert_allclose(rebuilt(SAMPLES * 5, SIGNATURE, TRUE), SAMPLES * 5)
    noise = np.random.default_rng(0).normal(0, 1, SAMPLES.shape)
    some, more = (residual(SAMPLES * np.exp(sd * noise), SIGNATURE, TRUE).mean() for sd in (0.2, 0.8))
    assert 0 < some < more
    assert some == pytest.approx(0.2 * np.sqrt(2 / np.pi), rel=0.1)


def test_the_constant_is_the_same_for_every_sample():
    np.testing.assert_allclose(constant(2, np.array([30, 10])), [[0.75, 0.25], [0.75, 0.25]])
