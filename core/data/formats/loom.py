"""Loom: an HDF5 file with genes in rows, read with h5py, since the loom library wants to write to what it opens."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from core.data.formats.opened import Opened, Place, spread
from core.data.memory import require_memory
from core.data.types import CSR
from core.errors import DataError

_GENE_NAMES = ("Gene", "gene", "Genes", "gene_name", "GeneName", "gene_names", "gene_symbols", "var_names", "Accession")
_CELL_NAMES = ("CellID", "cell_id", "cellid", "obs_names", "barcode", "Barcode", "cell_names")
BLOCK = 16 * 2**20


def read_loom(path: Path) -> Opened:
    """A loom file; attributes of columns with two dimensions become coordinates."""
    import h5py

    with h5py.File(path, "r") as opened:
        file: Any = opened
        matrix = file["matrix"]
        n_genes, n_cells = matrix.shape
        var, _ = _table(file["row_attrs"], n_genes, _GENE_NAMES)
        obs, obsm = _table(file["col_attrs"], n_cells, _CELL_NAMES)
        places = [_place(path, "X", "matrix", matrix, var)]
        for name in file.get("layers", ()):
            layer = file["layers"][name]
            if layer.shape == matrix.shape:
                places.append(_place(path, f"layers/{name}", f"layers/{name}", layer, var))
    return Opened(obs, tuple(places), obsm)


def _place(path: Path, name: str, key: str, matrix: Any, var: pd.DataFrame) -> Place:
    if matrix.dtype.kind not in "iufb":
        raise DataError("A matrix holds no numbers", str(matrix.dtype), "Bring a file with numeric values")
    rows = np.linspace(0, matrix.shape[0] - 1, min(64, matrix.shape[0])).astype(int)
    sample = spread(np.concatenate([np.asarray(matrix[row]) for row in np.unique(rows)])) if len(rows) else np.zeros(0)
    return Place(name, var, sample, partial(_load, path, key))


def _load(path: Path, key: str) -> CSR:
    import h5py

    with h5py.File(path, "r") as file:
        matrix: Any = file[key]
        n_genes, n_cells = matrix.shape
        rows = max(1, BLOCK // max(1, n_cells))
        blocks = []
        for start in range(0, n_genes, rows):
            blocks.append(sparse.csr_matrix(matrix[start : start + rows]))
            if start == 0:
                require_memory(n_genes / min(rows, n_genes) * blocks[0].nnz * (matrix.dtype.itemsize + 4), path.name)
        return (
            sparse.csr_matrix(sparse.vstack(blocks, format="csr").T)
            if blocks
            else sparse.csr_matrix((n_cells, n_genes))
        )


def _table(group: Any, n: int, names: tuple[str, ...]) -> tuple[pd.DataFrame, dict[str, np.ndarray]]:
    columns, wide = {}, {}
    for key in group:
        values = group[key][:]
        if len(values) != n:
            continue
        if values.ndim == 2 and values.shape[1] == 1:
            values = values[:, 0]
        if values.ndim == 2 and values.dtype.kind in "iuf":
            wide[key] = values
        elif values.ndim == 1:
            columns[key] = _text(values) if values.dtype.kind in "SO" else values
    table = pd.DataFrame(columns, index=pd.RangeIndex(n).astype(str))
    index = next((name for name in names if name in table), None)
    return (table if index is None else table.set_index(index)), wide


def _text(values: np.ndarray) -> np.ndarray:
    return np.array(
        [one.decode("utf-8", "replace") if isinstance(one, bytes) else str(one) for one in values], dtype=object
    )
