"""MatrixMarket with its two lists, as Cell Ranger, STARsolo and alevin write it: a folder, or a prefix in one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
from scipy import sparse

from core.data.formats.detect import open_bytes
from core.data.formats.mudata import AUTO
from core.data.formats.opened import Opened, in_memory
from core.data.formats.tenx_h5 import feature_types, features_only
from core.data.memory import require_memory
from core.errors import DataError

_GENES = ("features", "genes")
_CELLS = ("barcodes", "cells")


def matrices_in(folder: Path) -> list[Path]:
    """All MatrixMarket files in a folder, up to three levels down."""
    found = [path for pattern in ("*", "*/*", "*/*/*") for path in folder.glob(pattern) if _is_mtx(path.name)]
    return sorted(path for path in found if path.is_file() and not path.name.startswith("._"))


def read_mtx(path: Path, modality: str = AUTO) -> Opened:
    """The matrix at ``path`` with the lists of genes and cells beside it, plain or gzipped.

    ``modality``: the type of feature to read, where there are several.

    Raises
    ------
    DataError
        If a list is missing or does not fit the matrix.
    """
    from scipy.io import mmread

    name = path.name.removesuffix(".gz").removesuffix(".mtx")
    prefix = name.removesuffix("matrix")
    genes_file, cells_file = _beside(path, prefix, _GENES), _beside(path, prefix, _CELLS)
    with open_bytes(path) as stream:
        require_memory(_stored(stream) * 12, path.name)
    with open_bytes(path) as stream:
        matrix: Any = mmread(stream)
    genes, cells = _lines(genes_file), _lines(cells_file)
    if matrix.shape == (len(cells), len(genes)) and len(cells) != len(genes):
        counts = sparse.csr_matrix(matrix)
    elif matrix.shape == (len(genes), len(cells)):
        counts = sparse.csr_matrix(matrix.T)
    else:
        raise DataError(
            f"{path.name} does not fit its lists",
            f"{matrix.shape[0]:,} x {matrix.shape[1]:,} values, {len(genes):,} genes, {len(cells):,} cells",
            "Bring the three files that were written together",
        )
    features = _var(genes)
    counts, var, findings, kind = features_only(counts, features, modality)
    obs = pd.DataFrame(index=pd.Index(cells[0].astype(str).to_numpy(), dtype=object))
    place = in_memory("X", counts, var)
    types = feature_types(features)
    return Opened(obs, (place,), findings=findings, called="the matrix", modalities=types, modality=kind)


def _var(genes: pd.DataFrame) -> pd.DataFrame:
    """Columns are identifier, symbol and kind of feature; one column is both identifier and symbol."""
    symbols = genes[1] if genes.shape[1] > 1 else genes[0]
    var = pd.DataFrame({"gene_ids": genes[0].to_numpy()}, index=pd.Index(symbols.to_numpy(), dtype=object))
    if genes.shape[1] > 2:
        var["feature_type"] = genes[2].to_numpy()
    return var


def _beside(path: Path, prefix: str, names: tuple[str, ...]) -> Path:
    found = [
        file
        for name in names
        for ending in (".tsv.gz", ".tsv", ".txt.gz", ".txt", ".csv")
        if (file := path.with_name(f"{prefix}{name}{ending}")).exists()
    ]
    if not found:
        wanted = " or ".join(f"{prefix}{name}.tsv" for name in names)
        raise DataError(
            f"{path.name} comes without its list of {names[-1]}", f"{wanted} is missing", "Add it to the folder"
        )
    return found[0]


def _lines(path: Path) -> pd.DataFrame:
    separator = "," if ".csv" in path.name else "\t"
    with open_bytes(path) as stream:
        return pd.read_csv(stream, sep=separator, header=None, dtype=str, keep_default_na=False, quoting=3)


def _is_mtx(name: str) -> bool:
    return name.endswith((".mtx", ".mtx.gz"))


def _stored(stream) -> int:
    for line in stream:
        if not line.startswith(b"%"):
            numbers = line.split()
            return int(numbers[2]) if len(numbers) == 3 else int(numbers[0]) * int(numbers[1])
    return 0
