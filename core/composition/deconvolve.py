"""Composition of bulk samples: networks and the linear member together, and how far each sample can be trusted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.composition.intervals import Conformal, conformal, conformal_by_fit
from core.composition.linear import residual, weighted_least_squares
from core.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.composition.signature import Signature

OUT_OF_REFERENCE = 0.99
ADVISE_MISSING = 0.2
PLAIN = "plain_residual"
QUANTILES = np.linspace(0, 1, 1001)


@dataclass(frozen=True)
class Composition:
    """What was found for each sample.

    Attributes
    ----------
    proportions, low, high
        (n_samples, n_types), the estimate, whose rows sum to one, and its interval.
    spread
        (n_samples, n_types), standard deviation over the members; not an interval.
    linear_weight
        (n_samples,), share of the linear member in each estimate; 0 without one.
    residual
        (n_samples,), mean absolute log ratio of measured to rebuilt genes.
    out_of_reference
        (n_samples,), share of the held-out mixtures that are rebuilt better than the sample, 0 to 1.
    """

    proportions: np.ndarray
    low: np.ndarray
    high: np.ndarray
    spread: np.ndarray
    linear_weight: np.ndarray
    residual: np.ndarray
    out_of_reference: np.ndarray

    def table(self, samples: Sequence[str], labels: Sequence[str]) -> pd.DataFrame:
        """Proportions, samples x types."""
        return pd.DataFrame(self.proportions, index=pd.Index(samples, name="sample"), columns=pd.Index(labels))

    def interval_table(self, samples: Sequence[str], labels: Sequence[str], level: float) -> pd.DataFrame:
        """Long table: sample, cell_type, proportion, low, high, level, spread."""
        n, k = self.proportions.shape
        columns = {
            "sample": np.repeat(np.asarray(samples, dtype=object), k),
            "cell_type": np.tile(np.asarray(labels, dtype=object), n),
            "proportion": self.proportions.ravel(),
            "low": self.low.ravel(),
            "high": self.high.ravel(),
            "level": level,
            "spread": self.spread.ravel(),
        }
        return pd.DataFrame(columns)

    def sample_table(self, samples: Sequence[str]) -> pd.DataFrame:
        """One row per sample: residual, out_of_reference, flagged, linear_weight."""
        return pd.DataFrame(
            {
                "residual": self.residual,
                "out_of_reference": self.out_of_reference,
                "flagged": self.out_of_reference > OUT_OF_REFERENCE,
                "linear_weight": self.linear_weight,
            },
            index=pd.Index(samples, name="sample"),
        )


@dataclass(frozen=True)
class Calibration:
    """What held-out mixtures teach about errors.

    Attributes
    ----------
    conformal
        Sizes of the intervals.
    plain_residual
        Median residual of the linear member's proportions in mixtures as they are, without gene factors.
    residuals
        (1001,), quantiles of the residual of the combined proportions.
    """

    conformal: Conformal
    plain_residual: float
    residuals: np.ndarray

    def to_dict(self) -> dict[str, np.ndarray]:
        """The arrays by name, for the model file."""
        values = {
            "sizes": self.conformal.sizes,
            "level": np.array([self.conformal.level]),
            PLAIN: np.array([self.plain_residual]),
            "residuals": self.residuals,
        }
        return values if self.conformal.residuals is None else values | {"bands": self.conformal.residuals}

    @classmethod
    def from_dict(cls, values: Mapping[str, np.ndarray]) -> Calibration:
        """The calibration that `to_dict` wrote.

        Raises
        ------
        DataError
            If it does not say how well plain mixtures are rebuilt.
        """
        if PLAIN not in values:
            said = "The model does not say how well plain mixtures are rebuilt, by which its linear model votes"
            raise DataError(said, ", ".join(sorted(values)), "Train it again with this version of CellDesk")
        sizes, level = np.asarray(values["sizes"], dtype=float), float(values["level"][0])
        bands = np.asarray(values["bands"], dtype=float) if "bands" in values else None
        sized = Conformal(sizes, level, bands)
        return cls(sized, float(values[PLAIN][0]), np.asarray(values["residuals"]))


def calibrate(
    members: np.ndarray,
    samples: np.ndarray,
    truth: np.ndarray,
    plain: np.ndarray,
    signature: Signature,
    *,
    linear: bool,
    level: float,
) -> Calibration:
    """Intervals and typical residuals from mixtures of cells that no member was trained on.

    Parameters
    ----------
    members
        (n_members, n_mixtures, n_types), each network's proportions.
    samples
        (n_mixtures, n_genes), the mixtures as they were given to the networks, linear values, randomised.
    truth
        (n_mixtures, n_types), true proportions.
    plain
        (n_plain, n_genes), other mixtures of held-out cells, linear values, not randomised.
    linear
        Whether the linear member takes part.
    level
        Share of true values that the intervals shall hold.
    """
    typical = float(np.median(residual(plain, signature, weighted_least_squares(plain, signature))))
    fitted = weighted_least_squares(samples, signature) if linear else None
    proportions, _ = _combined(members, samples, signature, fitted, typical)
    residuals = np.quantile(_residual(samples, signature, proportions), QUANTILES)
    return Calibration(conformal(proportions, truth, level), typical, residuals)


def sized_by_fit(
    calibration: Calibration,
    members: np.ndarray,
    samples: np.ndarray,
    truth: np.ndarray,
    signature: Signature,
    *,
    linear: bool,
) -> Calibration:
    """``calibration`` with intervals that grow with how badly a sample is rebuilt, learned from graded mixtures.

    Parameters
    ----------
    members
        (n_members, n_mixtures, n_types), each network's proportions.
    samples
        (n_mixtures, n_genes), linear values, from plain mixtures to fully randomised ones.
    truth
        (n_mixtures, n_types), true proportions.
    linear
        Whether the linear member takes part.
    """
    fitted = weighted_least_squares(samples, signature) if linear else None
    proportions, _ = _combined(members, samples, signature, fitted, calibration.plain_residual)
    found = _residual(samples, signature, proportions)
    return replace(calibration, conformal=conformal_by_fit(proportions, truth, found, calibration.conformal.level))


def compose(
    members: np.ndarray, samples: np.ndarray, signature: Signature, calibration: Calibration, *, linear: bool
) -> Composition:
    """The composition of each sample, each one on its own: no sample's answer depends on the others.

    Parameters
    ----------
    members
        (n_members, n_samples, n_types), each network's proportions.
    samples
        (n_samples, n_genes), linear values (counts, CPM or TPM) of the selected genes; NaN where not measured.
    signature
        Mean counts per cell of each type on the same genes.
    calibration
        From held-out mixtures.
    linear
        Whether the linear member takes part.
    """
    fitted = weighted_least_squares(samples, signature) if linear else None
    proportions, weight = _combined(members, samples, signature, fitted, calibration.plain_residual)
    found = _residual(samples, signature, proportions)
    low, high = calibration.conformal.around(proportions, found)
    voices = members if fitted is None else np.concatenate([members, _beside(fitted, members.mean(axis=0))[None]])
    beyond = np.searchsorted(calibration.residuals, found) / len(calibration.residuals)
    return Composition(proportions, low, high, voices.std(axis=0), weight, found, beyond)


def linear_weight(found: np.ndarray, typical: float) -> np.ndarray:
    """(n_samples,), share of the linear member in each estimate.

    All of it where the linear model rebuilds a sample as well as plain mixtures of the reference's own cells, of which
    it is the right model; the worse it rebuilds a sample, the more the networks say, which have learned from mixtures
    with distorted genes.

    Parameters
    ----------
    found
        (n_samples,), residual of the linear member's proportions.
    typical
        Its median over plain mixtures of held-out cells.
    """
    return np.minimum(1, typical / np.maximum(found, np.finfo(float).tiny))


def _combined(
    members: np.ndarray, samples: np.ndarray, signature: Signature, fitted: np.ndarray | None, typical: float
) -> tuple[np.ndarray, np.ndarray]:
    network = members.mean(axis=0).astype(float)
    if fitted is None:
        return network, np.zeros(len(network))
    weight = linear_weight(residual(samples, signature, fitted), typical)
    return (1 - weight)[:, None] * network + weight[:, None] * _beside(fitted, network), weight


def _beside(fitted: np.ndarray, network: np.ndarray) -> np.ndarray:
    """``fitted`` (n, n_types) as the linear model's answer: of what is unknown it says what the networks say."""
    known = fitted.shape[1]
    if network.shape[1] == known:
        return fitted
    unknown = network[:, known:]
    return np.hstack([fitted * (1 - unknown), unknown])


def _residual(samples: np.ndarray, signature: Signature, proportions: np.ndarray) -> np.ndarray:
    """``residual`` of the known types, whatever share is unknown beside them."""
    known = proportions[:, : signature.n_types]
    total = known.sum(axis=1, keepdims=True)
    even = np.full(known.shape, 1 / known.shape[1])
    return residual(samples, signature, np.divide(known, total, out=even, where=total > 0))
