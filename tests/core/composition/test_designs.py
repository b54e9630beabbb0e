"""Proportions of simulated mixtures."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.composition import designs
from core.composition.priors import guessed_ranges

RANGES = np.array([[30, 60], [10, 30], [1, 10], [0, 5]])


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@given(st.integers(20, 300), st.integers(2, 12), st.floats(0, 1), st.integers(0, 100))
@settings(max_examples=40)
def test_six_sets_are_whole_percent_that_sum_to_100(n, n_types, sparsity, seed):
    ranges = guessed_ranges(np.full(n_types, 1 / n_types))
    proportions, design = designs.six_sets(n, ranges, sparsity, rng(seed))
    assert proportions.shape == (n, n_types)
    assert proportions.dtype == np.int64
    assert proportions.min() >= 0
    assert (proportions.sum(axis=1) == 100).all()
    assert len(design) == n


def test_the_sets_have_their_published_shares():
    _, design = designs.six_sets(1000, RANGES, 0.5, rng())
    assert np.bincount(design).tolist() == [100, 50, 200, 150, 350, 150]


def test_without_exclusion_the_first_set_stays_near_its_ranges():
    proportions, design = designs.six_sets(4000, np.array([[50, 50], [25, 25], [25, 25]]), 0.0, rng())
    assert (proportions[design == 0] == [50, 25, 25]).all()
    assert (np.sort(proportions[design == 1], axis=1) == [25, 25, 50]).all()
    assert np.unique(proportions[design == 1].argmax(axis=1)).tolist() == [0, 1, 2]


def test_pure_mixtures_hold_each_type_equally_often():
    proportions, design = designs.six_sets(1000, RANGES[:3], 0.5, rng())
    pure = proportions[design == 5]
    assert (pure.max(axis=1) == 100).all()
    assert pure.sum(axis=0).tolist() == [5000, 5000, 5000]


def test_exclusion_drops_from_one_to_all_but_one_type_in_the_given_share_of_mixtures():
    allowed = designs.excluded(20_000, 5, 0.5, rng())
    absent = (~allowed).sum(axis=1)
    assert absent.max() == 4
    counts = np.bincount(absent, minlength=5) / len(absent)
    np.testing.assert_allclose(counts, [0.5, 0.125, 0.125, 0.125, 0.125], atol=0.02)
    assert designs.excluded(5, 4, 0.0, rng()).all()
    assert designs.excluded(5, 1, 1.0, rng()).all()


def test_excluded_types_get_nothing():
    allowed = designs.excluded(500, 6, 1.0, rng())
    for proportions in (
        designs.percent(rng(1).random((500, 6)), allowed, rng()),
        designs.broken_stick(allowed, rng()),
    ):
        assert (proportions[~allowed] == 0).all()
        assert (proportions.sum(axis=1) == 100).all()


def test_percent_keeps_exact_percentages_and_settles_the_rest_on_types_that_occur():
    exact = np.array([[0.5, 0.3, 0.2]])
    assert designs.percent(exact, np.ones((1, 3), bool), rng()).tolist() == [[50, 30, 20]]
    thirds = designs.percent(np.ones((200, 3)), np.ones((200, 3), bool), rng())
    assert (np.sort(thirds, axis=1) == [33, 33, 34]).all()
    assert set(thirds.argmax(axis=1)) == {0, 1, 2}


def test_percent_of_nothing_is_shared_among_the_allowed():
    assert designs.percent(np.zeros((1, 3)), np.array([[True, True, False]]), rng()).tolist() == [[50, 50, 0]]


def test_percent_of_many_types_never_goes_below_zero():
    many = designs.percent(np.ones((20, 28)), np.ones((20, 28), bool), rng())  # 3.57 each rounds up: 12 too many
    assert many.min() >= 0
    assert (many.sum(axis=1) == 100).all()


def test_the_dirichlet_design_has_absent_types_single_types_and_the_reference_as_mean():
    frequencies = np.array([0.5, 0.3, 0.1, 0.05, 0.03, 0.02])
    proportions, design = designs.dirichlet(40_000, frequencies, rng())
    np.testing.assert_allclose(proportions.sum(axis=1), 1)
    assert (proportions[design == 2].max(axis=1) == 1).all()
    np.testing.assert_allclose(np.bincount(design) / len(design), [0.475, 0.475, 0.05], atol=0.01)
    assert (proportions[design == 0] == 0).mean() == pytest.approx(designs.TYPE_DROP, abs=0.01)
    np.testing.assert_allclose(proportions[design == 0].mean(axis=0), 1 / 6, atol=0.01)
    np.testing.assert_allclose(proportions[design == 1].mean(axis=0), frequencies, atol=0.05)


@given(st.lists(st.integers(0, 50), min_size=2, max_size=8).filter(any), st.integers(0, 500))
def test_whole_parts_meet_the_total_and_stay_within_one_of_the_exact_share(weights, total):
    weights = np.array([weights], dtype=float)
    parts = designs.whole_parts(weights, np.array([total]))
    assert parts.sum() == total
    assert np.abs(parts - total * weights / weights.sum()).max() < 1 + 1e-6
    assert (parts[weights == 0] == 0).all()


def test_scaden_mixes_all_types_in_one_half_and_some_in_the_other():
    shares, design = designs.scaden(4000, 5, np.random.default_rng(0))
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    present = (shares > 0).sum(axis=1)
    assert (present[design == 0] == 5).all() and (design == 0).sum() == 2000
    assert set(present[design == 1]) == {1, 2, 3, 4}
    np.testing.assert_allclose(np.bincount(present[design == 1])[1:] / 2000, 0.25, atol=0.04)
