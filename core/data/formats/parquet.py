"""Parquet: a table with names along both sides, as pandas, polars or R write it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse

from core.data.formats.opened import Opened
from core.data.formats.orientation import Orientation, Table, oriented
from core.data.formats.table import names_rows
from core.data.memory import require_memory
from core.errors import DataError
from core.specs import Role


def read_parquet(path: Path, orientation: Orientation, role: Role) -> Opened:
    """A parquet table; columns that are not numeric describe the rows.

    Raises
    ------
    DataError
        If it holds no numbers.
    """
    import pyarrow
    import pyarrow.parquet as pq

    try:
        metadata = pq.ParquetFile(path).metadata
        require_memory(metadata.num_rows * metadata.num_columns * 8, path.name)
        frame = pq.read_table(path).to_pandas()
    except pyarrow.ArrowException as error:
        raise DataError("The parquet file is damaged", path.name, "Copy it or save it again") from error
    return oriented(table_of(frame, path.name), orientation, role, path.name)


def table_of(frame: pd.DataFrame, name: str) -> Table:
    """A data frame as a table: numeric columns are values, the index or the first column names the rows.

    Raises
    ------
    DataError
        If it holds no numbers.
    """
    frame = frame.set_axis([str(column) for column in frame.columns], axis=1)
    if frame.empty:
        raise DataError("The table is empty", name, "Bring a table with rows and columns")
    corner, rows = "", None
    first = str(frame.columns[0])
    if not isinstance(frame.index, pd.RangeIndex):
        corner, rows = str(frame.index.name or ""), [str(row) for row in frame.index]
    elif names_rows(first, frame.iloc[:, 0]):
        corner, rows = first, frame.iloc[:, 0].astype(str).tolist()
        frame = frame.iloc[:, 1:]
    numeric = np.array([pd.api.types.is_numeric_dtype(kind) for kind in frame.dtypes], dtype=bool)
    if not numeric.any():
        raise DataError(f"{name} holds no columns of numbers", None, "Bring a table of numbers with names")
    values = sparse.csr_matrix(frame.loc[:, numeric].to_numpy(dtype=np.float64, na_value=np.nan))
    text = frame.loc[:, ~numeric].reset_index(drop=True)
    return Table(corner, rows, text, list(frame.columns[numeric]), values)
