"""Reference cells divided into those that make training mixtures and those that make test mixtures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.data.split import stratified_split
from core.errors import DataError


def split_cells(
    codes: np.ndarray, labels: Sequence[str], train_share: float, rng: np.random.Generator, *, balanced: bool = True
) -> tuple[np.ndarray, np.ndarray]:
    """Training and test cells; no cell is on both sides, every type is on each.

    Parameters
    ----------
    codes
        (n_cells,), number of each cell's type.
    labels
        Names of the types.
    train_share
        Share of the cells for training, 0 to 1.
    balanced
        Divide every type in the same ratio. Else at random, and in the same ratio only if a type would be missing.

    Returns
    -------
    Row numbers of both sides, sorted.

    Raises
    ------
    DataError
        If a type has fewer than two cells.

    Source: digitalDLSorteR, ``generateBulkCellMatrix`` (train.freq.cells, balanced.type.cells).
    """
    counts = np.bincount(codes, minlength=len(labels))
    scarce = [labels[number] for number in np.flatnonzero(counts < 2).tolist()]
    if scarce:
        raise DataError(
            "Some cell types have too few cells to make both training and test mixtures",
            scarce,
            "Add cells of these types, or leave the types out on the Quality page (Cells per type, at least)",
        )
    if not balanced:
        shuffled = rng.permutation(len(codes))
        n_train = round(train_share * len(codes))
        train, test = np.sort(shuffled[:n_train]), np.sort(shuffled[n_train:])
        sides = (np.bincount(codes[rows], minlength=len(labels)) for rows in (train, test))
        if all((side > 0).all() for side in sides):
            return train, test
    return stratified_split(codes, 1 - train_share, rng)
