"""Cells without a label, one group at a time: the types that they are nearest to, and a table to take along."""

from __future__ import annotations

import numpy as np
import pandas as pd


def nearest_types(probabilities: pd.DataFrame, cells: pd.Index) -> pd.DataFrame:
    """The types that some cells are nearest to.

    Parameters
    ----------
    probabilities
        probabilities.csv: cells x types, rows sum to one.
    cells
        Names of the cells, one at least.

    Returns
    -------
    A row per type, the nearest first: ``cell_type``, ``probability`` (mean over the cells, 0 to 1) and ``first`` (cells
    whose best type it is).
    """
    part = probabilities.loc[cells]
    best = part.to_numpy().argmax(axis=1)
    table = pd.DataFrame(
        {
            "cell_type": part.columns,
            "probability": part.mean(axis=0).to_numpy(),
            "first": np.bincount(best, minlength=part.shape[1]),
        }
    )
    return table.sort_values("probability", ascending=False, kind="stable", ignore_index=True)


def with_second(cells: pd.DataFrame, probabilities: pd.DataFrame) -> pd.DataFrame:
    """``cells``, whose index names cells, with the columns second_type and second_probability (0 to 1).

    The second type is the most probable one beside the cell's ``cell_type``, which a vote may have decided; beside the
    most probable one where the table has no such column.
    """
    part = probabilities.loc[cells.index]
    values, types = part.to_numpy(), np.asarray(part.columns, dtype=object)
    if values.shape[1] < 2 or not len(values):
        return cells.assign(second_type="", second_probability=np.nan)
    rows, order = np.arange(len(values)), np.argsort(-values, axis=1, kind="stable")
    called = types[order[:, 0]]
    if "cell_type" in cells:
        called = np.asarray(cells["cell_type"].astype(str), dtype=object)
    second = np.where(types[order[:, 0]] == called, order[:, 1], order[:, 0])
    return cells.assign(second_type=types[second], second_probability=values[rows, second])


def with_group(cells: pd.DataFrame, groups: pd.DataFrame) -> pd.DataFrame:
    """The cells of `core.annotation.refusal.refused` with the name of their group of `refused_groups`."""
    place = dict(zip(zip(groups["nearest"], groups["reason"], strict=True), groups["group"], strict=True))
    names = [place[pair] for pair in zip(cells["nearest"], cells["reason"], strict=True)]
    return cells.assign(group=names)
