"""How well called types agree with known ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Collection

    Labels = Sequence[str] | np.ndarray | pd.Series


def agreement(
    known: Labels, called: Labels, reference_types: Collection[str], assigned: np.ndarray | None = None
) -> pd.DataFrame:
    """Accuracy on all cells, with coverage beside it.

    Cells of types that the reference lacks cannot be called right; they count in ``cells`` and in the refusal rows.

    Parameters
    ----------
    known
        (n_cells,), true type names.
    called
        (n_cells,), best type of every cell, refused or not.
    reference_types
        Types that the reference has.
    assigned
        (n_cells,), True where the cell keeps its label; None: everywhere.

    Returns
    -------
    One row: ``accuracy`` and ``macro_f1`` over all cells of shared types, ``coverage`` (share of these
    that keep their label), ``accuracy_assigned`` (of these), ``unknown_refused`` (share of the cells of other types
    that are refused), ``cells``, ``cells_of_shared_types``. Shares lie in 0 to 1; NaN where there is no such cell.

    Raises
    ------
    DataError
        If no cell is of a type that the reference has.
    """
    truth, call = np.asarray(known, dtype=object), np.asarray(called, dtype=object)
    kept = np.ones(len(truth), dtype=bool) if assigned is None else np.asarray(assigned, dtype=bool)
    shared = np.isin(truth, list(reference_types))
    if not shared.any():
        raise DataError(
            "No cell is of a type that the reference has",
            value=sorted(set(truth))[:5],
            remedy="Give the types the same names in both files",
        )
    right = (truth == call)[shared]
    covered = kept[shared]
    return pd.DataFrame(
        {
            "accuracy": [float(right.mean())],
            "macro_f1": [float(per_type(truth[shared], call[shared])["f1"].mean())],
            "coverage": [float(covered.mean())],
            "accuracy_assigned": [float(right[covered].mean()) if covered.any() else np.nan],
            "unknown_refused": [float((~kept[~shared]).mean()) if (~shared).any() else np.nan],
            "cells": [len(truth)],
            "cells_of_shared_types": [int(shared.sum())],
        }
    )


def per_type(known: Labels, called: Labels) -> pd.DataFrame:
    """Precision, recall and F1 of each known type; a call to any other type is an error.

    Returns
    -------
    A row per type that occurs in ``known``: ``cell_type``, ``precision``, ``recall``, ``f1`` (0 to 1; precision is 0
    where the type is never called), ``support`` (cells) and ``called`` (cells called so).
    """
    table = confusion(known, called)
    rows = []
    for kind, cells in table.groupby("known", sort=True):
        support = int(cells["cells"].sum())
        right = int(cells.loc[cells["called"] == kind, "cells"].sum())
        times = int(table.loc[table["called"] == kind, "cells"].sum())
        rows.append(
            {
                "cell_type": kind,
                "precision": right / times if times else 0.0,
                "recall": right / support,
                "f1": 2 * right / (support + times),
                "support": support,
                "called": times,
            }
        )
    return pd.DataFrame(rows, columns=pd.Index(["cell_type", "precision", "recall", "f1", "support", "called"]))


def confusion(known: Labels, called: Labels) -> pd.DataFrame:
    """Cells by known and called type, pairs without a cell left out.

    Returns
    -------
    ``known``, ``called``, ``cells`` and ``share`` (of the cells of the known type, 0 to 1).
    """
    pairs = pd.DataFrame({"known": np.asarray(known, dtype=object), "called": np.asarray(called, dtype=object)})
    table = pairs.value_counts(sort=False).sort_index().rename("cells").reset_index()
    table["share"] = table["cells"] / table.groupby("known")["cells"].transform("sum")
    return table
