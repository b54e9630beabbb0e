"""SingleCellExperiment and SummarizedExperiment, mapped from R's slots."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from core.data.formats.opened import Opened, in_memory
from core.data.formats.r_values import dense, is_empty, matrix_of, named_list, slot, strings, table_frame
from core.errors import DataError

CLASSES = ("SingleCellExperiment", "SummarizedExperiment", "RangedSummarizedExperiment")
_AS_X = ("logcounts", "normcounts", "exprs", "cpm", "tpm")


def map_experiment(content: Any) -> Opened:
    """Assays as places (``logcounts`` as ``X``), ``colData`` as ``obs``, ``rowData`` as ``var``.

    Raises
    ------
    DataError
        If there is no assay, or nothing names the genes.
    """
    assays = named_list(_list_data(slot(content, "assays")))
    assays = {name: matrix for name, matrix in assays.items() if not is_empty(matrix)}
    if not assays:
        raise DataError("The experiment has no assay", None, "Save an object that holds counts")
    obs = table_frame(slot(content, "colData"))
    var = _var(content)
    first = next((name for name in _AS_X if name in assays), None)
    places = []
    for name, matrix in assays.items():
        values, cells, genes = matrix_of(matrix)
        if isinstance(obs.index, pd.RangeIndex):
            obs.index = cells if cells is not None else pd.RangeIndex(values.shape[0]).astype(str)
        if isinstance(var.index, pd.RangeIndex) or len(var) != values.shape[1]:
            if genes is None:
                raise DataError(
                    "Nothing names the genes of the experiment", name, "Set rownames(x) in R and save it again"
                )
            var = var.set_axis(genes, axis=0) if len(var) == len(genes) else pd.DataFrame(index=genes)
        if values.shape != (len(obs), len(var)):
            raise DataError(
                "An assay does not fit the experiment", f"{name}, {values.shape}", "Save the object again in R"
            )
        places.append(in_memory("X" if name == first else f"layers/{name}", values, var))
    places.sort(key=lambda place: place.name != "X")
    return Opened(obs, tuple(places), _reduced(content, obs.index))


def _list_data(content: Any) -> Any:
    """Assays lie in a list in a list, in slots that changed their names over the years."""
    for _ in range(4):
        if content is None or isinstance(content, dict | list):
            return content
        content = next(
            (slot(content, key) for key in ("listData", "data", ".xData") if slot(content, key) is not None), None
        )
    return content


def _var(content: Any) -> pd.DataFrame:
    ranges = slot(content, "rowRanges")
    table = slot(ranges, "elementMetadata") if ranges is not None else slot(content, "elementMetadata")
    var = table_frame(table) if table is not None else pd.DataFrame()
    candidates = (
        slot(content, "NAMES"),
        slot(ranges, "partitioning", "NAMES"),
        slot(ranges, "ranges", "NAMES"),
        slot(ranges, "unlistData", "ranges", "NAMES"),
    )
    names = next((index for one in candidates if (index := strings(one)) is not None), None)
    if names is None:
        return var
    return var.set_axis(names, axis=0) if len(var) == len(names) else pd.DataFrame(index=names)


def _reduced(content: Any, cells: pd.Index) -> dict[str, np.ndarray]:
    table = slot(content, "int_colData")
    reduced = slot(named_list(slot(table, "listData")).get("reducedDims"), "listData") if table is not None else None
    found = {}
    for name, coordinates in named_list(reduced).items():
        if not is_empty(coordinates):
            values, _ = dense(coordinates)
            if len(values) == len(cells):
                found[f"X_{name.lower()}"] = values
    return found
