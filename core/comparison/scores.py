"""Scores of several annotators on the same cells, with intervals of each score and of its distance from the run's."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.annotation.calibration import BINS
from core.errors import DataError

METRICS = ("accuracy", "macro_f1", "coverage", "ece")
RESAMPLES = 1000
LEVEL = 0.95
CHUNK = 50
"""Resamples that are worked on at once."""
COLUMNS = ("method", "metric", "value", "low", "high", "difference", "difference_low", "difference_high")


@dataclass(frozen=True)
class Calls:
    """What an annotator says about some cells.

    Attributes
    ----------
    cell_type
        (n_cells,), the best type of every cell, whether it keeps the label or not.
    probability
        (n_cells,), of that type, 0 to 1, as the annotator states it.
    assigned
        (n_cells,), bool: whether the cell keeps its label; ``None`` where that is not known cell by cell.
    """

    cell_type: np.ndarray
    probability: np.ndarray
    assigned: np.ndarray | None


def scores(
    known: np.ndarray,
    calls: Mapping[str, Calls],
    reference_types: Collection[str],
    ours: str,
    rng: np.random.Generator,
    resamples: int = RESAMPLES,
) -> pd.DataFrame:
    """Every score of every annotator, with 95 % bootstrap intervals over cells.

    Scored are the cells of a type that the reference has, all of them, whether they keep their label or not. All
    annotators meet the same resampled cells, so that differences from ``ours`` are paired.

    Parameters
    ----------
    known
        (n_cells,), true type names.
    calls
        By annotator, each (n_cells,) in the same order.
    reference_types
        Types that the reference has.
    ours
        The annotator that the others are compared with; without it there are no differences.
    rng
        Draws the resamples.
    resamples
        How many.

    Returns
    -------
    A row per annotator and metric: ``method``, ``metric`` (``accuracy``; ``macro_f1``, the mean over types that occur;
    ``coverage``, the share that keeps a label; ``ece``, the expected calibration error in 15 bins of equal width),
    ``value``, ``low``, ``high`` (0 to 1), and ``difference`` from ``ours`` with its interval, in the same unit.

    Raises
    ------
    DataError
        If no cell is of a type that the reference has.

    Source: Efron and Tibshirani 1993, percentile intervals; here moved by the bootstrap's own bias, since resampled
    cells make any calibration error larger and lose rare types.
    """
    shared = np.isin(known, list(reference_types))
    if not shared.any():
        raise DataError(
            "No cell is of a type that the reference has",
            value=sorted(set(map(str, known)))[:5],
            remedy="Give the types the same names in both files",
        )
    truth = np.asarray(known, dtype=object)[shared]
    features = {name: _features(truth, _rows(each, shared)) for name, each in calls.items()}
    whole = np.ones((1, len(truth)), dtype=np.float64)
    values = {name: _metrics(whole @ part)[0] for name, part in features.items()}
    drawn: dict[str, list[np.ndarray]] = {name: [] for name in calls}
    for weights in _resampled(len(truth), resamples, rng):
        for name, part in features.items():
            drawn[name].append(_metrics(weights @ part))
    spread = {name: np.concatenate(parts) for name, parts in drawn.items()}
    rows = []
    for name in calls:
        low, high = _interval(spread[name], values[name])
        gap = gap_low = gap_high = np.full(len(METRICS), np.nan)
        if ours in calls and name != ours:
            gap = values[name] - values[ours]
            gap_low, gap_high = _interval(spread[name] - spread[ours], gap)
        ends = (values[name], np.clip(low, 0, 1), np.clip(high, 0, 1), gap, gap_low, gap_high)
        rows += [(name, metric, *(part[at] for part in ends)) for at, metric in enumerate(METRICS)]
    return pd.DataFrame(rows, columns=pd.Index(COLUMNS))


def _rows(calls: Calls, chosen: np.ndarray) -> Calls:
    assigned = None if calls.assigned is None else np.asarray(calls.assigned, dtype=bool)[chosen]
    return Calls(np.asarray(calls.cell_type, dtype=object)[chosen], np.asarray(calls.probability)[chosen], assigned)


def _features(truth: np.ndarray, calls: Calls) -> np.ndarray:
    """(n_cells, 2 + 3 x bins + 3 x types): numbers of each cell whose sums give every metric."""
    right = (calls.cell_type == truth).astype(np.float64)
    keeps = np.full(len(truth), np.nan) if calls.assigned is None else calls.assigned.astype(np.float64)
    edges = np.linspace(0, 1, BINS + 1)
    bins = np.clip(np.digitize(calls.probability, edges[1:-1], right=True), 0, BINS - 1)
    in_bin = np.eye(BINS)[bins]
    types = np.unique(truth.astype(str))
    is_type = truth.astype(str)[:, None] == types
    called = calls.cell_type.astype(str)[:, None] == types
    return np.column_stack(
        [
            right,
            keeps,
            in_bin,
            in_bin * calls.probability[:, None],
            in_bin * right[:, None],
            is_type,
            called,
            is_type & called,
        ]
    ).astype(np.float64)


def _metrics(sums: np.ndarray) -> np.ndarray:
    """(n_resamples, n_metrics) of (n_resamples, n_features)."""
    first = 2 + 3 * BINS
    cells, probability, right = (sums[:, 2 + part * BINS : 2 + (part + 1) * BINS] for part in range(3))
    n_types = (sums.shape[1] - first) // 3
    support, called, hit = (sums[:, first + part * n_types : first + (part + 1) * n_types] for part in range(3))
    n = cells.sum(axis=1)
    occurs = support > 0
    f1 = np.divide(2 * hit, support + called, out=np.zeros_like(hit), where=occurs)
    macro = f1.sum(axis=1) / occurs.sum(axis=1)
    return np.column_stack([sums[:, 0] / n, macro, sums[:, 1] / n, np.abs(probability - right).sum(axis=1) / n])


def _resampled(n_cells: int, resamples: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """(n, n_cells) arrays that say how often each cell is drawn."""
    for start in range(0, resamples, CHUNK):
        n = min(CHUNK, resamples - start)
        drawn = rng.integers(n_cells, size=(n, n_cells)) + n_cells * np.arange(n)[:, None]
        yield np.bincount(drawn.ravel(), minlength=n * n_cells).reshape(n, n_cells).astype(np.float64)


def _interval(drawn: np.ndarray, value: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both ends, (n_metrics,), of the middle 95 %, centred on the value found."""
    outside = (1 - LEVEL) / 2
    low, high = np.quantile(drawn, [outside, 1 - outside], axis=0)
    shift = value - drawn.mean(axis=0)
    return low + shift, high + shift
