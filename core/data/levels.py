"""Labels at several levels: which coarser label each fine one belongs to, by the columns of a reference."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pandas as pd

from core.data.labels import as_labels
from core.data.wording import listed
from core.errors import DataError

MOST_NAMED = 5


def label_levels(obs: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """The labels above each of the finest labels.

    Parameters
    ----------
    obs
        Cells x columns. Cells without a label in the last of ``columns`` do not count.
    columns
        Columns of labels, from coarse to fine.

    Returns
    -------
    One row for each label of the last column, in alphabetical order, with the label above it in every other column.

    Raises
    ------
    DataError
        If a label lies under two of the next coarser ones or under none, or if a coarser column tells nothing apart.
    """
    table = pd.DataFrame({column: as_labels(pd.Series(obs[column])) for column in columns}, index=obs.index)
    table = table.loc[table[columns[-1]].notna(), :].astype(object)
    for coarse, fine in pairwise(columns):
        _require_one_parent(table, coarse, fine)
    for column in columns[:-1]:
        if table[column].nunique() < 2:
            raise DataError(
                f"The column {column} holds one label only, so it is no level above {columns[-1]}",
                listed(table[column].unique()),
                "Choose a column that groups the labels, or leave this one out",
            )
    return table.drop_duplicates(columns[-1]).sort_values(columns[-1]).loc[:, list(columns)].reset_index(drop=True)


def _require_one_parent(table: pd.DataFrame, coarse: str, fine: str) -> None:
    cells = table.groupby([fine, coarse], dropna=False, sort=True).size()
    above: dict[str, list[str]] = {}
    for (label, parent), n in cells.items():  # pyright: ignore[reportGeneralTypeIssues]  pairs, by the two columns
        above.setdefault(label, []).append(f"{'none' if pd.isna(parent) else parent} ({n:,} cells)")
    lost = set(table.loc[table[coarse].isna(), fine])
    wrong = {label: parents for label, parents in above.items() if len(parents) > 1 or label in lost}
    if wrong:
        raise DataError(
            f"Every label of {fine} must lie under one label of {coarse}, and {len(wrong):,} do not",
            listed([f"{label}: {listed(parents)}" for label, parents in wrong.items()], MOST_NAMED),
            "Correct these cells in the file, give the columns from coarse to fine, or leave one out",
        )
