"""Read a run's files, check them together and keep the cells that pass."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.data.cache import Storage
from core.data.cohorts import Cohorts, cohorts
from core.data.dataset import Dataset
from core.data.findings import Finding
from core.data.identifiers import named_alike
from core.data.join import joined, read_types, with_common_types
from core.data.peaks_common import harmonised, peak_findings, with_usable_peaks
from core.data.quality import apply
from core.data.read import ON_DISK, read
from core.data.validate import require_classes
from core.errors import DataError
from core.interpretation.gene_sets import GeneSets, read_gmt
from core.specs import AnnotateSpec, DataSpec, Role, RunSpec, SourceSpec
from core.specs.run import STREAMED
from core.tasks.progress import Progress
from core.tasks.sample_sheet import with_sheet
from core.workspace import workspace

COLUMNS = ("label_column", "batch_column")
"""Findings that propose a column: whoever started the run has chosen which to use."""


@dataclass(frozen=True)
class Inputs:
    """The data sets of a run, after the quality filter."""

    reference: Dataset | None
    query: Dataset | None
    bulk: Dataset | None

    def fingerprints(self) -> dict[str, str]:
        """Hash of each file's content, by role."""
        present = {"reference": self.reference, "query": self.query, "bulk": self.bulk}
        return {role: dataset.fingerprint for role, dataset in present.items() if dataset}


def storage(spec: RunSpec) -> Storage | None:
    """Where and when the cells of a run are kept on disk; ``None`` where its task needs them in memory."""
    if spec.task not in STREAMED or spec.data.more_references:
        return None
    if isinstance(spec.analysis, AnnotateSpec) and (spec.analysis.smoothing or spec.data.bridge):
        return None
    transform = spec.data.transform
    sparse = transform.scale in ("none", "minmax") and transform.normalise != "log2_cpm"
    dense_genes = 0 if sparse and spec.task == "represent" else spec.features.target
    return Storage(workspace().cache / "cells", spec.data.on_disk, dense_genes)


def inputs(spec: RunSpec, progress: Progress, *roles: Role) -> Inputs:
    """The data sets of ``roles``, each required.

    Raises
    ------
    DataError
        If a file is missing, unreadable, changed since it was checked, or too small after the filter.
    """
    found: dict[str, Dataset] = {}
    data, store = spec.data, storage(spec)
    for role in roles:
        source: SourceSpec | None = getattr(data, role)
        if source is None:
            raise DataError(f"This run needs a {role}", None, f"Add a {role} on the Data page, or by --{role}")
        progress.phase(f"Reading the {role}")
        dataset = _checked(source, role, store)
        if role == "reference" and data.more_references:
            others = [_checked(further, role) for further in data.more_references]
            dataset = joined([dataset, *others], read_types(Path(data.types)) if data.types else None)
        tell(dataset.report.findings, progress)
        found[role] = _kept(dataset, data, progress)
    reference, query = found.get("reference"), found.get("query")
    if reference is not None and query is not None and reference.holds_peaks and query.holds_peaks:
        found["reference"], found["query"] = on_common_peaks([reference, query], data, progress)
    else:
        found = {role: with_usable_peaks(one, data.peaks) for role, one in found.items()}
        if reference is not None and query is not None:
            found["query"] = as_named_by(found["reference"], found["query"], progress)
    return Inputs(found.get("reference"), found.get("query"), found.get("bulk"))


def references_apart(spec: DataSpec, progress: Progress) -> tuple[Dataset, ...]:
    """All references of a run, each with its own genes, after the quality filter; their labels have common names.

    Raises
    ------
    DataError
        As ``inputs``.
    """
    if spec.reference is None:
        raise DataError("This run needs a reference", None, "Add a reference on the Data page, or by --reference")
    progress.phase("Reading the references")
    checked = [_checked(source, "reference") for source in (spec.reference, *spec.more_references)]
    named = with_common_types(checked, read_types(Path(spec.types)) if spec.types else None)
    for dataset in named:
        tell(dataset.report.findings, progress)
    return tuple(_kept(dataset, spec, progress) for dataset in named)


def as_named_by(reference: Dataset, other: Dataset, progress: Progress) -> Dataset:
    """``other`` with the gene names of ``reference``, where a column of either file translates them."""
    other, said = named_alike(reference, other)
    if said is not None:
        progress.note(f"{other.role.capitalize()}: {said.what}")
    return other


def bulk_cohorts(spec: DataSpec, progress: Progress, reference: Dataset | None = None) -> Cohorts:
    """The bulk samples of a run, by cohort, with what its sample sheet says of them.

    Genes have the names of ``reference``, where a column of either file translates them.

    Raises
    ------
    DataError
        As ``inputs``, if two cohorts have one name, or if the sample sheet does not fit.
    """
    if spec.bulk is None:
        raise DataError("This run needs bulk samples", None, "Add a bulk file on the Data page, or by --bulk")
    progress.phase("Reading the bulk")
    sources = (spec.bulk, *spec.more_bulk)
    checked = [_checked(source, "bulk") for source in sources]
    for dataset in checked:
        tell(dataset.report.findings, progress)
    found = [with_usable_peaks(_kept(dataset, spec, progress), spec.peaks) for dataset in checked]
    if reference is not None:
        found = [as_named_by(reference, each, progress) for each in found]
    return with_sheet(cohorts(found, [source.called for source in sources]), spec.samples, progress)


def on_common_peaks(sets: Sequence[Dataset], data: DataSpec, progress: Progress) -> tuple[Dataset, ...]:
    """``sets``, all of peaks, on the union of their peaks; what became of them is told."""
    progress.phase("Bringing the sets to common peaks")
    brought = harmonised(sets, data.peaks)
    tell(peak_findings(brought.sets, brought.table), progress)
    return brought.sets


def tell(findings: Iterable[Finding], progress: Progress) -> None:
    """Put what a person should decide beside the results, and all else into the log."""
    for finding in findings:
        line = f"{finding.role.capitalize()}: {finding.what}"
        if finding.key == ON_DISK or (finding.kind == "choose" and finding.key not in COLUMNS):
            progress.note(line)
        else:
            progress.run.log(line)


def _checked(source: SourceSpec, role: Role, storage: Storage | None = None) -> Dataset:
    dataset = read(source, role, storage)
    if source.fingerprint and source.fingerprint != dataset.fingerprint:
        remedy = "Add it again on the Data page"
        raise DataError(f"The {role} file has changed since it was checked", source.path, remedy)
    return dataset


def gene_sets(spec: DataSpec) -> GeneSets | None:
    """The gene sets of the run, if it has any."""
    return read_gmt(Path(spec.gene_sets)) if spec.gene_sets else None


def labelled(reference: Dataset) -> Dataset:
    """``reference``, which holds labels of at least two types.

    Raises
    ------
    DataError
        If no label column is chosen or fewer than two types are left.
    """
    require_classes(reference)
    return reference


def _kept(dataset: Dataset, spec: DataSpec, progress: Progress) -> Dataset:
    kept, steps = apply(dataset, spec.quality)
    left_out = -steps["cells"].diff().fillna(0).astype(int)
    for rule, cells in zip(steps["step"], left_out, strict=True):
        if cells:
            progress.note(f"{dataset.role.capitalize()}: the rule “{rule}” left out {cells:,} cells.")
    return kept


def present(dataset: Dataset | None) -> Dataset:
    """``dataset``, which ``inputs`` has read."""
    assert dataset is not None
    return dataset


def labels_or_none(dataset: Dataset) -> np.ndarray | None:
    """(n_cells,) label names, or None where no label column is chosen; cells without a label count as one more."""
    return None if dataset.label_column is None else dataset.labels.astype(str).to_numpy()
