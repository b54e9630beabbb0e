"""Checks on data sets: each on its own, and all together."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.data.blocks import Matrix, row_totals
from core.data.dataset import Dataset
from core.data.findings import NOTHING_TO_DO, Finding, ValidationReport
from core.data.genes import gene_names, symbol_column
from core.data.identifiers import named_alike
from core.data.labels import as_labels
from core.data.peaks import merged, overlapped, parse
from core.data.peaks_common import genes_and_peaks
from core.data.units import Unit
from core.data.wording import counted
from core.errors import DataError
from core.specs import Role, SourceSpec

__all__ = [
    "Finding",
    "ValidationReport",
    "batch_findings",
    "check_together",
    "require_classes",
    "require_shared",
    "shared_findings",
]

DEPTH_RATIO = 1.5
"""Median depths of two batches that differ by this factor are called different."""
FEW_SHARED = 0.5
FEW_GENES = 5000
FEW_TO_TELL = 200
"""Shared genes below which related types can hardly be told apart."""
MOST_ITEMS = 1000
"""Genes that a finding lists."""


def check_together(
    reference: Dataset | None, query: Dataset | None = None, bulk: Dataset | None = None
) -> ValidationReport:
    """All findings of the sets given, and those that only show when the sets are compared.

    Findings that are the same in every set become one.

    Raises
    ------
    DataError
        If the reference shares no gene with another set.
    """
    sets = [one for one in (reference, query, bulk) if one is not None]
    findings = [found for one in sets for found in one.report.findings]
    if reference is not None:
        for other in sets[1:]:
            findings += shared_findings(reference, other)
    return ValidationReport(tuple(_united(findings, len(sets))))


def require_shared(reference: Dataset, other: Dataset) -> pd.Index:
    """Genes that both sets hold, in the order of the reference; of two sets of peaks, those of ``other`` that overlap.

    Raises
    ------
    DataError
        If there are none, or one set holds genes and the other peaks.
    """
    if reference.holds_peaks and other.holds_peaks:
        return other.genes[_overlapping(reference, other)]
    shared = reference.genes[reference.genes.isin(other.genes)]
    if len(shared):
        return shared
    if reference.holds_peaks != other.holds_peaks:
        raise genes_and_peaks(reference, other)
    ours, theirs = gene_names(reference.genes), gene_names(other.genes)
    if ours.kind != theirs.kind:
        named = reference if ours.kind == "ensembl" else other
        column = symbol_column(pd.DataFrame(named.adata.var))
        remedy = f"Set the gene names of the {named.role} to `{column}`" if column else "Bring both with gene symbols"
    elif ours.species != theirs.species and ours.species and theirs.species:
        remedy = f"The {reference.role} is {ours.species}, the {other.role} {theirs.species}: bring sets of one species"
    else:
        remedy = "Check that both use the same species and identifier"
    raise DataError(
        f"The {reference.role} and the {other.role} share no gene",
        f"{ours.spoken} such as {reference.genes[0]}, {theirs.spoken} such as {other.genes[0]}",
        remedy,
    )


def require_classes(dataset: Dataset, at_least: int = 2) -> pd.Index:
    """The cell types of a data set.

    Raises
    ------
    DataError
        If there are fewer than ``at_least``.
    """
    classes = dataset.labels.cat.categories
    if len(classes) < at_least:
        raise DataError(
            f"The {dataset.role} holds {counted(len(classes), 'cell type')}, but at least {at_least} are needed",
            list(classes),
            "Choose another column of labels or bring a reference with more cell types",
        )
    return classes


def batch_findings(obs: pd.DataFrame, matrix: Matrix, unit: Unit, source: SourceSpec, role: Role) -> list[Finding]:
    """Batches whose depth differs."""
    column = source.batch_column
    if column is None or unit != "counts":
        return []
    depth = pd.Series(row_totals(matrix), index=obs.index)
    medians = depth.groupby(as_labels(pd.Series(obs[column])), observed=True).median()
    if len(medians) < 2 or medians.max() < DEPTH_RATIO * max(medians.min(), 1):
        return []
    low, high = f"{medians.min():,.0f}", f"{medians.max():,.0f}"
    groups = f"The column `{column}` names {len(medians):,} groups with different depth"
    what = f"{groups}: medians from {low} to {high} counts."
    if role == "query":
        remedy, setting = "Scale the query by its own statistics", "analysis.query_scaling"
        return [Finding("choose", role, what, remedy, "batch_depth", setting, "query")]
    return [Finding("note", role, what, "Keep it in mind when groups separate", "batch_depth")]


def shared_findings(reference: Dataset, other: Dataset) -> list[Finding]:
    """What is to be said of the genes that ``other`` shares with the reference.

    Raises
    ------
    DataError
        If they share none.
    """
    if reference.holds_peaks and other.holds_peaks:
        return _peak_findings(reference, other)
    other, named = named_alike(reference, other)
    shared = require_shared(reference, other)
    missing = tuple(map(str, reference.genes[~reference.genes.isin(other.genes)]))
    found = [named] if named else []
    n_shared, n_other = len(shared), other.n_genes
    if n_shared == n_other == reference.n_genes:
        what = f"All {n_other:,} genes are those of the reference."
        found.append(Finding("fine", other.role, what, NOTHING_TO_DO, "shared_genes"))
    elif n_shared < FEW_TO_TELL:
        genes = counted(n_shared, "gene is", "genes are")
        what = f"Only {genes} in both this set and the reference: types that differ in others will be confused."
        found.append(Finding("choose", other.role, what, "Bring a file with more genes", "shared_genes"))
    elif n_other < FEW_GENES or n_shared < FEW_SHARED * min(n_other, reference.n_genes):
        present = counted(n_other, "gene is", "genes are")
        what = f"Only {present} present, and {n_shared:,} of them are in the reference."
        remedy = f"Use the {counted(n_shared, 'shared gene')}"
        found.append(Finding("choose", other.role, what, remedy, "shared_genes"))
    if missing:
        absent = counted(len(missing), "reference gene is", "reference genes are")
        what = f"{absent} missing. The reference mean will stand in."
        found.append(Finding("note", other.role, what, "Show the genes", "missing_genes", items=missing[:MOST_ITEMS]))
    ours, theirs = gene_names(reference.genes).species, gene_names(other.genes).species
    if ours and theirs and ours != theirs:
        what = f"Gene names look {theirs}; those of the reference look {ours}."
        found.append(Finding("choose", other.role, what, "Bring sets of one species", "species"))
    return found


def _overlapping(reference: Dataset, other: Dataset) -> np.ndarray:
    """(n_peaks of ``other``,) True for peaks that overlap one of the reference."""
    inside = overlapped(parse(other.genes), merged(parse(reference.genes))[0]) >= 0
    if inside.any():
        return inside
    raise DataError(
        f"No peak of the {other.role} overlaps one of the {reference.role}",
        f"{reference.genes[0]} and {other.genes[0]}",
        "Use the same species and genome build for both",
    )


def _peak_findings(reference: Dataset, other: Dataset) -> list[Finding]:
    """How far the peaks of two sets overlap; they are brought to common peaks before any network sees them."""
    inside = _overlapping(reference, other)
    what = f"{int(inside.sum()):,} of {len(inside):,} peaks overlap peaks of the {reference.role}."
    if inside.mean() < FEW_SHARED:
        return [Finding("choose", other.role, what, "Use one genome build for all sets", "shared_peaks")]
    return [Finding("fine", other.role, what, NOTHING_TO_DO, "shared_peaks")]


def _united(findings: list[Finding], n_sets: int) -> list[Finding]:
    """One line for what is fine in the same words in every set."""
    united: list[Finding] = []
    for finding in findings:
        same = [one for one in findings if one.kind == "fine" and (one.key, one.what) == (finding.key, finding.what)]
        if finding.kind != "fine" or n_sets < 2 or len(same) < n_sets:
            united.append(finding)
        elif finding is same[0]:
            where = "in all three sets" if n_sets == 3 else "in both sets"
            what = f"{finding.what[:-1]} {where}."
            united.append(Finding("fine", "all", what, NOTHING_TO_DO, finding.key))
    return united
