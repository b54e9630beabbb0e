"""The dispersion that genes of one mean have in common, and how far a gene may be from it."""

from __future__ import annotations

import numpy as np

LEAST_SPREAD = 0.1
"""Least variance of log theta around its trend that is believed, so that no gene is tied to it."""
GENES_PER_TERM = 10
ROUNDS = 3


def shrinkage(log_means: np.ndarray, log_theta: np.ndarray, variance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The normal prior of each gene's log theta.

    The trend is a polynomial of up to the second degree in the log mean, fitted with weights that count a gene the less
    the less its own counts say. What is left of the squared distances from it beyond the sampling variances is the
    variance of the prior.

    Parameters
    ----------
    log_means
        (n_genes,), log of the mean count over all cells.
    log_theta
        (n_genes,), from the gene's own counts.
    variance
        (n_genes,), sampling variance of ``log_theta``.

    Returns
    -------
    Mean (n_genes,) and precision (n_genes,) of each gene's prior.

    Source: Robinson and Smyth 2007, who weigh a common likelihood; the moments of the spread are our own choice.
    """
    degree = int(np.clip(len(log_means) // GENES_PER_TERM - 1, 0, 2))
    spread = 1.0
    trend = np.zeros_like(log_means)
    for _ in range(ROUNDS):
        weight = 1 / (spread + variance)
        trend = np.polyval(np.polyfit(log_means, log_theta, degree, w=np.sqrt(weight)), log_means)
        beyond = (log_theta - trend) ** 2 - variance
        spread = max(LEAST_SPREAD, float((weight**2 * beyond).sum() / (weight**2).sum()))
    return trend, np.full(len(trend), 1 / spread)
