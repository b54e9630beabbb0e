"""The labels of a finished run as a person wants them: at one level, or each as deep as is safe."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from core.annotation.backoff import NONE, SAFE
from core.figures.palette import NOT_ASSIGNED


def safe_labels(names: np.ndarray, deepest: np.ndarray, assigned: np.ndarray) -> np.ndarray:
    """(n_cells,), the deepest safe label of each cell, or not assigned.

    Parameters
    ----------
    names
        (n_cells, n_levels), label at every level, the coarsest first.
    deepest
        (n_cells,), number of the deepest safe level; -1 where none is.
    assigned
        (n_cells,), False where the reference does not know the cell.
    """
    safe = names[np.arange(len(names)), deepest]
    return np.where((deepest > NONE) & assigned, safe, NOT_ASSIGNED)


def resafe(table: pd.DataFrame, levels: Sequence[str], assigned: np.ndarray) -> np.ndarray:
    """(n_cells,), the deepest safe labels of label_levels.csv where other cells are ``assigned``.

    Parameters
    ----------
    table
        label_levels.csv, one row for each cell.
    levels
        Names of the levels, the coarsest first.
    assigned
        (n_cells,), False where the cell gets no label.
    """
    names = table[_columns(levels)].astype(str).to_numpy(dtype=object)
    return safe_labels(names, _deepest(table, levels), assigned)


def at_level(annotation: pd.DataFrame, labels: pd.DataFrame, levels: Sequence[str], level: str) -> pd.DataFrame:
    """``annotation`` with the labels of one level, or the deepest safe ones.

    Parameters
    ----------
    annotation
        annotation.csv, one row for each cell.
    labels
        label_levels.csv, in the same order.
    levels
        Names of the levels, the coarsest first.
    level
        One of them, or `core.annotation.backoff.SAFE`.

    Returns
    -------
    ``annotation`` with the level's ``cell_type`` and ``probability``, and the name of the ``level`` of each label.
    Where no label is safe, ``assigned`` is False and the label is that of the coarsest level.
    """
    names = labels[_columns(levels)].astype(str).to_numpy(dtype=object)
    sure = labels[[f"{column}_probability" for column in _columns(levels)]].to_numpy(dtype=float)
    assigned = annotation["assigned"].to_numpy(bool)
    if level == SAFE:
        deepest = _deepest(labels, levels)
        assigned = assigned & (deepest > NONE)
        depth = np.maximum(deepest, 0)
    else:
        depth = np.full(len(annotation), list(levels).index(level))
    rows = np.arange(len(annotation))
    return annotation.assign(
        cell_type=names[rows, depth],
        probability=sure[rows, depth],
        assigned=assigned,
        level=np.asarray(levels, dtype=object)[depth],
    )


def raised(own: Sequence[str] | np.ndarray, tree: pd.DataFrame, level: str) -> np.ndarray:
    """(n_cells,), labels of the finest level as ``level`` names them; labels that the tree lacks stay as they are.

    Parameters
    ----------
    own
        (n_cells,), such as the query's own labels.
    tree
        hierarchy.csv: a column for each level, the coarsest first.
    level
        One of the columns.
    """
    above = dict(zip(tree.iloc[:, -1].astype(str), tree[level].astype(str), strict=True))
    return np.array([above.get(str(name), str(name)) for name in own], dtype=object)


def on_the_way(own: Sequence[str] | np.ndarray, given: Sequence[str] | np.ndarray, tree: pd.DataFrame) -> np.ndarray:
    """(n_cells,), whether each given label, of any level, is the cell's own type or lies above it.

    Parameters
    ----------
    own
        (n_cells,), types.
    given
        (n_cells,), labels of any level.
    tree
        hierarchy.csv, as for `raised`.
    """
    labels = tree.astype(str).to_numpy()
    ways = {str(row[-1]): set(map(str, row)) for row in labels}
    return np.array([str(label) in ways.get(str(name), ()) for name, label in zip(own, given, strict=True)], dtype=bool)


def of_level(table: pd.DataFrame, annotation: pd.DataFrame, level: str, name: str) -> pd.DataFrame:
    """The rows of a table by level that belong to the labels given.

    Parameters
    ----------
    table
        level_per_type.csv or level_confusion.csv: with a column ``level``.
    annotation
        From `at_level`.
    level
        A level, all of whose rows are returned, or `core.annotation.backoff.SAFE`: the rows of labels that cells have.
    name
        The column of ``table`` that names labels.
    """
    if level != SAFE:
        return table.loc[table["level"] == level].drop(columns="level")
    kept = annotation.loc[annotation["assigned"].to_numpy(bool)]
    given = pd.MultiIndex.from_frame(kept.loc[:, ["level", "cell_type"]].drop_duplicates())
    return table.loc[pd.MultiIndex.from_frame(table.loc[:, ["level", name]]).isin(given)].drop(columns="level")


def _columns(levels: Sequence[str]) -> list[str]:
    return [f"level_{number + 1}" for number in range(len(levels))]


def _deepest(labels: pd.DataFrame, levels: Sequence[str]) -> np.ndarray:
    return pd.Index(levels).get_indexer(pd.Index(labels["safe_level"].astype(str)))
