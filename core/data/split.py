"""Cells divided into parts that keep the proportions of every class."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from core.errors import DataError

Labels = Sequence[str] | np.ndarray | pd.Series


def stratified_split(labels: Labels | int, share: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Training and test rows.

    Parameters
    ----------
    labels
        Class of each row, or the number of rows where there are no classes.
    share
        Share of the rows that goes to the test side, 0 to 1. With 0 the test side is empty.
    rng
        Decides which rows.

    Returns
    -------
    Row numbers of both sides, each sorted. A class of two or more rows is on both sides; a single row is for training.
    """
    if not 0 <= share < 1:
        raise DataError("The share kept for testing must lie between 0 and 1", share, "Use a share such as 0.25")
    strata = _strata(labels)
    numbers = _quotas(np.array([rows.size for rows in strata], dtype=np.int64), share)
    test = [rng.permutation(rows)[:n] for rows, n in zip(strata, numbers, strict=True)]
    chosen = np.sort(np.concatenate(test)) if test else np.empty(0, dtype=np.int64)
    return np.setdiff1d(np.arange(_size(labels)), chosen), chosen


def stratified_folds(labels: Labels | int, folds: int, rng: np.random.Generator) -> list[tuple[np.ndarray, np.ndarray]]:
    """Training and test rows of each fold; every row is tested exactly once.

    A class with fewer rows than folds is tested in as many folds as it has rows, so that it is trained on in the rest.

    Returns
    -------
    ``folds`` pairs of sorted row numbers.

    Raises
    ------
    DataError
        If there are more folds than rows.
    """
    n = _size(labels)
    if folds < 2 or folds > n:
        raise DataError(
            f"{n} cells cannot be divided into {folds} parts", folds, "Use at least 2 parts and no more than cells"
        )
    fold = np.empty(n, dtype=np.int64)
    start = 0  # each class goes on where the last one ended: equal folds even with many small classes
    for rows in _strata(labels):
        fold[rng.permutation(rows)] = (start + np.arange(rows.size)) % folds
        start += rows.size
    return [(np.flatnonzero(fold != number), np.flatnonzero(fold == number)) for number in range(folds)]


def _quotas(sizes: np.ndarray, share: float) -> np.ndarray:
    """Test rows of each class: the nearest to ``share`` that add up, the largest remainders first.

    A fraction of a row counts as one more test row, as scikit-learn has it.
    """
    if share == 0:
        return np.zeros_like(sizes)
    fewest, most = np.minimum(sizes - 1, 1), sizes - 1
    exact = share * sizes
    taken = np.clip(np.floor(exact).astype(np.int64), fewest, most)
    spare = math.ceil(round(share * int(sizes.sum()), 9)) - int(taken.sum())
    for k in np.argsort(np.floor(exact) - exact, kind="stable"):
        if spare <= 0:
            break
        if taken[k] < most[k]:
            taken[k] += 1
            spare -= 1
    return taken


def _strata(labels: Labels | int) -> list[np.ndarray]:
    """Rows of each class in sorted order of the classes; cells without a label are a class of their own."""
    if isinstance(labels, int | np.integer):
        return [np.arange(labels)]
    codes, names = pd.factorize(np.asarray(labels, dtype=object), sort=True)
    return [rows for code in range(-1, len(names)) if (rows := np.flatnonzero(codes == code)).size]


def _size(labels: Labels | int) -> int:
    return int(labels) if isinstance(labels, int | np.integer) else len(labels)
