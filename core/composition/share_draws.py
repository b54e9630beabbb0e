"""Shares drawn anew within their intervals, to see what of a finding depends on how sure they are."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy import stats

AT_ONCE = 4_000_000
"""Shares that are drawn in one go: about 32 MB."""


def share_draws(
    shares: np.ndarray, low: np.ndarray, high: np.ndarray, level: float, draws: int, rng: np.random.Generator
) -> Iterator[np.ndarray]:
    """Blocks of draws of all shares, each share from a normal with its own spread below and above.

    The two spreads are such that the interval holds ``level`` of the draws. Negative draws become zero, and the shares
    of a sample are scaled to sum to one. Each share is drawn by itself: an error that all samples have in common is
    none that a difference between them could come from.

    Parameters
    ----------
    shares, low, high
        (n_samples, n_types), estimates and the ends of their intervals.
    level
        Share of true values that the intervals hold, 0 to 1.
    draws
        How many.
    rng
        Where chance comes from.

    Yields
    ------
    (n_draws of the block, n_samples, n_types), rows sum to one.
    """
    reach = stats.norm.ppf((1 + level) / 2)
    below, above = np.maximum(shares - low, 0) / reach, np.maximum(high - shares, 0) / reach
    block = max(1, AT_ONCE // max(1, shares.size))
    for start in range(0, draws, block):
        noise = rng.standard_normal((min(block, draws - start), *shares.shape))
        drawn = np.clip(shares + noise * np.where(noise < 0, below, above), 0, None)
        total = drawn.sum(axis=-1, keepdims=True)
        yield np.where(total > 0, drawn / np.where(total > 0, total, 1), shares)
