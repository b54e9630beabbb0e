"""Open set: leave a cell without a label where it is unlike everything in the reference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from core.annotation.strangeness import MEASURES, Measure, Surroundings, surroundings

if TYPE_CHECKING:
    from core.annotation.held_out import Folds, HeldOut

KEPT_HELD_OUT = 10_000
CURVE_POINTS = 101


@dataclass(frozen=True)
class OpenSet:
    """Scores and refuses cells; everything it needs lies in the model file.

    A cell's score is the mean of its ranks among held-out reference cells, one rank for each measure, so it does not
    depend on the cells it is scored with. 0: more ordinary than every held-out cell. 1: stranger than all of them.

    Attributes
    ----------
    around
        The reference as the distances need it.
    measures
        Which measures are averaged.
    held_measures
        (n_held, n_measures), each column sorted, of held-out reference cells.
    held_scores
        (n_held,), scores of held-out cells.
    held_correct
        (n_held,), whether the best type of the held-out cell was right.
    false_reject_rate
        Share of held-out cells beyond the threshold, 0 to 1.
    held_rows
        (n_held,), which of all held-out cells these are, by position; they are a sample where there were too many to
        keep. ``None``: read from a model file that does not say so.
    """

    around: Surroundings
    measures: tuple[Measure, ...]
    held_measures: np.ndarray
    held_scores: np.ndarray
    held_correct: np.ndarray
    false_reject_rate: float
    held_rows: np.ndarray | None = None

    @property
    def threshold(self) -> float:
        """The largest score that keeps its label."""
        return threshold(self.held_scores, self.false_reject_rate)

    def at_rate(self, false_reject_rate: float) -> OpenSet:
        """The same with another share of known cells refused; nothing is refitted."""
        return replace(self, false_reject_rate=false_reject_rate)

    def scores(self, values: np.ndarray, logits: np.ndarray) -> np.ndarray:
        """Open-set score of each cell, 0 to 1, higher is less like the reference.

        Parameters
        ----------
        values
            (n_cells, n_genes), scaled as the reference was for the fit.
        logits
            (n_cells, n_types), mean logits of the members.
        """
        return self.scores_of(self.measured(values, logits))

    def measured(self, values: np.ndarray, logits: np.ndarray) -> np.ndarray:
        """(n_cells, n_measures), what the scores of the same cells are made of."""
        return self.around.measured(values, logits, self.measures)

    def scores_of(self, measured: np.ndarray) -> np.ndarray:
        """Open-set score, 0 to 1, of cells that are measured already."""
        return ranked(measured, self.held_measures)

    def assigned(self, scores: np.ndarray) -> np.ndarray:
        """(n_cells,), True where the cell keeps its label."""
        return scores <= self.threshold

    def curve(self) -> pd.DataFrame:
        """Coverage against accuracy on held-out cells as the threshold moves.

        Returns
        -------
        A row per threshold: ``false_reject_rate``, ``threshold``, ``coverage`` (share of cells that keep their
        label) and ``accuracy`` (of these), all from 0 to 1.
        """
        rates = np.linspace(0, 1, CURVE_POINTS)[:-1]
        cuts = [threshold(self.held_scores, rate) for rate in rates]
        kept = [self.held_scores <= cut for cut in cuts]
        return pd.DataFrame(
            {
                "false_reject_rate": rates,
                "threshold": cuts,
                "coverage": [mask.mean() for mask in kept],
                "accuracy": [self.held_correct[mask].mean() if mask.any() else np.nan for mask in kept],
            }
        )

    def to_dict(self) -> dict[str, Any]:
        """Arrays and plain values by name, for the model file."""
        return {
            "around": {field.name: getattr(self.around, field.name) for field in fields(Surroundings)},
            "measures": list(self.measures),
            "held_measures": self.held_measures,
            "held_scores": self.held_scores,
            "held_correct": self.held_correct.astype(np.uint8),
            "false_reject_rate": self.false_reject_rate,
            **({} if self.held_rows is None else {"held_rows": self.held_rows}),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> OpenSet:
        """The open set that `to_dict` wrote."""
        return cls(
            Surroundings(**{name: np.asarray(array) for name, array in values["around"].items()}),
            tuple(values["measures"]),
            np.asarray(values["held_measures"]),
            np.asarray(values["held_scores"]),
            np.asarray(values["held_correct"]).astype(bool),
            float(values["false_reject_rate"]),
            np.asarray(values["held_rows"]) if "held_rows" in values else None,
        )


def fit_open_set(
    values: np.ndarray,
    labels: np.ndarray,
    cut: Folds,
    held: HeldOut,
    *,
    false_reject_rate: float,
    rng: np.random.Generator,
    held_values: np.ndarray | None = None,
    measures: tuple[Measure, ...] = MEASURES,
) -> OpenSet:
    """Learn scores and threshold from held-out reference cells.

    Parameters
    ----------
    values
        (n_cells, n_genes), scaled genes of the reference.
    labels
        (n_cells,), type numbers.
    cut
        The folds in which cells were held out.
    held
        Votes on the held-out cells.
    false_reject_rate
        Share of held-out cells beyond the threshold.
    rng
        Draws components and kept cells.
    held_values
        (n_held, n_genes), the cells of ``held`` scaled as the query will be; None: as ``values``.
    measures
        Which measures are averaged.
    """
    tested = values[held.rows] if held_values is None else held_values
    measured = np.empty((len(held.rows), len(measures)), dtype=np.float64)
    fold_of_row, around = cut.number[held.rows], []
    for fold in range(cut.n_folds):
        train, test = cut.train(fold), np.flatnonzero(fold_of_row == fold)
        around.append(surroundings(values[train], labels[train], rng))
        measured[test] = around[-1].measured(tested[test], held.votes.logits[test], measures)
    correct = held.votes.log_probabilities.argmax(axis=1) == labels[held.rows]
    rows = np.arange(len(measured))
    if len(measured) > KEPT_HELD_OUT:
        rows = rng.choice(len(measured), KEPT_HELD_OUT, replace=False)
        measured, correct = measured[rows], correct[rows]
    # Held-out measures, a file of float32: scores and look-up must round alike or ties would break differently.
    measured = measured.astype(np.float32)
    ordered = np.sort(measured, axis=0)
    return OpenSet(
        # of one fold the held-out cells, like the query, are measured against what was learned without them
        around[0] if cut.n_folds == 1 else surroundings(values, labels, rng),
        measures,
        ordered,
        ranked(measured, ordered),
        correct,
        false_reject_rate,
        rows,
    )


def ranked(measured: np.ndarray, ordered: np.ndarray) -> np.ndarray:
    """Mean over measures of the share of held-out cells that are no stranger.

    Parameters
    ----------
    measured
        (n_cells, n_measures).
    ordered
        (n_held, n_measures), each column sorted.

    Returns
    -------
    (n_cells,), 0 to 1.
    """
    single = measured.astype(ordered.dtype)
    columns = [np.searchsorted(ordered[:, m], single[:, m], side="right") for m in range(ordered.shape[1])]
    return np.mean(columns, axis=0) / len(ordered)


def threshold(held_scores: np.ndarray, false_reject_rate: float) -> float:
    """The smallest held-out score that at most ``false_reject_rate`` of the held-out cells exceed."""
    kept = int(np.ceil((1 - false_reject_rate) * len(held_scores) - 1e-9))
    return float(np.sort(held_scores)[max(kept, 1) - 1])
