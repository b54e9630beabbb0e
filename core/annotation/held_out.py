"""Reference cells judged by models that never saw them: the ground for calibration and refusal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.annotation.shares import Kind, Said, Shares
from core.annotation.transfer import Votes, stacked
from core.data.split import stratified_folds
from core.errors import DataError

Refit = Callable[[np.ndarray, np.ndarray], Said]
"""``fit(train, test)``: train on the reference's rows ``train``, return what is said of its rows ``test``."""

NEVER = -1


@dataclass(frozen=True)
class Folds:
    """Which reference cells are held out together.

    Attributes
    ----------
    number
        (n_cells,), the fold in which a cell is held out; -1 where it always stays in training.
    kind
        ``batch``: each fold is one batch or several. ``stratified``: every fold holds cells of every type.
        ``validation``: one fold, the cells that training was watched with.
    """

    number: np.ndarray
    kind: Literal["batch", "stratified", "validation"]

    @property
    def n_folds(self) -> int:
        return int(self.number.max()) + 1

    def train(self, fold: int) -> np.ndarray:
        """Row numbers that are trained on while ``fold`` is held out."""
        return np.flatnonzero(self.number != fold)

    def test(self, fold: int) -> np.ndarray:
        """Row numbers held out in ``fold``."""
        return np.flatnonzero(self.number == fold)


@dataclass(frozen=True)
class Ballots:
    """What each kind of member says about held-out reference cells.

    Attributes
    ----------
    rows
        (n_held,), row numbers into the reference.
    said
        Votes on these rows by kind, each by members that did not see the cell.
    """

    rows: np.ndarray
    said: Said

    def counted(self, shares: Shares) -> HeldOut:
        """All kinds joined, each with its share."""
        return HeldOut(self.rows, shares.joined(self.said))


@dataclass(frozen=True)
class HeldOut:
    """Votes on held-out reference cells.

    Attributes
    ----------
    rows
        (n_held,), row numbers into the reference.
    votes
        Votes on these rows, each by a model that did not see the cell.
    """

    rows: np.ndarray
    votes: Votes


def folds(labels: np.ndarray, batches: np.ndarray | None, n_folds: int, rng: np.random.Generator) -> Folds:
    """Hold out whole batches where at least two batches have all types, else parts of every type.

    A batch that lacks a type stays in training, and so does the only cell of a type.

    Parameters
    ----------
    labels
        (n_cells,), type numbers.
    batches
        (n_cells,), batch of each cell, or None.
    n_folds
        Folds at most; batches beyond are held out together.
    rng
        Shuffles the cells.

    Raises
    ------
    DataError
        If no type has two cells.
    """
    if batches is not None:
        names = np.unique(batches)
        n_types = len(np.unique(labels))
        complete = [name for name in names if len(np.unique(labels[batches == name])) == n_types]
        if len(complete) >= 2:
            number = np.full(len(labels), NEVER)
            for position, name in enumerate(complete):
                number[batches == name] = position % n_folds
            return Folds(number, "batch")
    return Folds(_stratified(labels, n_folds, rng), "stratified")


def ballots(cut: Folds, fit: Refit) -> Ballots:
    """Refit once for each fold and gather what is said of the cells left out.

    Parameters
    ----------
    cut
        The folds of the reference.
    fit
        Trains on the first rows, votes on the second.
    """
    tests = [cut.test(fold) for fold in range(cut.n_folds)]
    parts = [fit(cut.train(fold), test) for fold, test in enumerate(tests)]
    said: dict[Kind, Votes] = {kind: stacked([part[kind] for part in parts]) for kind in parts[0]}
    return Ballots(np.concatenate(tests), said)


def _stratified(labels: np.ndarray, n_folds: int, rng: np.random.Generator) -> np.ndarray:
    number = np.full(len(labels), NEVER)
    _, kind, size = np.unique(labels, return_inverse=True, return_counts=True)
    paired = np.flatnonzero(size[kind] > 1)
    if len(paired) == 0:
        raise DataError(
            "No cell of the reference can be held out for calibration",
            value=f"{len(labels)} cells of {len(size)} types",
            remedy="Use a reference with several cells of each type",
        )
    for fold, (_, test) in enumerate(stratified_folds(labels[paired], min(n_folds, len(paired)), rng)):
        number[paired[test]] = fold
    return number
