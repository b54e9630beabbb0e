"""Cell Ranger's h5 files: one group per genome (version 1, 2), or ``matrix`` with features (version 3, multiome)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from core.data.findings import Finding
from core.data.formats.mudata import AUTO, chosen_modality
from core.data.formats.opened import SAMPLE, Opened, Place, as_csr, csr_blocks, spread
from core.data.memory import require_memory
from core.data.types import CSR
from core.data.wording import counted, listed
from core.errors import DataError

GENE_EXPRESSION = "Gene Expression"
PEAKS = "Peaks"
BYTES = 12
"""Of a value and its column in memory."""


def read_tenx_h5(path: Path, modality: str = AUTO) -> Opened:
    """Counts of a Cell Ranger h5 file, cells x features of one type, indexed by name with the identifiers beside.

    Parameters
    ----------
    path
        The file.
    modality
        The type of feature, such as Gene Expression or Peaks; auto: expression, or peaks where there is none.

    Raises
    ------
    DataError
        If it holds several genomes, or no feature of the type.
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
    genes, findings, kind = chosen_features(var, modality)

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
    return Opened(obs, (place,), findings=findings, called="the matrix", modalities=feature_types(var), modality=kind)


def _of(genes: np.ndarray, counts: CSR) -> CSR:
    return counts if genes.all() else counts[:, genes]


def features_only(
    counts: CSR, var: pd.DataFrame, modality: str = AUTO
) -> tuple[CSR, pd.DataFrame, tuple[Finding, ...], str]:
    """Features of one type alone, where antibodies, peaks or guides were counted beside it; and the type."""
    chosen, findings, kind = chosen_features(var, modality)
    return _of(chosen, counts), var.loc[chosen], findings, kind


def feature_types(var: pd.DataFrame) -> tuple[str, ...]:
    """The types of feature in a file, in their order; none where the file does not tell them."""
    return tuple(dict.fromkeys(var["feature_type"].astype(str))) if "feature_type" in var else ()


def types_in(features: Any) -> tuple[str, ...]:
    """The types of feature that the ``features`` of an open file name."""
    return tuple(dict.fromkeys(decoded(features["feature_type"]))) if "feature_type" in features else ()


def chosen_features(var: pd.DataFrame, modality: str = AUTO) -> tuple[np.ndarray, tuple[Finding, ...], str]:
    """(n_features,) True for one type, what there is to say of antibodies, peaks or guides beside it, and the type.

    Raises
    ------
    DataError
        If there is none of that type.
    """
    types = feature_types(var)
    if modality != AUTO:
        kind = chosen_modality(types, modality)
    else:
        kind = GENE_EXPRESSION if GENE_EXPRESSION in types or PEAKS not in types else PEAKS
    if not types or types == (kind,):
        return np.ones(len(var), dtype=bool), (), kind if types else ""
    chosen = (var["feature_type"] == kind).to_numpy()
    others = pd.Series(var.loc[~chosen, "feature_type"]).value_counts()
    if not chosen.any():
        raise DataError("The file counts no gene expression", listed(others.index), "Bring a file with gene expression")
    left_out = listed([f"{counted(n, 'feature')} of the type {other}" for other, n in others.items()])
    read = {GENE_EXPRESSION: "gene expression is", PEAKS: "peaks are"}.get(kind, f"{kind} is")
    what = f"{left_out} {'was' if others.sum() == 1 else 'were'} left out; {read} read."
    return chosen, (Finding("note", "all", what, "Nothing to do", "feature_types"),), kind


def decoded(values: Any) -> np.ndarray:
    """An HDF5 array of bytes as text."""
    return np.array(
        [one.decode("utf-8", "replace") if isinstance(one, bytes) else str(one) for one in values[:]], dtype=object
    )
