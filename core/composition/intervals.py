"""Intervals around proportions, by split-conformal prediction."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.errors import DataError

SMALLEST_SCALE = 0.05
BANDS = 8
"""Groups of held-out mixtures that are rebuilt equally well, each with interval sizes of its own."""


@dataclass(frozen=True)
class Conformal:
    """Interval sizes learned from held-out mixtures.

    Attributes
    ----------
    sizes
        (n_types,), half-width of the interval in units of ``scale``; (n_bands, n_types) where it grows with how badly
        a sample is rebuilt.
    level
        Share of true values that the intervals hold, where samples resemble the held-out mixtures.
    residuals
        (n_bands,), the typical residual of each band, increasing; None where all samples have the same sizes.
    """

    sizes: np.ndarray
    level: float
    residuals: np.ndarray | None = None

    def around(self, proportions: np.ndarray, residual: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Low and high end for each sample and type, both (n_samples, n_types), within 0 and 1.

        Parameters
        ----------
        proportions
            (n_samples, n_types).
        residual
            (n_samples,), how badly each sample is rebuilt.
        """
        half = self.sizes_at(residual) * scale(proportions)
        return np.clip(proportions - half, 0, 1), np.clip(proportions + half, 0, 1)

    def sizes_at(self, residual: np.ndarray) -> np.ndarray:
        """(n_samples, n_types), sizes for samples of these residuals.

        Between two bands they are interpolated; beyond the last they grow in proportion to the residual.
        """
        if self.residuals is None:
            return np.broadcast_to(self.sizes, (len(residual), self.sizes.shape[-1]))
        found = np.stack([np.interp(residual, self.residuals, sizes) for sizes in self.sizes.T], axis=1)
        return found * np.maximum(1, residual / self.residuals[-1])[:, None]


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
        said = f"Intervals at level {level:g} need at least {_fewest(level)} held-out mixtures"
        raise DataError(said, n, "Simulate more mixtures")
    errors = np.abs(predicted - truth) / scale(predicted)
    return Conformal(np.sort(errors, axis=0)[rank - 1], level)


def conformal_by_fit(predicted: np.ndarray, truth: np.ndarray, residual: np.ndarray, level: float) -> Conformal:
    """As ``conformal``, within bands of mixtures that are rebuilt equally well.

    Parameters
    ----------
    predicted, truth
        (n_mixtures, n_types), of mixtures from those like the reference to those as unlike it as bulk may be.
    residual
        (n_mixtures,), how badly each one is rebuilt.
    level
        0 to 1.

    Raises
    ------
    DataError
        If there are too few mixtures for the level.

    Source: Mondrian conformal prediction (Vovk et al. 2005, section 4.5) with the residual as the category; sizes never
    fall from a band to a worse one.
    """
    bands = max(1, min(BANDS, len(truth) // _fewest(level)))
    groups = np.array_split(np.argsort(residual, kind="stable"), bands)
    sizes = np.stack([conformal(predicted[rows], truth[rows], level).sizes for rows in groups])
    centres = np.array([np.median(residual[rows]) for rows in groups])
    return Conformal(np.maximum.accumulate(sizes, axis=0), level, centres)


def scale(proportions: np.ndarray) -> np.ndarray:
    """Expected size of an error, up to a factor: sqrt(p (1 - p)) as for counted cells, but never below 0.05."""
    return np.maximum(np.sqrt(np.clip(proportions * (1 - proportions), 0, None)), SMALLEST_SCALE)


def coverage(low: np.ndarray, high: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """(n_types,), share of samples whose true proportion lies within the interval."""
    return ((truth >= low) & (truth <= high)).mean(axis=0)


def _fewest(level: float) -> int:
    return int(np.ceil(level / (1 - level)))
