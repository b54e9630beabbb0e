"""Intervals around proportions, by split-conformal prediction."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.errors import DataError

SMALLEST_SCALE = 0.05


@dataclass(frozen=True)
class Conformal:
    """Interval sizes learned from held-out mixtures.

    Attributes
    ----------
    sizes
        (n_types,), half-width of the interval in units of ``scale``.
    level
        Share of true values that the intervals hold, where samples resemble the held-out mixtures.
    """

    sizes: np.ndarray
    level: float

    def around(self, proportions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Low and high end for each sample and type, both (n_samples, n_types), within 0 and 1."""
        half = self.sizes * scale(proportions)
        return np.clip(proportions - half, 0, 1), np.clip(proportions + half, 0, 1)


def conformal(predicted: np.ndarray, truth: np.ndarray, level: float) -> Conformal:
    """Learn the sizes, type by type: the quantile of the scaled error that holds for one more exchangeable sample.

    Parameters
    ----------
    predicted, truth
        (n_mixtures, n_types), proportions of held-out mixtures whose cells no member was trained on.
    level
        0 to 1.

    Raises
    ------
    DataError
        If there are too few mixtures for the level.

    Source: split-conformal prediction with a scaled error (Lei et al. 2018, section 5.2).
    """
    n = len(truth)
    rank = int(np.ceil((n + 1) * level))
    if rank > n:
        needed = int(np.ceil(level / (1 - level)))
        raise DataError(
            f"Intervals at level {level:g} need at least {needed} held-out mixtures", n, "Simulate more mixtures"
        )
    errors = np.abs(predicted - truth) / scale(predicted)
    return Conformal(np.sort(errors, axis=0)[rank - 1], level)


def scale(proportions: np.ndarray) -> np.ndarray:
    """Expected size of an error, up to a factor: sqrt(p (1 - p)) as for counted cells, but never below 0.05."""
    return np.maximum(np.sqrt(np.clip(proportions * (1 - proportions), 0, None)), SMALLEST_SCALE)


def coverage(low: np.ndarray, high: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """(n_types,), share of samples whose true proportion lies within the interval."""
    return ((truth >= low) & (truth <= high)).mean(axis=0)
