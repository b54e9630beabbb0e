"""Where every query cell goes: from its cluster, or from the label it came with, to the label it is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.annotation.agreement import confusion

if TYPE_CHECKING:
    from collections.abc import Sequence


def given_labels(called: Sequence[str] | np.ndarray, assigned: np.ndarray, refused: str) -> np.ndarray:
    """(n_cells,), the called type of each cell, or ``refused`` where it keeps no label."""
    return np.where(np.asarray(assigned, dtype=bool), np.asarray(called, dtype=object), refused)


def flow(groups: Sequence[str] | np.ndarray, given: Sequence[str] | np.ndarray) -> pd.DataFrame:
    """Cells by the group they come from and the label they are given; no cell is left out.

    Returns
    -------
    ``group``, ``label``, ``cells`` and ``share`` (of the group's cells, 0 to 1).
    """
    return confusion(groups, given).rename(columns={"known": "group", "called": "label"})


def purity(table: pd.DataFrame) -> float:
    """Share of all cells of `flow` that are given the commonest label of their group, 0 to 1."""
    return float(table.groupby("group")["cells"].max().sum() / table["cells"].sum())


def identity_table(
    known: Sequence[str] | np.ndarray, given: Sequence[str] | np.ndarray, types: Sequence[str], refused: str
) -> pd.DataFrame:
    """All cells by the label they came with and the label they are given.

    Parameters
    ----------
    known
        (n_cells,), the query's own labels.
    given
        (n_cells,), called types, ``refused`` where a cell keeps none.
    types
        Types that the reference has.
    refused
        The word for a cell without a label.

    Returns
    -------
    Cells, own labels in rows: those the reference has first, the best recovered on top, so that the diagonal falls;
    then the others by size. Columns: the same types in the same order, types that no own label names, ``refused``.
    """
    table = confusion(known, given)
    counts = table.pivot(index="known", columns="called", values="cells").fillna(0).astype(int)
    shared = [name for name in counts.index if name in set(types)]
    others = [name for name in counts.index if name not in shared]
    whole = counts.sum(axis=1)
    right = {name: counts.at[name, name] / whole[name] if name in counts.columns else 0.0 for name in shared}
    shared.sort(key=lambda name: (-right[name], name))
    others.sort(key=lambda name: (-whole[name], name))
    more = sorted(name for name in types if name not in shared and name in counts.columns)
    order = [*shared, *more, refused]
    return counts.reindex(index=[*shared, *others], columns=order, fill_value=0)


def ordered_cells(probabilities: np.ndarray, groups: Sequence[str] | np.ndarray, most: int) -> np.ndarray:
    """Cells in the order of a probability map: by group, the surest first, evenly thinned where there are many.

    Parameters
    ----------
    probabilities
        (n_cells, n_types), rows sum to one.
    groups
        (n_cells,), label of each cell; groups come in order of their size, the largest first.
    most
        Cells shown at most; every group keeps its share of these and one cell at least, so few may come on top.

    Returns
    -------
    Row numbers.
    """
    names, numbers = np.unique(np.asarray(groups, dtype=object).astype(str), return_inverse=True)
    sizes = np.bincount(numbers, minlength=len(names))
    kept = []
    for number in np.lexsort((names, -sizes)):
        rows = np.flatnonzero(numbers == number)
        rows = rows[np.argsort(-probabilities[rows].max(axis=1), kind="stable")]
        share = len(rows) if len(numbers) <= most else max(1, round(most * len(rows) / len(numbers)))
        kept.append(rows[np.linspace(0, len(rows) - 1, share).round().astype(int)])
    return np.concatenate(kept) if kept else np.arange(0)
