"""Back-off: the parent in place of a label that is not safe, and how right the answers are at every level."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from core.annotation.calibration import LEVELS, calibration_error, conformal_cutoff
from core.annotation.hierarchy import Hierarchy

NONE = -1
"""The level of a cell for which no label is safe."""
SAFE = "as deep as is safe"
"""Name of the answer that backs off."""
ANSWERS = (
    "answer",
    "coverage",
    "accuracy",
    "precision",
    "hierarchical_precision",
    "hierarchical_recall",
    "hierarchical_f1",
)


@dataclass(frozen=True)
class Backoff:
    """When a label of each level is safe; kept in the model file beside the hierarchy.

    Attributes
    ----------
    hierarchy
        The levels.
    thresholds
        (n_levels,), the smallest probability with which a label is safe; infinite where none is.
    false_label_rate
        Share of the labels given at each level that may be wrong, 0 to 1.
    cutoffs
        For each level of confidence, (n_levels,): the smallest probability with which a label belongs to the label set.
    """

    hierarchy: Hierarchy
    thresholds: np.ndarray
    false_label_rate: float
    cutoffs: Mapping[float, np.ndarray]

    def deepest(self, path: np.ndarray, certainty: np.ndarray) -> np.ndarray:
        """The deepest level at which each cell's label is safe; -1 where none is.

        Parameters
        ----------
        path
            (n_cells, n_levels), label numbers, each the parent of the next.
        certainty
            (n_cells, n_levels), probability of each of these labels.
        """
        found = np.full(len(path), NONE)
        for level in range(self.hierarchy.n_levels):
            found[certainty[:, level] >= self.thresholds[level]] = level
            if level > 0:
                # An only child is the same cells as its parent, so it is as safe.
                same = (found == level - 1) & self.hierarchy.only_child(level - 1)[path[:, level - 1]]
                found[same] = level
        return found

    def to_dict(self) -> dict[str, Any]:
        """Arrays and plain values for the model file."""
        return {
            "hierarchy": self.hierarchy.to_dict(),
            "thresholds": self.thresholds,
            "false_label_rate": self.false_label_rate,
            "cutoffs": {str(share): values for share, values in self.cutoffs.items()},
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Backoff:
        """The back-off that `to_dict` wrote."""
        cutoffs = {float(share): np.asarray(found) for share, found in values["cutoffs"].items()}
        hierarchy = Hierarchy.from_dict(values["hierarchy"])
        return cls(hierarchy, np.asarray(values["thresholds"]), float(values["false_label_rate"]), cutoffs)


def fit_backoff(hierarchy: Hierarchy, probabilities: np.ndarray, types: np.ndarray, false_label_rate: float) -> Backoff:
    """Learn from held-out reference cells when a label is safe at each level.

    From fine to coarse, each level learns from the cells that the finer ones leave, so that the rate holds among the
    labels given at each level. Where these are too few to show it, all held-out cells stand in for them.

    Parameters
    ----------
    hierarchy
        The levels.
    probabilities
        (n_held, n_types), calibrated, of cells that the members did not see.
    types
        (n_held,), true type numbers.
    false_label_rate
        Share of the labels given at each level that may be wrong, above 0 to 1.
    """
    path = hierarchy.path(probabilities)
    sure, right = certainty(hierarchy, probabilities, path), path == hierarchy.above(types)
    thresholds = np.empty(hierarchy.n_levels)
    left = np.ones(len(path), dtype=bool)
    for level in reversed(range(hierarchy.n_levels)):
        enough = (left.sum() + 1) * false_label_rate >= 1
        seen = left if enough else np.ones_like(left)
        thresholds[level] = safe_from(sure[seen, level], right[seen, level], false_label_rate)
        left &= sure[:, level] < thresholds[level]
    truth, summed = hierarchy.above(types), hierarchy.summed(probabilities)
    cutoffs = {
        share: np.array([conformal_cutoff(part, truth[:, level], share) for level, part in enumerate(summed)])
        for share in LEVELS
    }
    return Backoff(hierarchy, thresholds, false_label_rate, cutoffs)


def certainty(hierarchy: Hierarchy, probabilities: np.ndarray, path: np.ndarray) -> np.ndarray:
    """(n_cells, n_levels), probability of each label of ``path``, summed upward from ``probabilities``."""
    rows = np.arange(len(path))
    summed = hierarchy.summed(probabilities)
    return np.column_stack([part[rows, path[:, level]] for level, part in enumerate(summed)])


def safe_from(sure: np.ndarray, right: np.ndarray, false_label_rate: float) -> float:
    """The smallest probability from which on at most ``false_label_rate`` of the labels are wrong.

    One wrong label is added to those seen, so that the rate holds for a new cell too, not only for these.

    Parameters
    ----------
    sure
        (n_cells,), probability of each cell's label.
    right
        (n_cells,), whether it is right.
    false_label_rate
        0 to 1.

    Returns
    -------
    A probability; infinite where no cut-off keeps to the rate.
    """
    order = np.argsort(-sure, kind="stable")
    descending = sure[order]
    n = np.arange(1, len(order) + 1)
    kept_to = (np.cumsum(~right[order]) + 1) / (n + 1) <= false_label_rate
    last_of_equals = np.append(descending[1:] < descending[:-1], True) if len(order) else np.zeros(0, dtype=bool)
    usable = np.flatnonzero(kept_to & last_of_equals)
    return float(descending[usable[-1]]) if len(usable) else np.inf


def answers(
    hierarchy: Hierarchy, probabilities: np.ndarray, types: np.ndarray, folds: np.ndarray, false_label_rate: float
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """How right each level is, and how right the back-off, on held-out cells; what is learned is learned elsewhere.

    Thresholds and cut-offs by which the cells of a fold are judged come from the other folds.

    Parameters
    ----------
    hierarchy, probabilities, types, false_label_rate
        As in `fit_backoff`.
    folds
        (n_held,), the fold of each cell.

    Returns
    -------
    A row for each level, the coarsest first: ``level``, ``labels``, ``threshold`` (learned on all folds; missing where
    no label is safe), ``accuracy`` (of all cells), ``error`` (expected calibration error), ``reported`` (share of the
    cells whose safe label is of this level), ``reported_right`` (share of these that are right), ``set_90`` and
    ``set_95`` (share of the label sets that hold the true label) with ``size_90`` and ``size_95`` (labels in a set).

    A row for each answer, every level for all cells and the back-off last: ``answer``, ``coverage`` (share of the cells
    with any label), ``accuracy`` (right labels among all cells), ``precision`` (among those with one), and
    hierarchical precision, recall and F1, in which each right ancestor counts.

    Source: Kiritchenko et al. 2006, hierarchical precision and recall.
    """
    path, truth = hierarchy.path(probabilities), hierarchy.above(types)
    right, sure = path == truth, certainty(hierarchy, probabilities, path)
    summed = hierarchy.summed(probabilities)
    deepest = np.full(len(path), NONE)
    held = {share: np.zeros(path.shape, dtype=bool) for share in LEVELS}
    size = {share: np.zeros(path.shape) for share in LEVELS}
    for fold in np.unique(folds):
        test = np.flatnonzero(folds == fold)
        learned = fit_backoff(hierarchy, probabilities[folds != fold], types[folds != fold], false_label_rate)
        deepest[test] = learned.deepest(path[test], sure[test])
        for share in LEVELS:
            for level, part in enumerate(summed):
                inside = part[test] >= learned.cutoffs[share][level]
                inside[np.arange(len(test)), part[test].argmax(axis=1)] = True  # a set is never empty
                held[share][test, level] = inside[np.arange(len(test)), truth[test, level]]
                size[share][test, level] = inside.sum(axis=1)
    final = fit_backoff(hierarchy, probabilities, types, false_label_rate)
    rows = []
    for level, name in enumerate(hierarchy.levels):
        own = deepest == level
        row: dict[str, Any] = {
            "level": name,
            "labels": len(hierarchy.labels[level]),
            "threshold": final.thresholds[level] if np.isfinite(final.thresholds[level]) else np.nan,
            "accuracy": right[:, level].mean(),
            "error": calibration_error(summed[level], truth[:, level]),
            "reported": own.mean(),
            "reported_right": right[own, level].mean() if own.any() else np.nan,
        }
        for share in LEVELS:
            row[f"set_{100 * share:.0f}"] = held[share][:, level].mean()
            row[f"size_{100 * share:.0f}"] = size[share][:, level].mean()
        rows.append(row)
    flat = [_answer(name, np.full(len(path), level), right) for level, name in enumerate(hierarchy.levels)]
    return pd.DataFrame(rows), pd.DataFrame([*flat, _answer(SAFE, deepest, right)], columns=pd.Index(ANSWERS))


def _answer(name: str, depth: np.ndarray, right: np.ndarray) -> dict[str, Any]:
    """One row of the answers, each cell labelled down to the level ``depth``, -1 for not at all."""
    n, levels = right.shape
    labelled = depth > NONE
    shown = np.arange(levels)[None, :] <= depth[:, None]
    hit = right[np.arange(n), depth] & labelled
    both, given = (right & shown).sum(), shown.sum()
    precision, recall = both / given if given else np.nan, both / right.size
    values = (
        labelled.mean(),
        hit.mean(),
        hit.sum() / labelled.sum() if labelled.any() else np.nan,
        precision,
        recall,
        2 * both / (given + right.size),
    )
    return dict(zip(ANSWERS, (name, *map(float, values)), strict=True))
