"""HDF5 files: AnnData, 10x or loom, told apart by what lies inside."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.data.formats import anndata_store, loom, mudata, tenx_h5
from core.data.formats.opened import Opened
from core.data.wording import quoted
from core.errors import DataError

if TYPE_CHECKING:
    import h5py

_CUT_OFF = re.compile(r"eof = (\d+).*stored_eof = (\d+)")
"""How HDF5 says that a file is shorter than its own first block says."""


def read_hdf5(path: Path, modality: str = mudata.AUTO) -> Opened:
    """Hand the file to the reader of its layout; ``modality`` names the part of a file that has several.

    Raises
    ------
    DataError
        If it is damaged or no layout fits.
    """
    import h5py

    with _opened(path) as opened:
        file: Any = opened
        keys = set(file)
        has_parts = "mod" in keys and len(file["mod"]) > 0
        is_10x_1 = any(
            isinstance(file[key], h5py.Group) and {"barcodes", "genes", "data"} <= set(file[key]) for key in keys
        )
    if {"obs", "var"} <= keys and not has_parts:
        return anndata_store.read_h5ad(path)
    if has_parts:
        return mudata.read_h5mu(path, modality)
    if {"matrix", "row_attrs", "col_attrs"} <= keys:
        return loom.read_loom(path)
    if "matrix" in keys or is_10x_1:
        return tenx_h5.read_tenx_h5(path, modality)
    if "assays" in keys and "meta.data" in keys:
        raise DataError(
            "This is an h5Seurat file", path.name, "Save the object in R with saveRDS and choose the RDS file"
        )
    raise DataError(
        f"{path.name} is HDF5 but neither AnnData, 10x nor loom",
        f"it holds {quoted(sorted(keys))}" if keys else "it is empty",
        "Save the cells as h5ad",
    )


def modalities(path: Path) -> tuple[str, ...]:
    """Names of the parts of an h5mu or a 10x file with several kinds of feature; none of any other."""
    with _opened(path) as opened:
        file: Any = opened
        if "mod" in file:
            return tuple(str(name) for name in file["mod"])
        if "matrix" in file and "features" in file["matrix"]:
            return tenx_h5.types_in(file["matrix"]["features"])
    return ()


def _opened(path: Path) -> h5py.File:
    import h5py

    try:
        return h5py.File(path, "r")
    except OSError as error:
        if not (lengths := _CUT_OFF.search(str(error))):
            raise
        there, whole = (int(length) for length in lengths.groups())
        raise DataError(
            f"{path.name} is cut off: its end is missing",
            f"{there:,} of {whole:,} bytes",
            "Copy or download it again",
        ) from None
