"""R values as rdata gives them: slots, lists, sparse matrices and tables."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from core.data.formats.opened import as_csr
from core.data.types import CSR
from core.errors import DataError

_SPARSE = ("dgCMatrix", "dgRMatrix", "dgTMatrix", "lgCMatrix", "ngCMatrix")


def class_of(content: Any) -> str:
    """The S4 class of an object, empty if it has none."""
    kinds = np.atleast_1d(getattr(content, "class", ()))
    return str(kinds[0]) if len(kinds) else ""


def slot(content: Any, *names: str) -> Any:
    """A slot, or a slot of a slot; None where it is missing or NULL."""
    for name in names:
        content = content.get(name) if isinstance(content, dict) else getattr(content, name, None)
        if content is None or (isinstance(content, str) and content.strip("\x01") == "NULL"):
            return None
    return content


def named_list(content: Any) -> dict[str, Any]:
    """A list of R with its names; empty where it has none."""
    return {str(name): one for name, one in content.items()} if isinstance(content, dict) else {}


def strings(content: Any) -> pd.Index | None:
    """A character vector as an index; None where there is none."""
    if content is None or (isinstance(content, str) and content.strip("\x01") == "NULL"):
        return None
    values = np.atleast_1d(np.asarray(content))
    return pd.Index([str(one) for one in values], dtype=object) if len(values) else None


def is_matrix(content: Any) -> bool:
    """Whether it is a matrix of numbers, dense or sparse."""
    if class_of(content) in _SPARSE:
        return True
    return getattr(content, "ndim", 0) == 2 and not isinstance(content, pd.DataFrame) and content.dtype.kind in "iufb"


def is_empty(content: Any) -> bool:
    """Whether a slot that should hold a matrix holds none."""
    if content is None or isinstance(content, list | str):
        return True
    if class_of(content) and class_of(content) not in _SPARSE:
        return False  # kept outside the object, for instance: that is for matrix_of to refuse
    shape = slot(content, "Dim") if class_of(content) in _SPARSE else getattr(content, "shape", ())
    return len(shape) != 2 or 0 in tuple(shape)


def matrix_of(content: Any) -> tuple[CSR, pd.Index | None, pd.Index | None]:
    """A genes x cells matrix of R as cells x genes, with the names of cells and genes.

    Raises
    ------
    DataError
        If its values are kept outside the file or are of another kind.
    """
    kind = class_of(content)
    if kind in _SPARSE:
        n_genes, n_cells = (int(n) for n in content.Dim)
        if kind == "dgTMatrix":
            values = sparse.csr_matrix((content.x, (content.j, content.i)), shape=(n_cells, n_genes))
        elif kind == "dgRMatrix":
            values = as_csr(sparse.csr_matrix((content.x, content.j, content.p), shape=(n_genes, n_cells)))
            values = sparse.csr_matrix(values.T)
        else:
            # A column-compressed matrix of R is a row-compressed one of cells x genes, byte for byte.
            stored = np.ones(len(content.i)) if kind == "ngCMatrix" else np.asarray(content.x, dtype=np.float64)
            values = as_csr(sparse.csr_matrix((stored, content.i, content.p), shape=(n_cells, n_genes)))
        names = [*(slot(content, "Dimnames") or []), None, None]
        return values, strings(names[1]), strings(names[0])
    if is_matrix(content):
        genes, cells = _names(content, 0), _names(content, 1)
        return sparse.csr_matrix(np.asarray(content, dtype=np.float64).T), cells, genes
    raise DataError(
        "The values lie outside the R object or in a kind of matrix that is not known here",
        kind or type(content).__name__,
        'In R, turn them into a dgCMatrix with as(x, "dgCMatrix") and save the object again',
    )


def dense(content: Any) -> tuple[np.ndarray, pd.Index | None]:
    """A dense matrix of R as it stands, with the names of its rows."""
    return np.asarray(content, dtype=np.float64), _names(content, 0)


def table_frame(content: Any) -> pd.DataFrame:
    """A ``data.frame`` or ``DFrame`` as a data frame; columns that are no vectors are left out."""
    if isinstance(content, pd.DataFrame):
        frame = content.copy()
        frame.columns = [str(column) for column in frame.columns]
        if not isinstance(frame.index, pd.RangeIndex):
            frame.index = pd.Index([str(name) for name in frame.index], dtype=object)
        return frame
    n_rows = int(np.atleast_1d(slot(content, "nrows"))[0]) if slot(content, "nrows") is not None else 0
    columns = {}
    for name, column in named_list(slot(content, "listData")).items():
        if (
            getattr(column, "ndim", 1) == 1
            and not isinstance(column, list)
            and hasattr(column, "__len__")
            and len(column) == n_rows
        ):
            columns[name] = column if isinstance(column, pd.Categorical) else np.asarray(column)
    names = strings(slot(content, "rownames"))
    return pd.DataFrame(columns, index=names if names is not None else pd.RangeIndex(n_rows))


def _names(content: Any, axis: int) -> pd.Index | None:
    coords = getattr(content, "coords", None)
    dims = getattr(content, "dims", ())
    if coords is None or len(dims) <= axis or dims[axis] not in coords:
        return None
    return strings(coords[dims[axis]].to_numpy())
