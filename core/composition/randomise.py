"""Domain randomisation: gene-wise factors that imitate another protocol, donor or laboratory."""

from __future__ import annotations

import numpy as np

GROUP = 16


def gene_factors(
    n: int,
    n_genes: int,
    factor_sd: float,
    jitter_sd: float,
    rng: np.random.Generator,
    group: int = GROUP,
    *,
    graded: bool = False,
) -> np.ndarray:
    """Log-normal factors: one set of gene factors for each group of samples, and a small one for each sample.

    Parameters
    ----------
    n
        Samples.
    factor_sd
        Standard deviation of the natural logarithm of the factors that a group shares.
    jitter_sd
        The same for each sample's own factors.
    group
        Samples that share a set of gene factors.
    graded
        Each group has a standard deviation of its own, uniform from 0 to ``factor_sd``.

    Returns
    -------
    (n, n_genes), float32, positive; median 1.
    """
    logs = np.zeros((n, n_genes), dtype=np.float32)
    if factor_sd > 0:
        groups = -(-n // group)
        shared = rng.standard_normal((groups, n_genes), dtype=np.float32) * np.float32(factor_sd)
        if graded:
            shared *= rng.random((groups, 1), dtype=np.float32)
        logs += np.repeat(shared, group, axis=0)[:n]
    if jitter_sd > 0:
        logs += rng.standard_normal((n, n_genes), dtype=np.float32) * np.float32(jitter_sd)
    return np.exp(logs, out=logs)


def randomised(
    samples: np.ndarray,
    factor_sd: float,
    jitter_sd: float,
    rng: np.random.Generator,
    group: int = GROUP,
    *,
    graded: bool = False,
) -> np.ndarray:
    """``samples`` (n, n_genes), linear values, times random ``gene_factors``; as they are where both spreads are 0."""
    if factor_sd == 0 and jitter_sd == 0:
        return samples
    return samples * gene_factors(len(samples), samples.shape[1], factor_sd, jitter_sd, rng, group, graded=graded)


def lost_genes(n: int, n_genes: int, largest: float, rng: np.random.Generator, group: int = GROUP) -> np.ndarray:
    """(n, n_genes), True where a gene is not measured: each group of samples lacks a share from 0 to ``largest``."""
    groups = -(-n // group)
    lost = rng.random((groups, n_genes), dtype=np.float32) < rng.uniform(0, largest, size=(groups, 1))
    return np.repeat(lost, group, axis=0)[:n]
