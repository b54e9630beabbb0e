"""Tests by ranks along the last axis, with effect sizes and exact intervals of a shift."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy import stats

EXACT_GROUP = 8
"""The smaller of two groups up to which a p is exact, as in scipy, where no two values are alike."""
EXACT_PAIRS = 50
EXACT_SIZE = 50
"""Values in a group up to which the interval of a shift is exact."""
LEVEL = 0.95


@dataclass(frozen=True)
class Tested:
    """What a test says, one entry for each row of values.

    Attributes
    ----------
    statistic
        U of the second group, W+, H or rho.
    p
        Two-sided; NaN where all values are alike.
    effect
        Rank-biserial correlation (-1 to 1, above 0 where the second group is higher), epsilon squared (0 to 1) or rho.
    """

    statistic: np.ndarray
    p: np.ndarray
    effect: np.ndarray


@dataclass(frozen=True)
class Shift:
    """By how much one group is higher, with a 95 % interval; its ends are NaN where there are too few values."""

    estimate: float
    low: float
    high: float


def mann_whitney(first: np.ndarray, second: np.ndarray) -> Tested:
    """Mann-Whitney U test of (..., n) against (..., m).

    p is exact without ties where a group has at most eight values, else normal, corrected for ties and continuity.

    Source: Mann and Whitney 1947; effect size of Kerby 2014 (simple difference formula).
    """
    n, m = first.shape[-1], second.shape[-1]
    both = np.concatenate([first, second], axis=-1)
    exact = ~_tied(both) & (min(n, m) <= EXACT_GROUP)
    result = _by_rows(exact, lambda rows, method: stats.mannwhitneyu(second[rows], first[rows], axis=-1, method=method))
    return Tested(result[0], np.where(_constant(both), np.nan, result[1]), 2 * result[0] / (n * m) - 1)


def signed_rank(difference: np.ndarray) -> Tested:
    """Wilcoxon signed-rank test of (..., n) differences of pairs against zero.

    p is exact for up to 50 pairs without ties and zeros, else normal with a correction for ties; zeros are left out.

    Source: Wilcoxon 1945; matched-pairs rank-biserial correlation of Kerby 2014.
    """
    size = np.abs(difference)
    zero = (difference == 0).any(axis=-1)
    exact = ~zero & ~_tied(size) & (difference.shape[-1] <= EXACT_PAIRS)
    ranks = stats.rankdata(np.where(difference == 0, np.nan, size), axis=-1, nan_policy="omit")
    ranks = np.nan_to_num(ranks)
    above, below = (ranks * (difference > 0)).sum(axis=-1), (ranks * (difference < 0)).sum(axis=-1)
    nothing = (difference == 0).all(axis=-1)
    safe = np.where(nothing[..., None], np.arange(1.0, difference.shape[-1] + 1), difference)
    found = _by_rows(exact, lambda rows, method: stats.wilcoxon(safe[rows], axis=-1, method=method))
    total = np.where(nothing, 1, above + below)
    return Tested(above, np.where(nothing, np.nan, found[1]), (above - below) / total)


def kruskal_wallis(groups: Sequence[np.ndarray]) -> Tested:
    """Kruskal-Wallis H test of three or more groups, each (..., n of the group), with epsilon squared H / (n - 1).

    Source: Kruskal and Wallis 1952; effect size of Tomczak and Tomczak 2014.
    """
    together = np.concatenate(list(groups), axis=-1)
    constant = _constant(together)
    # scipy divides by zero where all values are alike
    safe = np.where(constant[..., None], np.arange(together.shape[-1], dtype=float), together)
    found = stats.kruskal(*np.split(safe, np.cumsum([group.shape[-1] for group in groups])[:-1], axis=-1), axis=-1)
    statistic = np.where(constant, 0.0, found.statistic)
    return Tested(statistic, np.where(constant, np.nan, found.pvalue), statistic / (together.shape[-1] - 1))


def dunn(groups: Sequence[np.ndarray]) -> dict[tuple[int, int], float]:
    """Each pair of ``groups``, by number, with its p from the ranks of all; not adjusted, NaN where all are alike.

    Each group is (n,).

    Source: Dunn 1964, with the correction for ties.
    """
    sizes = [len(group) for group in groups]
    values = np.concatenate(list(groups))
    n = len(values)
    _, ties = np.unique(values, return_counts=True)
    variance = n * (n + 1) / 12 - float((ties**3 - ties).sum()) / (12 * (n - 1))
    means = [part.mean() for part in np.split(stats.rankdata(values), np.cumsum(sizes)[:-1])]
    found = {}
    for a, b in combinations(range(len(groups)), 2):
        spread = np.sqrt(max(variance, 0.0) * (1 / sizes[a] + 1 / sizes[b]))
        found[a, b] = float(2 * stats.norm.sf(abs(means[a] - means[b]) / spread)) if spread > 0 else float("nan")
    return found


def spearman(numbers: np.ndarray, values: np.ndarray) -> Tested:
    """Spearman's rho of (n,) with each row of (..., n); p from Student's t with n - 2 degrees of freedom."""
    n = len(numbers)
    one, other = _standardised(stats.rankdata(numbers)), _standardised(stats.rankdata(values, axis=-1))
    rho = np.clip((one * other).mean(axis=-1), -1, 1)
    with np.errstate(divide="ignore"):
        p = 2 * stats.t.sf(np.abs(rho) * np.sqrt((n - 2) / ((1 - rho) * (1 + rho))), n - 2)
    return Tested(rho, np.where(_constant(values) | (np.ptp(numbers) == 0), np.nan, p), rho)


def rho_interval(rho: float, n: int, level: float = LEVEL) -> tuple[float, float]:
    """Ends of an interval of Spearman's rho from ``n`` pairs; NaN for fewer than four.

    Source: Bonett and Wright 2000.
    """
    if n < 4 or abs(rho) >= 1:
        return float("nan"), float("nan")
    reach = stats.norm.ppf((1 + level) / 2) * np.sqrt((1 + rho**2 / 2) / (n - 3))
    return float(np.tanh(np.arctanh(rho) - reach)), float(np.tanh(np.arctanh(rho) + reach))


def shift_of_groups(first: np.ndarray, second: np.ndarray, level: float = LEVEL) -> Shift:
    """Hodges-Lehmann difference of (m,) ``second`` from (n,) ``first``: the median of all differences of a pair.

    The interval is the Mann-Whitney test turned round, exact for up to 50 values in a group.

    Source: Hodges and Lehmann 1963.
    """
    n, m = len(first), len(second)
    differences = np.sort((second[:, None] - first[None, :]).ravel())
    exact = max(n, m) <= EXACT_SIZE
    rank = _quantile(_u_counts(n, m), level) if exact else _normal(n * m / 2, n * m * (n + m + 1) / 12, level)
    return _around(differences, rank)


def shift_of_pairs(difference: np.ndarray, level: float = LEVEL) -> Shift:
    """Hodges-Lehmann pseudo-median of (n,) differences of pairs: the median of the means of all pairs of them.

    The interval is the signed-rank test turned round, exact for up to 50 pairs.

    Source: Hodges and Lehmann 1963.
    """
    n = len(difference)
    rows, columns = np.triu_indices(n)
    means = np.sort((difference[rows] + difference[columns]) / 2)
    exact = n <= EXACT_SIZE
    rank = _quantile(_w_counts(n), level) if exact else _normal(len(means) / 2, n * (n + 1) * (2 * n + 1) / 24, level)
    return _around(means, rank)


def smallest_p(n: int, m: int = 0) -> float:
    """The smallest exact p of a test of groups of ``n`` and ``m`` values; without ``m``, of ``n`` pairs."""
    return float(2 / _u_counts(n, m).sum()) if m else 2.0 ** (1 - n)


def _by_rows(exact: np.ndarray, test: Callable) -> tuple[np.ndarray, np.ndarray]:
    """Statistic and p of each row, by the exact method where ``exact`` says so, else by the asymptotic one."""
    statistic, p = np.zeros(exact.shape), np.ones(exact.shape)
    for method, rows in (("exact", exact), ("asymptotic", ~exact)):
        if rows.any():
            found = test(rows, method)
            statistic[rows], p[rows] = found.statistic, found.pvalue
    return statistic, p


def _tied(values: np.ndarray) -> np.ndarray:
    return (np.diff(np.sort(values, axis=-1), axis=-1) == 0).any(axis=-1)


def _constant(values: np.ndarray) -> np.ndarray:
    return np.ptp(values, axis=-1) == 0


def _standardised(values: np.ndarray) -> np.ndarray:
    spread = values.std(axis=-1, keepdims=True)
    return (values - values.mean(axis=-1, keepdims=True)) / np.where(spread > 0, spread, 1)


def _around(ordered: np.ndarray, rank: int) -> Shift:
    """The median of ``ordered`` values, and those ``rank`` from both ends."""
    if not 1 <= rank <= len(ordered) // 2:
        return Shift(float(np.median(ordered)), float("nan"), float("nan"))
    return Shift(float(np.median(ordered)), float(ordered[rank - 1]), float(ordered[-rank]))


def _quantile(counts: np.ndarray, level: float) -> int:
    """The largest rank whose interval holds the true value at least as often as ``level`` says; 0 where none does."""
    below = np.cumsum(counts) / counts.sum()
    return int(np.searchsorted(below, (1 - level) / 2, side="right"))


def _normal(mean: float, variance: float, level: float) -> int:
    return int(np.floor(mean - stats.norm.ppf((1 + level) / 2) * np.sqrt(variance)))


def _u_counts(n: int, m: int) -> np.ndarray:
    """(n m + 1,), in how many orders of ``n`` and ``m`` values U is 0, 1, 2 ..."""
    counts = np.zeros(n * m + 1)
    counts[0] = 1
    for i in range(1, m + 1):
        step = n + i
        if step <= n * m:
            counts[step:] -= counts[:-step].copy()
        for start in range(i):
            counts[start::i] = np.cumsum(counts[start::i])
    return counts


def _w_counts(n: int) -> np.ndarray:
    """(n (n + 1) / 2 + 1,), in how many choices of signs the sum of the ranks above zero is 0, 1, 2 ..."""
    counts = np.zeros(n * (n + 1) // 2 + 1)
    counts[0] = 1
    for rank in range(1, n + 1):
        counts[rank:] += counts[:-rank].copy()
    return counts
