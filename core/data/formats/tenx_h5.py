"""Cell Ranger's h5 files: one group for each genome (version 1 and 2), or ``matrix`` with features (version 3 on)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from core.data.findings import Finding
from core.data.formats.opened import Opened, as_csr, in_memory
from core.data.memory import require_memory
from core.data.types import CSR
from core.data.wording import counted, listed
from core.errors import DataError

GENE_EXPRESSION = "Gene Expression"


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
        require_memory(group["data"].size * 12, path.name)
        columns = (group["data"][:], group["indices"][:], group["indptr"][:])
        counts = as_csr(sparse.csr_matrix(columns, shape=(n_cells, n_genes)))
        obs = pd.DataFrame(index=decoded(group["barcodes"]))
    counts, var, findings = expression_only(counts, var)
    return Opened(obs, (in_memory("X", counts, var),), findings=findings, called="the matrix")


def expression_only(counts: CSR, var: pd.DataFrame) -> tuple[CSR, pd.DataFrame, tuple[Finding, ...]]:
    """Gene expression alone, where antibodies, peaks or guides were counted beside it."""
    if "feature_type" not in var or (var["feature_type"] == GENE_EXPRESSION).all():
        return counts, var, ()
    genes = (var["feature_type"] == GENE_EXPRESSION).to_numpy()
    others = pd.Series(var.loc[~genes, "feature_type"]).value_counts()
    if not genes.any():
        raise DataError("The file counts no gene expression", listed(others.index), "Bring a file with gene expression")
    left_out = listed([f"{counted(n, 'feature')} of the type {kind}" for kind, n in others.items()])
    what = f"{left_out} {'was' if others.sum() == 1 else 'were'} left out; gene expression is read."
    finding = Finding("note", "all", what, "Nothing to do", "feature_types")
    return counts[:, genes], var.loc[genes], (finding,)


def decoded(values: Any) -> np.ndarray:
    """An HDF5 array of bytes as text."""
    return np.array(
        [one.decode("utf-8", "replace") if isinstance(one, bytes) else str(one) for one in values[:]], dtype=object
    )
