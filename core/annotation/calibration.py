"""Probabilities that mean what they say: temperature, reliability and conformal label sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import fminbound
from scipy.special import log_softmax, softmax

LEVELS = (0.90, 0.95)
BINS = 15
TEMPERATURES = (0.05, 20.0)


@dataclass(frozen=True)
class Calibration:
    """What turns votes into calibrated probabilities and label sets; kept in the model file.

    Attributes
    ----------
    temperature
        Divides the log-probabilities; above 1 where the members are too certain.
    cutoffs
        For each level, the smallest probability with which a type belongs to the label set.
    method
        How reference cells were held out: ``batch`` or ``stratified``.
    error_before, error_after
        Expected calibration error on held-out cells, 0 to 1, without and with the temperature.
    """

    temperature: float
    cutoffs: Mapping[float, float]
    method: str
    error_before: float
    error_after: float

    def to_dict(self) -> dict[str, Any]:
        """Plain values for the model file's JSON."""
        return {
            "temperature": self.temperature,
            "cutoffs": {str(level): cutoff for level, cutoff in self.cutoffs.items()},
            "method": self.method,
            "error_before": self.error_before,
            "error_after": self.error_after,
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Calibration:
        """The calibration that `to_dict` wrote."""
        cutoffs = {float(level): float(cutoff) for level, cutoff in values["cutoffs"].items()}
        return cls(values["temperature"], cutoffs, values["method"], values["error_before"], values["error_after"])


def calibrate(
    log_probabilities: np.ndarray, labels: np.ndarray, method: str, levels: Sequence[float] = LEVELS
) -> Calibration:
    """Learn temperature and label-set cut-offs from held-out reference cells.

    Parameters
    ----------
    log_probabilities
        (n_held, n_types), votes on held-out cells.
    labels
        (n_held,), true type numbers.
    method
        How the cells were held out.
    levels
        Share of cells whose label set shall hold the true type.
    """
    heat = temperature(log_probabilities, labels)
    before, after = softmax(log_probabilities, axis=1), softmax(log_probabilities / heat, axis=1)
    return Calibration(
        heat,
        {level: conformal_cutoff(after, labels, level) for level in levels},
        method,
        calibration_error(before, labels),
        calibration_error(after, labels),
    )


def temperature(log_probabilities: np.ndarray, labels: np.ndarray) -> float:
    """The temperature with the smallest mean negative log-probability of the true types.

    Source: Guo et al. 2017, temperature scaling.
    """
    rows = np.arange(len(labels))

    def surprise(log_heat: float) -> float:
        return float(-log_softmax(log_probabilities / np.exp(log_heat), axis=1)[rows, labels].mean())

    low, high = np.log(TEMPERATURES)
    return float(np.exp(fminbound(surprise, low, high)))


def reliability(probabilities: np.ndarray, labels: np.ndarray, bins: int = BINS) -> pd.DataFrame:
    """Certainty against accuracy, in bins of equal width on the best type's probability.

    Parameters
    ----------
    probabilities
        (n_cells, n_types), rows sum to one.
    labels
        (n_cells,), true type numbers.
    bins
        How many bins from 0 to 1.

    Returns
    -------
    A row per bin: ``low``, ``high``, ``cells``, ``probability`` (mean of the best), ``accuracy``; NaN in empty bins.
    """
    best = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    edges = np.linspace(0, 1, bins + 1)
    number = np.clip(np.digitize(best, edges[1:-1], right=True), 0, bins - 1)
    cells = np.bincount(number, minlength=bins)
    filled = np.where(cells > 0, cells, np.nan)
    return pd.DataFrame(
        {
            "low": edges[:-1],
            "high": edges[1:],
            "cells": cells,
            "probability": np.bincount(number, weights=best, minlength=bins) / filled,
            "accuracy": np.bincount(number, weights=right, minlength=bins) / filled,
        }
    )


def calibration_error(probabilities: np.ndarray, labels: np.ndarray, bins: int = BINS) -> float:
    """Expected calibration error: mean gap of certainty and accuracy over bins, weighted by cells; 0 to 1."""
    table = reliability(probabilities, labels, bins).dropna()
    gap = (table["probability"] - table["accuracy"]).abs()
    return float((gap * table["cells"]).sum() / max(int(table["cells"].sum()), 1))


def conformal_cutoff(probabilities: np.ndarray, labels: np.ndarray, level: float) -> float:
    """The probability above which types belong to the label set, by split conformal prediction.

    Parameters
    ----------
    probabilities
        (n_held, n_types), calibrated probabilities of held-out cells.
    labels
        (n_held,), true type numbers.
    level
        Share of new cells, exchangeable with these, whose set holds the true type.

    Returns
    -------
    The cut-off, 0 (every type belongs) where too few cells are held out for the level.
    """
    strangeness = 1 - probabilities[np.arange(len(labels)), labels]
    rank = int(np.ceil((len(labels) + 1) * level))
    if rank > len(labels):
        return 0.0
    return float(1 - np.sort(strangeness)[rank - 1])


def label_sets(probabilities: np.ndarray, types: Sequence[str], cutoff: float) -> list[str]:
    """Types that may be true for each cell, most probable first, as ``A|B``; never empty."""
    ordered = np.asarray(types, dtype=object)[np.argsort(-probabilities, axis=1, kind="stable")]
    sizes = np.maximum((probabilities >= cutoff).sum(axis=1), 1)
    return ["|".join(row[:size]) for row, size in zip(ordered, sizes, strict=True)]
