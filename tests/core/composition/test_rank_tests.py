"""Rank tests against scipy, statsmodels and enumeration."""

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from core.composition import rank_tests as ranks

RNG = np.random.default_rng(0)


@pytest.mark.parametrize(("n", "m"), [(3, 4), (8, 20), (12, 15)])
def test_mann_whitney_is_scipy_s_row_by_row(n, m):
    first, second = RNG.normal(size=(6, n)), RNG.normal(0.5, size=(6, m))
    second[3] = np.round(second[3])  # ties, so that this row alone is not exact
    found = ranks.mann_whitney(first, second)
    for row in range(6):
        theirs = stats.mannwhitneyu(second[row], first[row])
        assert found.statistic[row] == theirs.statistic
        assert found.p[row] == pytest.approx(theirs.pvalue, rel=1e-12)
        above = np.mean(np.sign(second[row][:, None] - first[row]))
        assert found.effect[row] == pytest.approx(above)


def test_signed_rank_is_scipy_s_without_ties():
    difference = RNG.normal(0.3, size=(5, 9))
    found = ranks.signed_rank(difference)
    for row in range(5):
        theirs = stats.wilcoxon(difference[row], alternative="two-sided")
        assert min(found.statistic[row], 45 - found.statistic[row]) == theirs.statistic
        assert found.p[row] == pytest.approx(theirs.pvalue, rel=1e-12)
    ties = np.array([1.0, 1.0, -1.0, 2.0, 0.0, 3.0])
    assert ranks.signed_rank(ties).p == pytest.approx(stats.wilcoxon(ties, method="asymptotic").pvalue)


def test_kruskal_wallis_and_its_effect():
    groups = [RNG.normal(size=(4, n)) for n in (3, 5, 7)]
    found = ranks.kruskal_wallis(groups)
    for row in range(4):
        theirs = stats.kruskal(*(group[row] for group in groups))
        assert found.statistic[row] == pytest.approx(theirs.statistic)
        assert found.p[row] == pytest.approx(theirs.pvalue)
        assert found.effect[row] == pytest.approx(theirs.statistic / 14)


def test_dunn_by_hand():
    found = ranks.dunn([np.array([1.0, 2, 3]), np.array([4.0, 5, 6]), np.array([7.0, 8, 9])])
    spread = np.sqrt(9 * 10 / 12 * (2 / 3))
    assert found == pytest.approx(
        {
            (0, 1): 2 * stats.norm.sf(3 / spread),
            (0, 2): 2 * stats.norm.sf(6 / spread),
            (1, 2): 2 * stats.norm.sf(3 / spread),
        }
    )
    assert np.isnan(ranks.dunn([np.zeros(3), np.zeros(3)])[0, 1])


def test_dunn_of_two_groups_is_kruskal_wallis():
    first, second = np.array([1.0, 2, 2, 3]), np.array([2.0, 3, 3, 4, 5])
    assert ranks.dunn([first, second])[0, 1] == pytest.approx(stats.kruskal(first, second).pvalue)


def test_spearman_is_scipy_s_and_its_interval_holds_rho():
    numbers, values = RNG.normal(size=20), RNG.normal(size=(3, 20))
    values[1] = np.round(values[1])
    found = ranks.spearman(numbers, values)
    for row in range(3):
        theirs = stats.spearmanr(numbers, values[row])
        assert (found.effect[row], found.p[row]) == pytest.approx((theirs.statistic, theirs.pvalue))
        low, high = ranks.rho_interval(float(found.effect[row]), 20)
        assert low < found.effect[row] < high
    assert np.isnan(ranks.rho_interval(0.5, 3)).all()


def test_values_that_are_all_alike_are_not_tested():
    same = np.ones((2, 5))
    for found in (
        ranks.mann_whitney(same, same),
        ranks.signed_rank(same * 0),
        ranks.kruskal_wallis([same, same, same]),
        ranks.spearman(np.arange(5.0), same),
    ):
        assert np.isnan(found.p).all() and (found.effect == 0).all()


def test_counts_of_orders_are_those_of_enumeration():
    for n, m in ((3, 3), (4, 5), (2, 6)):
        u = [sum(chosen) - n * (n - 1) // 2 for chosen in combinations(range(n + m), n)]
        np.testing.assert_array_equal(ranks._u_counts(n, m), np.bincount(u, minlength=n * m + 1))
    w = [
        sum(rank for rank, sign in zip(range(1, 6), signs, strict=True) if sign) for signs in product((0, 1), repeat=5)
    ]
    np.testing.assert_array_equal(ranks._w_counts(5), np.bincount(w))


def test_the_shift_of_known_groups():
    first, second = np.array([1.0, 2, 3, 4, 5]), np.array([11.0, 12, 13, 14, 15])
    shift = ranks.shift_of_groups(first, second)
    # U is 2 or less in 4 of 252 orders and 3 or less in 7, so the interval ends at the third difference from either end
    assert (shift.estimate, shift.low, shift.high) == (10, 7, 13)
    few = ranks.shift_of_groups(first[:3], second[:3])
    assert few.estimate == 10 and np.isnan([few.low, few.high]).all()


def test_the_shift_of_known_pairs():
    # W is 3 or less in 5 of 256 choices of signs and 4 or less in 7, so the interval ends at the fourth mean: 2
    shift = ranks.shift_of_pairs(np.arange(1.0, 9))
    assert (shift.estimate, shift.low, shift.high) == (4.5, 2, 7)


@given(st.integers(4, 12), st.integers(4, 12), st.floats(-2, 2), st.integers(0, 10_000))
def test_the_interval_leaves_out_zero_where_the_test_is_below_5_percent(n, m, shift, seed):
    rng = np.random.default_rng(seed)
    first, second = rng.normal(size=n), rng.normal(shift, size=m)
    p = stats.mannwhitneyu(first, second, method="exact").pvalue
    found = ranks.shift_of_groups(first, second)
    assert (found.low > 0 or found.high < 0) == (p <= 0.05)
    pairs = rng.normal(shift, size=max(n, 6))
    p = stats.wilcoxon(pairs, method="exact").pvalue
    found = ranks.shift_of_pairs(pairs)
    assert (found.low > 0 or found.high < 0) == (p <= 0.05)


def test_large_groups_take_a_normal_interval_near_the_exact_one(monkeypatch):
    first, second = RNG.normal(size=45), RNG.normal(1, size=45)
    exact = ranks.shift_of_groups(first, second), ranks.shift_of_pairs(second - first)
    monkeypatch.setattr(ranks, "EXACT_SIZE", 0)
    normal = ranks.shift_of_groups(first, second), ranks.shift_of_pairs(second - first)
    for one, other in zip(exact, normal, strict=True):
        np.testing.assert_allclose([one.low, one.high], [other.low, other.high], atol=0.02)


def test_the_smallest_p():
    assert ranks.smallest_p(3, 3) == pytest.approx(stats.mannwhitneyu([1, 2, 3], [4, 5, 6], method="exact").pvalue)
    assert ranks.smallest_p(5) == pytest.approx(stats.wilcoxon([1.0, 2, 3, 4, 5], method="exact").pvalue)
