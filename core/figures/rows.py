"""Rows of a table, picked by the name in a column."""

from __future__ import annotations

from typing import cast

import numpy as np
import pandas as pd


def where(table: pd.DataFrame, column: str, name: object, *, by: str | None = None) -> pd.DataFrame:
    """Rows whose ``column`` says ``name``, sorted by the column ``by`` where one is given."""
    found = cast(pd.DataFrame, table[table[column].astype(str) == str(name)])
    return found if by is None else found.sort_values(by, kind="stable")


def names_in(table: pd.DataFrame, column: str) -> list[str]:
    """The names in ``column``, each once, in order of appearance."""
    return [str(name) for name in dict.fromkeys(table[column])]


def numbers(table: pd.DataFrame, column: str) -> np.ndarray:
    """(n_rows,), the column as floating-point numbers."""
    return table[column].to_numpy(dtype=float)
