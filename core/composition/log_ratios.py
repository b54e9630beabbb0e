"""Centred log-ratios of shares, which are free of the sum to one."""

from __future__ import annotations

import numpy as np

SMALLEST_SHARE = 0.001
"""Shares below count as this much: the logarithm of an estimate near zero would outweigh all else."""


def centred_log_ratios(shares: np.ndarray, smallest: float = SMALLEST_SHARE) -> np.ndarray:
    """The natural logarithm of each share over the geometric mean of its sample's shares.

    Parameters
    ----------
    shares
        (..., n_types), non-negative.
    smallest
        Smaller shares, zeros among them, are raised to this; the ratio of the others to each other stays.

    Returns
    -------
    (..., n_types), which sum to zero.

    Source: Aitchison 1982; zeros are replaced as in Martin-Fernandez et al. 2003.
    """
    logs = np.log(np.maximum(shares, smallest))
    return logs - logs.mean(axis=-1, keepdims=True)
