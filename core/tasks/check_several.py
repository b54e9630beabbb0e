"""What is found where a role has several files: each further file, genes that they share, names of their types."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from core.data.findings import NOTHING_TO_DO, Finding
from core.data.validate import require_shared, shared_findings
from core.errors import DataError
from core.project import Project
from core.specs import DataSpec, DeconvolveSpec, Role, RunSpec
from core.specs.several import FURTHER, files, place
from core.tasks import common_types, stored_sets

if TYPE_CHECKING:
    from core.data.dataset import Dataset

ROLES: tuple[Role, ...] = ("reference", "bulk")


def several(data: DataSpec) -> bool:
    """Whether a role has more than one file."""
    return any(getattr(data, field) for field in FURTHER.values())


def by_itself(draft: RunSpec) -> bool:
    """Whether a run of ``draft`` learns from each of its references by itself."""
    return draft.task == "deconvolve" and cast("DeconvolveSpec", draft.analysis).each_reference


def findings(project: Project, data: DataSpec) -> list[Finding]:
    """The findings of further files, and of all files together; none where every role has one file.

    All files have been described.
    """
    if not several(data):
        return []
    sets = {role: [_stand_in(project, role, at) for at in range(len(files(data, role)))] for role in ROLES}
    found = [one for role in ROLES for at, each in enumerate(sets[role]) if at for one in _own(role, at, each)]
    found += _shared(sets["reference"], sets["bulk"])
    if len(sets["reference"]) > 1:
        found += _references(sets["reference"], by_itself(project.draft))
        found += _types(project, data)
    return found


def _own(role: Role, at: int, dataset: Dataset) -> Iterator[Finding]:
    """What a person should decide or know of a further file, with its own settings in the remedies."""
    for one in dataset.report.findings:
        if one.kind != "fine":
            setting = one.setting and one.setting.replace(f"data.{role}.", f"{place(role, at)}.", 1)
            yield replace(one, what=f"{dataset.source.called}: {one.what}", setting=setting)
    if role == "reference" and dataset.unit != "counts":
        what = f"{dataset.source.called} holds no raw counts, and references are used together as raw counts."
        yield Finding("choose", role, what, "Set its counts or unit, or remove it", "further_unit")


def _shared(references: list[Dataset], bulk: list[Dataset]) -> Iterator[Finding]:
    """Genes that each bulk file shares with each reference; of the first pair all is said already."""
    for n, reference in enumerate(references):
        for at, other in enumerate(bulk):
            if n == at == 0:
                continue
            pair = f"{other.source.called} and {reference.source.called}"
            try:
                doubts = [one for one in shared_findings(reference, other) if one.kind == "choose"]
                shared = len(require_shared(reference, other))
            except DataError as problem:
                yield Finding("choose", "bulk", f"{pair} share no gene: {problem.value}.", problem.remedy, "no_shared")
                continue
            yield from (replace(one, what=f"{pair}: {one.what}", remedy=NOTHING_TO_DO) for one in doubts)
            if not doubts:
                yield Finding("fine", "bulk", f"{pair} share {shared:,} genes.", NOTHING_TO_DO, "shared_genes")


def _references(references: list[Dataset], apart: bool) -> Iterator[Finding]:
    """How several references are used, and the genes that they share."""
    genes = references[0].genes
    for other in references[1:]:
        genes = genes.intersection(other.genes)
    n = len(references)
    if apart:
        what = f"Each of {n} references is learned from by itself, with its own genes; the answers are averaged."
        yield Finding("note", "reference", what, NOTHING_TO_DO, "references")
    elif len(genes):
        what = f"{n} references are joined on the {len(genes):,} genes that all have."
        yield Finding("note", "reference", what, NOTHING_TO_DO, "references")
    else:
        what = f"{n} references share no gene, so that they cannot be joined."
        yield Finding("choose", "reference", what, "Use one kind of gene name", "references")


def _types(project: Project, data: DataSpec) -> Iterator[Finding]:
    """Labels without a common name, types that one reference alone has, and one type under two names."""
    try:
        rows = common_types.table(project)
    except DataError as problem:
        yield Finding("choose", "reference", str(problem), "Set the common types again", "types")
        return
    rows["named"] = rows["reference"] + ": " + rows["label"]
    left_out = rows.loc[rows["cell_type"] == "", "named"]
    if len(left_out):
        what = f"{len(left_out)} labels have no common name: their cells are left out."
        yield Finding("note", "reference", what, "Show the labels", "types_left_out", items=tuple(left_out))
    alike = rows.loc[rows["cell_type"] != rows["label"], "named"] if data.types is None else rows["named"].iloc[:0]
    if len(alike):
        what = f"{len(alike)} labels look like those of another reference under another name."
        remedy = "Open Common types in the card of the reference"
        yield Finding("choose", "reference", what, remedy, "types_alike")
    used = rows.loc[rows["cell_type"] != ""]
    names = used["cell_type"] if data.types else used["label"]
    everywhere = used["reference"].groupby(names).nunique() == len(files(data, "reference"))
    what = f"{int(everywhere.sum())} of {len(everywhere)} cell types are in all references."
    alone = tuple(map(str, everywhere.index[~everywhere]))
    if alone:
        yield Finding("note", "reference", what, "Show the others", "types_alone", items=alone)
    else:
        yield Finding("fine", "reference", what, NOTHING_TO_DO, "types_alone")


def _stand_in(project: Project, role: Role, at: int) -> Dataset:
    source = files(project.draft.data, role)[at]
    folder = stored_sets.stored(project, role, source)
    assert folder is not None
    return stored_sets.stand_in(folder, source)
