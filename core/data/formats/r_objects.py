"""R files, read without R: RDS and RData, with the matrices and tables that single-cell objects are made of."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pandas as pd
from scipy import sparse

from core.data.formats import seurat, single_cell_experiment
from core.data.formats.opened import Opened, in_memory
from core.data.formats.orientation import Orientation, oriented
from core.data.formats.parquet import table_of
from core.data.formats.r_values import class_of, is_matrix, matrix_of, table_frame
from core.data.memory import require_memory
from core.errors import DataError
from core.specs import Role

UNPACKED = 8
"""Bytes in memory for each byte of a compressed R file."""
_REMEDY = "Save a Seurat object, a SingleCellExperiment, a matrix or a data frame with saveRDS"


def read_r(path: Path, orientation: Orientation, role: Role) -> Opened:
    """The cells in an R file.

    Raises
    ------
    DataError
        If no object in it holds cells, or several do.
    """
    import rdata

    require_memory(path.stat().st_size * UNPACKED, path.name)
    with warnings.catch_warnings():
        # rdata warns of every class it does not know; the classes that matter are mapped here.
        warnings.simplefilter("ignore")
        try:
            content = rdata.conversion.convert(rdata.parser.parse_file(path), default_encoding="utf-8")
        except AssertionError:  # rdata's way to say that bytes are missing or left over
            raise DataError("The R file is damaged", path.name, "Copy it or save it again") from None
    if isinstance(content, dict) and not _is_cells(content):
        cells = {name: one for name, one in content.items() if _is_cells(one)}
        if len(cells) != 1:
            names = [str(name) for name in (cells or content)]
            what = "Several objects in the file hold cells" if cells else "No object in the file holds cells"
            raise DataError(what, names, _REMEDY)
        content = next(iter(cells.values()))
    return map_object(content, orientation, role, path.name)


def map_object(content: Any, orientation: Orientation, role: Role, name: str) -> Opened:
    """An R object, as rdata gives it, as an opened file.

    Raises
    ------
    DataError
        If it is of a class that holds no cells.
    """
    kind = class_of(content)
    if kind in seurat.CLASSES:
        return seurat.map_seurat(content)
    if kind in single_cell_experiment.CLASSES:
        return single_cell_experiment.map_experiment(content)
    if is_matrix(content):
        values, cells, genes = matrix_of(content)
        if cells is None or genes is None:
            raise DataError(
                "The matrix has no names for its genes or cells", name, "Give it dimnames in R and save it again"
            )
        if orientation == "cells_in_rows":
            values, cells, genes = sparse.csr_matrix(values.T), genes, cells
        return Opened(pd.DataFrame(index=cells), (in_memory("X", values, pd.DataFrame(index=genes)),))
    if isinstance(content, pd.DataFrame):
        return oriented(table_of(table_frame(content), name), orientation, role, name)
    raise DataError("The R object holds no cells that can be read", kind or type(content).__name__, _REMEDY)


def _is_cells(content: Any) -> bool:
    known = class_of(content) in (*seurat.CLASSES, *single_cell_experiment.CLASSES)
    return known or is_matrix(content) or isinstance(content, pd.DataFrame)
