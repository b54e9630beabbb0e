"""AnnData on disk, h5ad or zarr: tables at once, matrices when they are chosen."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import sparse

from core.data.formats.opened import SAMPLE, Opened, Place, as_csr, csr_blocks, in_memory, spread
from core.data.memory import require_memory
from core.data.types import CSR
from core.errors import DataError

if TYPE_CHECKING:
    import anndata

BLOCK = 16 * 2**20
"""Values of a dense matrix that are read at a time."""
PROBES = 16

OpenGroup = Callable[[], AbstractContextManager[Any]]


def read_h5ad(path: Path, inside: str = "/") -> Opened:
    """An h5ad file, opened read-only; ``inside`` names the group of one modality of an h5mu file."""
    import h5py

    def open_group() -> AbstractContextManager[Any]:
        return _Inside(h5py.File(path, "r"), inside)

    with open_group() as group:
        if isinstance(group["obs"], h5py.Dataset):  # before AnnData 0.7 tables were compound arrays
            return _read_legacy(path)
        return _opened(group, open_group, path.name)


def read_zarr(path: Path) -> Opened:
    """A zarr store of AnnData, format 2 or 3, in a folder."""
    import zarr

    def open_group() -> AbstractContextManager[Any]:
        return _Inside(zarr.open_group(path, mode="r"), "/")

    with open_group() as group:
        if "obs" not in group or "var" not in group:
            raise DataError("This zarr store holds no AnnData", path.name, "Bring a store with obs, var and X")
        return _opened(group, open_group, path.name)


class _Inside:
    """A group of a store, closed on the way out where the store can be closed."""

    def __init__(self, store: Any, inside: str) -> None:
        self.store, self.inside = store, inside

    def __enter__(self) -> Any:
        return self.store[self.inside] if self.inside != "/" else self.store

    def __exit__(self, *_: object) -> None:
        if hasattr(self.store, "close"):
            self.store.close()


def _opened(group: Any, open_group: OpenGroup, name: str) -> Opened:
    obs, var = _frame(_element(group["obs"])), _frame(_element(group["var"]))
    places = []
    matrices: list[tuple[str, str, pd.DataFrame]] = []
    if "X" in group:
        matrices.append(("X", "X", var))
    if "raw/X" in group:
        matrices.append(("raw", "raw/X", _frame(_element(group["raw/var"]))))
    for layer in sorted(group.get("layers", ())):
        matrices.append((f"layers/{layer}", f"layers/{layer}", var))
    for place, key, columns in matrices:
        if _shape(group[key]) == (len(obs), len(columns)):
            places.append(_place(group[key], open_group, place, key, columns, name))
    return Opened(obs, tuple(places), _obsm(group), _colours(group))


def _place(element: Any, open_group: OpenGroup, place: str, key: str, var: pd.DataFrame, name: str) -> Place:
    sample, load = _sample(element), partial(_load, open_group, key, name)
    blocks: Callable[[], Iterator[CSR]] | None = partial(_blocks, open_group, key)
    if _is_sparse(element):
        n_values = int(element["data"].shape[0])
        n_bytes = n_values * (element["data"].dtype.itemsize + element["indices"].dtype.itemsize)
        if not _by_rows(element):
            blocks = None
    else:
        rows = np.asarray(element[: max(1, SAMPLE // max(1, element.shape[1]))])
        n_values = int(np.count_nonzero(rows) / max(1, rows.size) * element.size)
        n_bytes = n_values * (element.dtype.itemsize + 4)
    return Place(place, var, sample, load, n_values, n_bytes, blocks)


def _by_rows(element: Any) -> bool:
    encoding = element.attrs.get("encoding-type", element.attrs.get("h5sparse_format", ""))
    return str(encoding) in ("csr_matrix", "csr")


def _blocks(open_group: OpenGroup, key: str) -> Iterator[CSR]:
    """A matrix by rows, a few at a time."""
    with open_group() as group:
        element = group[key]
        n_cells, n_genes = _shape(element)
        if _is_sparse(element):
            yield from csr_blocks(element["data"], element["indices"], element["indptr"][:], n_genes)
            return
        step = max(1, BLOCK // max(1, n_genes))
        for start in range(0, n_cells, step):
            yield sparse.csr_matrix(np.asarray(element[start : start + step]))


def _element(element: Any) -> Any:
    from anndata._io.specs.registry import IORegistryError  # private, yet raised to callers
    from anndata.io import read_elem

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the file's age: old files are read all the same
            return read_elem(element)
    except IORegistryError as error:
        what = "Part of the file was written by a newer AnnData than this one can read"
        raise DataError(what, str(element.name), "Save it again without that part") from error


def table(element: Any) -> pd.DataFrame:
    """A table of an open file."""
    return _frame(_element(element))


def _frame(table: Any) -> pd.DataFrame:
    """A table of AnnData, which its own types call many things."""
    if not isinstance(table, pd.DataFrame):
        raise DataError("obs or var is not a table", type(table).__name__, "Save the file again with a current AnnData")
    return table


def _shape(element: Any) -> tuple[int, int]:
    shape = element.attrs.get("shape", element.attrs.get("h5sparse_shape")) if _is_sparse(element) else element.shape
    return (int(shape[0]), int(shape[1])) if shape is not None and len(shape) == 2 else (-1, -1)


def _is_sparse(element: Any) -> bool:
    return not hasattr(element, "shape")


def _sample(element: Any) -> np.ndarray:
    """Non-zero values from places spread over the matrix."""
    values = element["data"] if _is_sparse(element) else element
    if values.dtype.kind not in "iufb":
        raise DataError("A matrix holds no numbers", str(values.dtype), "Bring a file with numeric values")
    n = values.shape[0]
    width = 4096 if _is_sparse(element) else max(1, 50_000 // max(1, values.shape[1]))
    if n <= PROBES * width:
        return spread(np.asarray(values[:]))
    starts = np.linspace(0, n - width, PROBES).astype(int)
    return spread(np.concatenate([np.asarray(values[start : start + width]).ravel() for start in starts]))


def _load(open_group: OpenGroup, key: str, name: str) -> CSR:
    with open_group() as group:
        element = group[key]
        if _is_sparse(element):
            n_values = element["data"].shape[0]
            require_memory(n_values * (element["data"].dtype.itemsize + element["indices"].dtype.itemsize), name)
            return as_csr(_element(element))
        return _by_blocks(element, name)


def _by_blocks(element: Any, name: str) -> CSR:
    n_cells, n_genes = element.shape
    rows = max(1, BLOCK // max(1, n_genes))
    blocks = []
    for start in range(0, n_cells, rows):
        blocks.append(sparse.csr_matrix(np.asarray(element[start : start + rows])))
        if start == 0 and n_cells:
            read = min(rows, n_cells)
            require_memory(n_cells / read * blocks[0].nnz * (element.dtype.itemsize + 4), name)
    return sparse.csr_matrix(sparse.vstack(blocks, format="csr")) if blocks else sparse.csr_matrix(element.shape)


def _obsm(group: Any) -> dict[str, np.ndarray]:
    found = {}
    for key in group.get("obsm", ()):
        element = group["obsm"][key]
        if hasattr(element, "shape") and len(element.shape) == 2 and element.dtype.kind in "iuf":
            found[key] = np.asarray(_element(element))
    return found


def _colours(group: Any) -> dict[str, list[str]]:
    keys = [key for key in group["uns"] if key.endswith("_colors")] if "uns" in group else []
    return {key: [str(colour) for colour in np.atleast_1d(_element(group["uns"][key]))] for key in keys}


def _read_legacy(path: Path) -> Opened:
    import anndata
    import h5py

    with h5py.File(path, "r") as file:
        matrix: Any = file["X"]
        n_bytes = matrix["data"].size * 12 if _is_sparse(matrix) else matrix.size * matrix.dtype.itemsize
    require_memory(n_bytes, path.name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return from_anndata(anndata.read_h5ad(path))


def from_anndata(adata: anndata.AnnData) -> Opened:
    """An AnnData object in memory as if it had been opened from a file."""
    var = _frame(adata.var)
    places = [in_memory("X", adata.X, var)] if adata.X is not None else []
    if adata.raw is not None:
        places.append(in_memory("raw", adata.raw.X, _frame(adata.raw.var)))
    places += [in_memory(f"layers/{name}", adata.layers[name], var) for name in adata.layers]
    obsm = {key: np.asarray(value) for key, value in adata.obsm.items() if isinstance(value, np.ndarray)}
    colours = {key: [str(one) for one in np.atleast_1d(adata.uns[key])] for key in adata.uns if key.endswith("_colors")}
    return Opened(_frame(adata.obs), tuple(places), obsm, colours)
