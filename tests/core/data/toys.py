"""Small data sets for the tests of this folder, built as the reader builds them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import anndata
import numpy as np
import pandas as pd
from scipy import sparse

from core.data.dataset import Dataset, Unit
from core.data.findings import ValidationReport
from core.specs import Role, SourceSpec
from tests.conftest import real

TYPES = ("a", "b", "c")


def toy(
    values: np.ndarray | list,
    genes: Sequence[str] | None = None,
    labels: Sequence[str | None] | None = None,
    batches: Sequence[str] | None = None,
    role: Role = "reference",
    unit: Unit = "counts",
) -> Dataset:
    """Cells x genes as a data set; genes are named g0, g1, ... by default."""
    matrix = sparse.csr_matrix(np.asarray(values, dtype=np.float32))
    names = list(genes) if genes is not None else [f"g{number}" for number in range(matrix.shape[1])]
    obs = pd.DataFrame(index=pd.Index([f"cell{number}" for number in range(matrix.shape[0])]))
    if labels is not None:
        obs["label"] = list(labels)
    if batches is not None:
        obs["batch"] = list(batches)
    adata = anndata.AnnData(matrix, obs=obs, var=pd.DataFrame(index=pd.Index(names)))
    return _dataset(
        adata, role, unit, "label" if labels is not None else None, "batch" if batches is not None else None
    )


def blocks(n_genes: int = 60, cells: int = 30, seed: int = 0, **options) -> Dataset:
    """Three types; gene i is high in type i mod 3, the more so the smaller i is."""
    rng = np.random.default_rng(seed)
    labels = np.repeat(TYPES, cells // 3)
    strength = np.linspace(20, 1, n_genes)
    means = 2 + strength * (np.arange(n_genes)[None, :] % 3 == np.arange(3)[:, None])
    values = rng.poisson(means[np.searchsorted(TYPES, labels)])
    names = [f"g{number:02d}" for number in range(n_genes)]
    return toy(values, names, list(labels), **options)


def real_cells(name: str, role: Role = "reference", batch: str | None = None) -> Dataset:
    """A public file of labelled cells with counts in X."""
    path = real(name)
    adata = anndata.read_h5ad(path)
    adata.X = sparse.csr_matrix(adata.X, dtype=np.float32)
    return _dataset(adata, role, "counts", "cell_type", batch, path)


def real_bulk(name: str) -> Dataset:
    """A public table of genes x samples, TPM."""
    path = real(name)
    table = pd.read_csv(path, index_col=0)
    adata = anndata.AnnData(
        sparse.csr_matrix(table.to_numpy().T, dtype=np.float32),
        obs=pd.DataFrame(index=table.columns.astype(str)),
        var=pd.DataFrame(index=table.index.astype(str)),
    )
    return _dataset(adata, "bulk", "tpm", None, None, path)


def _dataset(
    adata: anndata.AnnData, role: Role, unit: Unit, label: str | None, batch: str | None, path: Path = Path("toy.h5ad")
) -> Dataset:
    return Dataset(adata, role, unit, label, batch, "fingerprint", SourceSpec(path=str(path)), ValidationReport(()))
