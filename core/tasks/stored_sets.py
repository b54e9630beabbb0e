"""What a project keeps of each data set, so that no page ever loads it: numbers, findings, names, cell metrics."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from core.data.findings import Finding, ValidationReport
from core.data.quality import cell_metrics, gene_metrics
from core.data.summary import summary as summarise
from core.files import write_json
from core.project import Project
from core.specs import Role, SourceSpec

if TYPE_CHECKING:
    from core.data.dataset import Dataset

SUMMARY, CELLS, GENES, VAR = "summary.json", "cells.parquet", "genes.parquet", "var.parquet"


def stored(project: Project, role: Role, source: SourceSpec) -> Path | None:
    """The folder that describes ``source``, or ``None`` where it has not been read with these settings."""
    return project.stored("data", _key(project, role, source))


def keep(project: Project, dataset: Dataset, notes: Iterable[Finding] = ()) -> tuple[Path, SourceSpec]:
    """Describe ``dataset`` in the project.

    Parameters
    ----------
    project
        Where the description is kept.
    dataset
        As read, before the quality filter.
    notes
        Findings beside the set's own.

    Returns
    -------
    The folder: summary.json (numbers, findings, names of bulk samples), cells.parquet (counts, genes, mitochondrial in
    percent, label, batch; one row per cell), genes.parquet (gene, cells where it is seen) and var.parquet; and the
    source with the fingerprint of the file's content.
    """
    source = dataset.source.model_copy(update={"fingerprint": dataset.fingerprint})
    described = summarise(dataset)
    described["findings"] = dataset.report.with_findings(notes).to_json()
    described["samples"] = [str(name) for name in dataset.adata.obs_names] if dataset.role == "bulk" else []

    def write(folder: Path) -> None:
        write_json(folder / SUMMARY, described)
        _cells(dataset).to_parquet(folder / CELLS)
        seen = gene_metrics(dataset)[["cells"]].rename_axis("gene").reset_index()
        seen.to_parquet(folder / GENES)
        var = pd.DataFrame(dataset.adata.var).astype(str)
        var.to_parquet(folder / VAR)

    return project.store("data", _key(project, dataset.role, source), write), source


def summary(folder: Path) -> dict[str, Any]:
    """What ``keep`` wrote into summary.json."""
    return json.loads((folder / SUMMARY).read_text(encoding="utf-8"))


def cells(folder: Path) -> pd.DataFrame:
    """One row per cell: counts, genes, mitochondrial (percent), label and batch (missing where there is none)."""
    return pd.read_parquet(folder / CELLS)


def genes(folder: Path) -> pd.DataFrame:
    """One row per gene: gene, cells (in which it is seen)."""
    return pd.read_parquet(folder / GENES)


def stand_in(folder: Path, source: SourceSpec) -> Dataset:
    """The set without its cells: gene names and findings, enough to compare it with others."""
    from anndata import AnnData
    from scipy import sparse

    from core.data.dataset import Dataset

    described = summary(folder)
    var = pd.read_parquet(folder / VAR)
    return Dataset(
        adata=AnnData(X=sparse.csr_matrix((0, len(var)), dtype="float32"), var=var),
        role=described["role"],
        unit=described["unit"],
        label_column=described["label_column"],
        batch_column=described["batch_column"],
        fingerprint=described["fingerprint"],
        source=source,
        report=ValidationReport.from_json(described["findings"]),
        places=tuple(described["places"]),
    )


def _key(project: Project, role: Role, source: SourceSpec) -> str:
    return project.key(
        "data", role, source.model_copy(update={"name": ""})
    )  # what a file is called changes nothing in it


def _cells(dataset: Dataset) -> pd.DataFrame:
    table = cell_metrics(dataset).reset_index(drop=True)
    labels = dataset.labels if dataset.label_column is not None else None
    for name, groups in (("label", labels), ("batch", dataset.batches)):
        values = [None] * len(table) if groups is None else groups.astype(object).to_numpy()
        table[name] = pd.Series(values, dtype=object).where(lambda column: column.notna(), None)
    return table
