"""Linear models of a mixture: least squares without negative shares, and a multinomial model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import cholesky, solve_triangular
from scipy.optimize import nnls

if TYPE_CHECKING:
    from core.composition.signature import Signature

FLOOR = 0.03
"""Smallest expression told from zero, in mean expressions of the sample: relative errors mean little below it."""
OUTLIER = 0.5
"""Log ratio of measured to rebuilt beyond which a gene's weight falls."""
ROUNDS = 10
EM_ROUNDS = 500
EM_TOLERANCE = 1e-7
RIDGE = 1e-8


def least_squares(samples: np.ndarray, signature: Signature) -> np.ndarray:
    """Cell proportions by non-negative least squares, every gene in its own units.

    Parameters
    ----------
    samples
        (n_samples, n_genes), linear values of any total.
    signature
        Mean counts per cell of each type: as its columns count the mRNA of whole cells, the solution counts cells.

    Returns
    -------
    (n_samples, n_types), rows sum to one.
    """
    return _closed(np.array([nnls(signature.profiles, sample)[0] for sample in samples]))


def weighted_least_squares(
    samples: np.ndarray, signature: Signature, *, floor: float = FLOOR, outlier: float = OUTLIER
) -> np.ndarray:
    """Cell proportions by non-negative least squares on relative errors, outlying genes weighing less.

    Each round divides every gene's error by what the last round rebuilt and, where measured and rebuilt differ by more
    than ``outlier`` on the log scale, by that log ratio. So neither the highest genes nor those that another protocol
    measures differently decide. Rounds are averaged with the one before (half and half), which keeps them from
    swinging.

    Parameters
    ----------
    samples
        (n_samples, n_genes), linear values of any total; NaN where a gene was not measured.
    signature
        Mean counts per cell of each type.
    floor
        Added to both sides of the log ratio, in mean expressions of the sample.
    outlier
        Log ratio (natural) up to which a gene keeps its weight.

    Returns
    -------
    (n_samples, n_types), rows sum to one.

    Source: weights as in dampened weighted least squares and MuSiC, here within each sample; Huber's weight function.
    """
    n_types = signature.n_types
    shares = np.full((len(samples), n_types), 1 / n_types)
    for _ in range(ROUNDS):
        weights = _weights(samples, rebuilt(samples, signature, shares), floor, outlier)
        pairs = zip(np.nan_to_num(samples), np.square(weights), strict=True)
        solved = np.array([_solve(signature.profiles, sample, weight) for sample, weight in pairs])
        shares = (shares + _closed(solved)) / 2
    return shares


def multinomial(samples: np.ndarray, signature: Signature) -> np.ndarray:
    """Cell proportions by maximum likelihood: every read belongs to a type, found by expectation-maximisation.

    The model finds shares of the reads; dividing by the counts per cell turns them into shares of the cells.

    Parameters
    ----------
    samples
        (n_samples, n_genes), linear values of any total.

    Returns
    -------
    (n_samples, n_types), rows sum to one.
    """
    profile = signature.shares
    reads = np.full((len(samples), signature.n_types), 1 / signature.n_types)
    parts = samples / np.maximum(samples.sum(axis=1, keepdims=True), np.finfo(float).tiny)
    for _ in range(EM_ROUNDS):
        ratio = np.divide(parts, reads @ profile.T, out=np.zeros_like(parts, dtype=float), where=parts > 0)
        before, reads = reads, _closed(reads * (ratio @ profile))
        if np.abs(reads - before).max() < EM_TOLERANCE:
            break
    return _closed(reads / signature.profiles.sum(axis=0))


def constant(n_samples: int, frequencies: np.ndarray) -> np.ndarray:
    """The floor every method must beat: the reference's own frequencies for every sample, (n_samples, n_types)."""
    return np.tile(frequencies / frequencies.sum(), (n_samples, 1))


def rebuilt(samples: np.ndarray, signature: Signature, shares: np.ndarray) -> np.ndarray:
    """What ``shares`` say the samples should measure, brought to each sample's level by the median gene.

    Returns
    -------
    (n_samples, n_genes), in the units of ``samples``.
    """
    expected = shares @ signature.profiles.T
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(expected > 0, samples / expected, np.nan)
    ratio[ratio == 0] = np.nan  # genes that were not seen say nothing about the level
    level = np.array([np.median(row[~np.isnan(row)]) if (~np.isnan(row)).any() else 1.0 for row in ratio])
    return expected * level[:, None]


def residual(samples: np.ndarray, signature: Signature, shares: np.ndarray, floor: float = FLOOR) -> np.ndarray:
    """How far ``shares`` are from rebuilding each sample.

    Returns
    -------
    (n_samples,), mean absolute log ratio (natural) of measured to rebuilt over the genes measured.
    """
    return np.nanmean(np.abs(_log_ratio(samples, rebuilt(samples, signature, shares), floor)), axis=1)


def _weights(samples: np.ndarray, expected: np.ndarray, floor: float, outlier: float) -> np.ndarray:
    ratio = np.abs(np.nan_to_num(_log_ratio(samples, expected, floor)))
    level = expected + floor * expected.mean(axis=1, keepdims=True)
    weights = 1 / (level * np.maximum(ratio, outlier))
    return np.where(np.isnan(samples), 0.0, weights / weights.mean(axis=1, keepdims=True))


def _log_ratio(samples: np.ndarray, expected: np.ndarray, floor: float) -> np.ndarray:
    small = floor * expected.mean(axis=1, keepdims=True)
    return np.log((samples + small) / (expected + small))


def _solve(profiles: np.ndarray, sample: np.ndarray, weights: np.ndarray) -> np.ndarray:
    # the normal equations of few types: thousands of genes enter once, not in every step of the active set
    weighted = profiles * weights[:, None]
    gram = profiles.T @ weighted
    gram[np.diag_indices_from(gram)] += RIDGE * np.trace(gram)
    root = cholesky(gram)
    return nnls(root, solve_triangular(root, weighted.T @ sample, trans=1))[0]


def _closed(weights: np.ndarray) -> np.ndarray:
    total = weights.sum(axis=1, keepdims=True)
    return np.divide(weights, total, out=np.full(weights.shape, 1 / weights.shape[1]), where=total > 0)
