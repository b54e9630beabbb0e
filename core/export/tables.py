"""The CSV files of each verb, with the columns that other programs rely on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from core.errors import DataError
from core.files import whole

if TYPE_CHECKING:
    import pandas as pd

QUOTED = r'[",\r\n]'
"""What a text of a CSV file cannot hold without quotes."""
LABEL_SEPARATOR = "|"
"""Between the cell types of a label set."""

COLUMNS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "embedding": ("cell", "x", "y"),
        "annotation": (
            "cell",
            "cell_type",
            "probability",
            "assigned",
            "open_set_score",
            "label_set_90",
            "label_set_95",
        ),
        "intervals": ("sample", "cell_type", "proportion", "low", "high", "level"),
        "evaluation": ("experiment", "method", "metric", "fold", "seed", "value"),
    }
)
"""Files whose columns are all fixed."""

ROW_NAMES: Mapping[str, str] = MappingProxyType(
    {"code": "cell", "probabilities": "cell", "impact": "gene_set", "composition": "sample"}
)
"""Files with one column per unit or cell type, and the name of their first column."""


def write_table(table: pd.DataFrame, name: str, folder: Path) -> Path:
    """Write ``table`` to ``folder/name.csv``.

    Parameters
    ----------
    table
        For a file of fixed columns these columns, in any order; for a wide file the row names as index, or as first
        column under the name the file gives them.
    name
        File name without its ending.
    folder
        Made if it is not there.

    Raises
    ------
    DataError
        If a fixed column is missing.
    """
    path = folder / f"{name}.csv"
    with whole(path) as partial:
        if name in ROW_NAMES:
            _write_wide(arranged(table, name), partial)
        else:
            arranged(table, name).to_csv(partial, index=False)
    return path


def _write_wide(table: pd.DataFrame, path: Path) -> None:
    """As pandas writes it, at a seventh of the time: each number in as few digits as give it back."""
    import pyarrow as pa
    from pyarrow import csv

    with path.open("wb") as file:
        table.iloc[:0].to_csv(file, index=False)
        # its "needed" quotes every text, its "none" refuses those that need it
        texts = table.select_dtypes(exclude=["number", "bool"])
        plain = not any(texts[column].astype(str).str.contains(QUOTED).any() for column in texts)
        options = csv.WriteOptions(include_header=False, quoting_style="none" if plain else "needed")
        csv.write_csv(pa.Table.from_pandas(table, preserve_index=False), file, options)


def arranged(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """``table`` with the columns of the file ``name``, in their order; other files are left as they are."""
    if name in COLUMNS:
        missing = [column for column in COLUMNS[name] if column not in table]
        if missing:
            raise DataError(f"{name}.csv lacks columns", missing, "Compute the result again")
        sets = [column for column in COLUMNS[name] if column.startswith("label_set_")]
        return table.assign(**{column: table[column].map(joined_labels) for column in sets}).loc[:, list(COLUMNS[name])]
    first = ROW_NAMES.get(name)
    if first is None or first in table.columns:
        return table
    return table.rename_axis(first).reset_index()


def numbered(table: pd.DataFrame, column: str, names: Mapping[str, str]) -> pd.DataFrame:
    """``table`` with the names in ``column`` replaced by those in ``names``, so that no person can be recognised."""
    return table.assign(**{column: table[column].astype(str).map(names.__getitem__)})


def numbers_for(names: pd.Index, word: str) -> dict[str, str]:
    """sample_1, sample_2 ... for each name, in order, with leading zeros so that they sort."""
    width = len(str(len(names)))
    return {str(name): f"{word}_{number:0{width}d}" for number, name in enumerate(names, start=1)}


def joined_labels(labels: str | Iterable[object]) -> str:
    """A label set as text, ``B|NK``; text stays as it is."""
    return labels if isinstance(labels, str) else LABEL_SEPARATOR.join(map(str, labels))
