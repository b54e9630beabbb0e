"""Cell Ranger's h5 files: one group for each genome (version 1 and 2), or ``matrix`` with features (version 3 on)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from core.data.findings import Finding
from core.data.formats.opened import SAMPLE, Opened, Place, as_csr, csr_blocks, spread
from core.data.memory import require_memory
from core.data.types import CSR
from core.data.wording import counted, listed
from core.errors import DataError

GENE_EXPRESSION = "Gene Expression"
BYTES = 12
"""Of a value and its column in memory."""


def read_tenx_h5(path: Path) -> Opened:
    """Counts of a Cell Ranger h5 file, cells x genes, indexed by symbol with the identifiers beside.

    Raises
    ------
    DataError
        If it holds several genomes or no gene expression.
    """
    import h5py

    with h5py.File(path, "r") as file:
        if "matrix" in file:
            group: Any = file["matrix"]
            features: Any = group["features"]
            var = pd.DataFrame({"gene_ids": decoded(features["id"])}, index=decoded(features["name"]))
            for column in ("feature_type", "genome"):
                if column in features:
                    var[column] = decoded(features[column])
        else:
            genomes = list(file)
            if len(genomes) > 1:
                raise DataError("The file holds several genomes", genomes, "Split it and bring one genome at a time")
            group = file[genomes[0]]
            var = pd.DataFrame({"gene_ids": decoded(group["genes"])}, index=decoded(group["gene_names"]))
            var["genome"] = genomes[0]
        n_genes, n_cells = (int(n) for n in group["shape"][:])
        n_values, where = int(group["data"].size), group.name
        sample = spread(group["data"][:SAMPLE])
        obs = pd.DataFrame(index=decoded(group["barcodes"]))
    genes, findings = expression_genes(var)

    def load() -> CSR:
        require_memory(n_values * BYTES, path.name)
        with h5py.File(path, "r") as file:
            group: Any = file[where]
            parts = (group["data"][:], group["indices"][:], group["indptr"][:])
            return _of(genes, as_csr(sparse.csr_matrix(parts, shape=(n_cells, n_genes))))

    def blocks() -> Iterator[CSR]:
        with h5py.File(path, "r") as file:
            group: Any = file[where]
            for block in csr_blocks(group["data"], group["indices"], group["indptr"][:], n_genes):
                yield _of(genes, block)

    place = Place("X", var.loc[genes], sample, load, n_values, n_values * BYTES, blocks)
    return Opened(obs, (place,), findings=findings, called="the matrix")


def _of(genes: np.ndarray, counts: CSR) -> CSR:
    return counts if genes.all() else counts[:, genes]


def expression_only(counts: CSR, var: pd.DataFrame) -> tuple[CSR, pd.DataFrame, tuple[Finding, ...]]:
    """Gene expression alone, where antibodies, peaks or guides were counted beside it."""
    genes, findings = expression_genes(var)
    return _of(genes, counts), var.loc[genes], findings


def expression_genes(var: pd.DataFrame) -> tuple[np.ndarray, tuple[Finding, ...]]:
    """(n_features,) True for gene expression, and what there is to say of antibodies, peaks or guides beside it.

    Raises
    ------
    DataError
        If there is none.
    """
    if "feature_type" not in var or (var["feature_type"] == GENE_EXPRESSION).all():
        return np.ones(len(var), dtype=bool), ()
    genes = (var["feature_type"] == GENE_EXPRESSION).to_numpy()
    others = pd.Series(var.loc[~genes, "feature_type"]).value_counts()
    if not genes.any():
        raise DataError("The file counts no gene expression", listed(others.index), "Bring a file with gene expression")
    left_out = listed([f"{counted(n, 'feature')} of the type {kind}" for kind, n in others.items()])
    what = f"{left_out} {'was' if others.sum() == 1 else 'were'} left out; gene expression is read."
    finding = Finding("note", "all", what, "Nothing to do", "feature_types")
    return genes, (finding,)


def decoded(values: Any) -> np.ndarray:
    """An HDF5 array of bytes as text."""
    return np.array(
        [one.decode("utf-8", "replace") if isinstance(one, bytes) else str(one) for one in values[:]], dtype=object
    )
