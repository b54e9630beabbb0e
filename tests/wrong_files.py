"""Files that must be refused, each with one clear error; made fresh in a folder."""

from __future__ import annotations

import gzip
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import anndata as ad
import h5py
import numpy as np
import pandas as pd
from scipy import sparse

from core.specs import Role


@dataclass(frozen=True)
class WrongFile:
    """A file, how it would be used, and where it must be refused."""

    path: Path
    role: Role = "reference"
    settings: dict[str, str] = field(default_factory=dict)
    refused_by: Literal["read", "require_shared", "require_classes"] = "read"
    reference: Path | None = None


def cells(n_cells: int = 60, n_genes: int = 30, seed: int = 0, types: int = 3, genes: str = "GENE") -> ad.AnnData:
    """A small right set: Poisson counts, ``cell_type`` and ``batch``."""
    rng = np.random.default_rng(seed)
    counts = sparse.csr_matrix(rng.poisson(1.0, (n_cells, n_genes)).astype(np.float32))
    obs = pd.DataFrame(
        {
            "cell_type": [f"type {row % types}" for row in range(n_cells)],
            "batch": [f"b{row % 2}" for row in range(n_cells)],
        },
        index=[f"cell{row}" for row in range(n_cells)],
    )
    return ad.AnnData(counts, obs=obs, var=pd.DataFrame(index=[f"{genes}{column}" for column in range(n_genes)]))


def _h5ad(folder: Path, name: str, adata: ad.AnnData) -> Path:
    path = folder / f"{name}.h5ad"
    adata.write_h5ad(path)
    return path


def png_called_h5ad(folder: Path) -> WrongFile:
    path = folder / "picture.h5ad"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8)
    return WrongFile(path)


def truncated_h5ad(folder: Path) -> WrongFile:
    path = _h5ad(folder, "truncated", cells())
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    return WrongFile(path)


def zip_bomb(folder: Path) -> WrongFile:
    path = folder / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("matrix.mtx", "w") as entry:
        for _ in range(48):
            entry.write(bytes(2**20))
    return WrongFile(path)


def zip_out_of_folder(folder: Path) -> WrongFile:
    path = folder / "climbing.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../escaped.csv", "cell,A,B\n1,2,3\n")
    return WrongFile(path)


def zip_absolute_path(folder: Path) -> WrongFile:
    path = folder / "absolute.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("/tmp/escaped.csv", "cell,A,B\n1,2,3\n")
    return WrongFile(path)


def zip_link(folder: Path) -> WrongFile:
    path = folder / "link.zip"
    entry = zipfile.ZipInfo("cells.csv")
    entry.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(entry, "/etc/passwd")
    return WrongFile(path)


def zip_damaged(folder: Path) -> WrongFile:
    path = folder / "damaged.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("cells.csv", "cell,A,B\n" + "1,2,3\n" * 500)
    content = bytearray(path.read_bytes())
    content[45:60] = bytes(15)
    path.write_bytes(content)
    return WrongFile(path)


def nan_values(folder: Path) -> WrongFile:
    adata = cells()
    adata.X.data[5] = np.nan
    return WrongFile(_h5ad(folder, "nan", adata))


def negative_counts(folder: Path) -> WrongFile:
    adata = cells()
    adata.X.data[5] = -3
    return WrongFile(_h5ad(folder, "negative", adata))


def single_cell(folder: Path) -> WrongFile:
    return WrongFile(_h5ad(folder, "single", cells(n_cells=1)))


def no_values(folder: Path) -> WrongFile:
    adata = cells()
    return WrongFile(_h5ad(folder, "no_values", ad.AnnData(obs=adata.obs, var=adata.var)))


def all_zero(folder: Path) -> WrongFile:
    adata = cells()
    adata.X = sparse.csr_matrix(adata.shape, dtype=np.float32)
    return WrongFile(_h5ad(folder, "zero", adata))


def no_shared_genes(folder: Path) -> WrongFile:
    reference = _h5ad(folder, "reference", cells())
    query = _h5ad(folder, "query", cells(seed=1, genes="OTHER"))
    return WrongFile(query, "query", refused_by="require_shared", reference=reference)


def one_class(folder: Path) -> WrongFile:
    path = _h5ad(folder, "one_class", cells(types=1))
    return WrongFile(path, settings={"label_column": "cell_type"}, refused_by="require_classes")


def ten_thousand_labels(folder: Path) -> WrongFile:
    adata = cells(n_cells=12_000, n_genes=5)
    adata.obs["cell_type"] = [f"label {row % 10_000}" for row in range(adata.n_obs)]
    return WrongFile(_h5ad(folder, "labels", adata), settings={"label_column": "cell_type"})


def absent_label_column(folder: Path) -> WrongFile:
    return WrongFile(_h5ad(folder, "absent", cells()), settings={"label_column": "celltypes"})


def empty_file(folder: Path) -> WrongFile:
    path = folder / "empty.h5ad"
    path.touch()
    return WrongFile(path)


def missing_file(folder: Path) -> WrongFile:
    return WrongFile(folder / "nowhere.h5ad")


def folder_without_data(folder: Path) -> WrongFile:
    path = folder / "notes"
    path.mkdir()
    (path / "README.md").write_text("Nothing to see here.\n")
    return WrongFile(path)


def unknown_suffix(folder: Path) -> WrongFile:
    path = folder / "cells.xyz"
    path.write_bytes(bytes(range(256)) * 4)
    return WrongFile(path)


def prose(folder: Path) -> WrongFile:
    path = folder / "notes.txt"
    path.write_text("Dear colleague,\nthe cells are on their way, but the file is not.\nYours\n")
    return WrongFile(path)


def text_in_matrix(folder: Path) -> WrongFile:
    path = folder / "text.csv"
    rows = "".join(f"cell{row},1,{'many' if row == 7 else row},0\n" for row in range(20))
    path.write_text("cell,CD3D,MS4A1,LYZ\n" + rows)
    return WrongFile(path)


def corrupted_gzip(folder: Path) -> WrongFile:
    path = folder / "corrupted.csv.gz"
    rng = np.random.default_rng(0)
    rows = "".join(f"cell{row},{','.join(map(str, rng.poisson(3, 200)))}\n" for row in range(2000))
    content = gzip.compress(("cell," + ",".join(f"GENE{column}" for column in range(200)) + "\n" + rows).encode())
    path.write_bytes(content[: len(content) // 2] + b"\x00" * 500)
    return WrongFile(path)


def wrong_h5_layout(folder: Path) -> WrongFile:
    path = folder / "weights.h5"
    with h5py.File(path, "w") as file:
        file["model/weights"] = np.zeros((3, 3))
    return WrongFile(path)


def broken_h5ad_layout(folder: Path) -> WrongFile:
    path = _h5ad(folder, "broken", cells())
    with h5py.File(path, "r+") as file:
        del file["X/indptr"]
    return WrongFile(path)


def larger_than_memory(folder: Path) -> WrongFile:
    path = _h5ad(folder, "huge", cells())
    with h5py.File(path, "r+") as file:
        attributes = dict(file["X"].attrs)
        indptr = file["X/indptr"][:]
        del file["X"]
        group = file.create_group("X")
        group.attrs.update(attributes)
        group["indptr"] = indptr
        for name, kind in (("data", "f4"), ("indices", "i4")):  # chunks that were never written take no room
            group.create_dataset(name, shape=(10**13,), dtype=kind, chunks=(1024,), fillvalue=1)
    return WrongFile(path)


def mtx_without_barcodes(folder: Path) -> WrongFile:
    path = folder / "lonely"
    path.mkdir()
    (path / "matrix.mtx").write_text("%%MatrixMarket matrix coordinate integer general\n2 2 1\n1 1 3\n")
    (path / "genes.tsv").write_text("A\tA\nB\tB\n")
    return WrongFile(path)


def pickle(folder: Path) -> WrongFile:
    path = folder / "cells.pkl"
    path.write_bytes(b"\x80\x04\x95\x00\x00")
    return WrongFile(path)


WRONG_FILES: dict[str, Callable[[Path], WrongFile]] = {
    make.__name__: make
    for make in (
        png_called_h5ad,
        truncated_h5ad,
        zip_bomb,
        zip_out_of_folder,
        zip_absolute_path,
        zip_link,
        zip_damaged,
        nan_values,
        negative_counts,
        single_cell,
        no_values,
        all_zero,
        no_shared_genes,
        one_class,
        ten_thousand_labels,
        absent_label_column,
        empty_file,
        missing_file,
        folder_without_data,
        unknown_suffix,
        prose,
        text_in_matrix,
        corrupted_gzip,
        wrong_h5_layout,
        broken_h5ad_layout,
        larger_than_memory,
        mtx_without_barcodes,
        pickle,
    )
}
"""Every wrong file by name: a function of an empty folder."""
