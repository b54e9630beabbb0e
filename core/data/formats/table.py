"""Tables as text: comma, tab, semicolon or space; comments; with or without names; long UMI-tools lists."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from core.data.formats.detect import is_compressed, open_bytes
from core.data.formats.layout import Layout, layout_of
from core.data.formats.opened import Opened, in_memory
from core.data.formats.orientation import Orientation, Table, oriented
from core.data.memory import require_memory
from core.data.types import CSR
from core.errors import DataError
from core.specs import Role

VALUES_AT_ONCE = 4_000_000
UNPACKED = 5
"""Times that a compressed table grows, for the estimate of memory."""

_INDEX_HEADER = re.compile(
    r"^$|^(index|unnamed: 0|x|id|ids|rownames|row\.names|names?|.*gene.*|.*symbol.*|ensembl.*|features?|probes?.*|"
    r"cells?([ _.-]?\w+)?|barcodes?.*|samples?([ _.-]?(ids?|names?))?)$",
    re.IGNORECASE,
)
_LONG = (
    {"gene", "genes", "gene_id", "gene_name"},
    {"cell", "cells", "barcode", "cell_barcode"},
    {"count", "counts", "umi", "umis"},
)


def read_table(path: Path, orientation: Orientation, role: Role) -> Opened:
    """A table of numbers.

    Raises
    ------
    DataError
        If it is no table, or text stands among its numbers.
    """
    layout = layout_of(path)
    if len(layout.header) == 3 and all(name.lower() in known for name, known in zip(layout.header, _LONG, strict=True)):
        return _read_long(path, layout)
    return oriented(_read_wide(path, layout), orientation, role, path.name)


def names_rows(header: str, first: pd.Series) -> bool:
    """Whether the first column names the rows rather than holding values or labels."""
    if _INDEX_HEADER.match(header):
        return True
    return first.dtype == object and first.nunique() > 0.9 * len(first)


def _read_wide(path: Path, layout: Layout) -> Table:
    names: list[str] = []
    text: list[pd.DataFrame] = []
    blocks: list[CSR] = []
    numeric: list[int] = []
    named, width = False, len(layout.header)
    for chunk in _chunks(path, layout, None):
        if not blocks:
            named = names_rows(layout.header[0], chunk[0])
            numeric = [column for column in range(int(named), width) if _is_numeric(chunk[column], layout, column, 0)]
            if not numeric:
                raise DataError(f"{path.name} holds no columns of numbers", None, "Bring a table of numbers with names")
        start = sum(block.shape[0] for block in blocks)
        for column in numeric:
            if not _is_numeric(chunk[column], layout, column, start):
                raise _text_among_numbers(chunk[column], layout, column, start)
        block = sparse.csr_matrix(chunk[numeric].to_numpy(dtype=np.float64))
        if not blocks:
            _require_memory(path, layout, block)
        blocks.append(block)
        names += chunk[0].astype(str).tolist() if named else []
        others = sorted(set(range(int(named), width)) - set(numeric))
        text.append(chunk[others].astype(object))
    if not blocks:
        raise DataError("The table holds no rows", path.name, "Bring a table with a header and rows of numbers")
    about = pd.concat(text, ignore_index=True)
    about.columns = [layout.header[column] for column in about.columns]
    values = sparse.csr_matrix(sparse.vstack(blocks, format="csr"))
    columns = [layout.header[column] for column in numeric]
    return Table(layout.header[0] if named else "", names if named else None, about, columns, values)


def _read_long(path: Path, layout: Layout) -> Opened:
    genes, cells, counts = [], [], []
    for chunk in _chunks(path, layout, {0: str, 1: str}):
        genes.append(chunk[0])
        cells.append(chunk[1])
        if not _is_numeric(chunk[2], layout, 2, 0):
            raise _text_among_numbers(chunk[2], layout, 2, 0)
        counts.append(chunk[2])
    gene, gene_names = pd.factorize(pd.concat(genes))
    cell, cell_names = pd.factorize(pd.concat(cells))
    values = pd.concat(counts).to_numpy(dtype=np.float64)
    matrix = sparse.csr_matrix((values, (cell, gene)), shape=(len(cell_names), len(gene_names)))
    place = in_memory("X", matrix, pd.DataFrame(index=pd.Index(gene_names, dtype=object)))
    return Opened(pd.DataFrame(index=pd.Index(cell_names, dtype=object)), (place,), called="the table")


def _chunks(path: Path, layout: Layout, types: Any) -> Iterator[Any]:
    with open_bytes(path) as stream:
        separator: Any = r"\s+" if layout.separator == " " else layout.separator
        yield from pd.read_csv(
            io.TextIOWrapper(stream, layout.encoding),
            sep=separator,
            header=None,
            names=range(len(layout.header)),
            index_col=False,
            skiprows=layout.skip,
            skip_blank_lines=True,
            decimal=layout.decimal,
            dtype=types,
            low_memory=False,
            chunksize=max(1, VALUES_AT_ONCE // len(layout.header)),
        )


def _is_numeric(column: pd.Series, layout: Layout, position: int, start: int) -> bool:
    """Whether a column holds numbers; a column with numbers and a little text is a mistake in the file."""
    if column.dtype != object:
        return True
    given = column.dropna()
    numbers = pd.Series(pd.to_numeric(given, errors="coerce")).notna()
    if numbers.sum() > 0.5 * len(given) and not numbers.all():
        raise _text_among_numbers(column, layout, position, start)
    return bool(len(given)) and bool(numbers.all())


def _text_among_numbers(column: pd.Series, layout: Layout, position: int, start: int) -> DataError:
    wrong = pd.Series(pd.to_numeric(column, errors="coerce")).isna() & column.notna()
    row = int(np.flatnonzero(wrong)[0])
    where = f"{column.iloc[row]} in column {layout.header[position]}, row {start + row + 1:,}"
    return DataError(
        "Text stands among the numbers of the table", where, "Put a number there, or remove the row or column"
    )


def _require_memory(path: Path, layout: Layout, first: CSR) -> None:
    size = path.stat().st_size * (UNPACKED if is_compressed(path) else 1)
    n_rows = max(first.shape[0], size / max(1.0, layout.line_bytes))
    require_memory(n_rows / first.shape[0] * first.nnz * 12, path.name)
