"""One code unit: where it is high, what it moves, what it answers to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.interpretation.null import Chance


def unit_by_label(values: np.ndarray, labels: Sequence[str] | np.ndarray) -> pd.DataFrame:
    """Distribution of one unit over labels.

    Parameters
    ----------
    values
        (n_cells,), the unit's values.
    labels
        (n_cells,).

    Returns
    -------
    A table, highest median first: label, cells, mean, sd, low, lower_quarter, median, upper_quarter, high; in the
    unit of the code. sd is that of the cells at hand, 0 for one cell.
    """
    groups = pd.Series(values).groupby(np.asarray(labels, dtype=object).astype(str))
    quarters = groups.quantile(np.array([0.0, 0.25, 0.5, 0.75, 1.0])).unstack()
    quarters.columns = pd.Index(["low", "lower_quarter", "median", "upper_quarter", "high"])
    table = pd.DataFrame({"cells": groups.size(), "mean": groups.mean(), "sd": groups.std(ddof=0)}).join(quarters)
    table = table.rename_axis("label").reset_index()
    return table.sort_values(["median", "mean"], ascending=False, kind="stable", ignore_index=True)


def highest_labels(code: np.ndarray, labels: Sequence[str] | np.ndarray) -> dict[str, str]:
    """For each unit ("unit_1" ...) the label with the highest mean value.

    Parameters
    ----------
    code
        (n_cells, n_units).
    labels
        (n_cells,).
    """
    names, numbers = np.unique(np.asarray(labels, dtype=object).astype(str), return_inverse=True)
    means = np.stack([code[numbers == number].mean(axis=0) for number in range(len(names))])
    return {f"unit_{unit + 1}": str(names[label]) for unit, label in enumerate(means.argmax(axis=0))}


def top_cells(values: np.ndarray, cells: Sequence[str], n: int = 20, *, lowest: bool = False) -> pd.DataFrame:
    """The cells with the highest values of one unit, or with the lowest.

    Parameters
    ----------
    values
        (n_cells,), the unit's values.
    cells
        Names of the n_cells cells.
    n
        Number of cells.
    lowest
        Those with the lowest values instead.

    Returns
    -------
    A table, the most extreme first: row (number of the cell), cell, value.
    """
    order = np.argsort(np.asarray(values) if lowest else -np.asarray(values), kind="stable")[:n]
    return pd.DataFrame({"row": order, "cell": np.asarray(cells, dtype=object)[order], "value": values[order]})


def top_sets(unit: str, impact: pd.DataFrame, chance: Chance, n: int = 10) -> pd.DataFrame:
    """The gene sets with the highest z for one unit.

    Parameters
    ----------
    unit
        A column of the tables, such as "unit_3".
    impact
        n_sets x n_units, as shown.
    chance
        The same against shuffled genes.
    n
        Number of sets.

    Returns
    -------
    A table, highest z first: gene_set, impact, z, p_adjusted.
    """
    table = pd.DataFrame({"impact": impact[unit], "z": chance.z[unit], "p_adjusted": chance.p_adjusted[unit]})
    table = table.sort_values("z", ascending=False, kind="stable").head(n)
    return table.rename_axis("gene_set").reset_index()
