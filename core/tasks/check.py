"""One check list for all that a project reads: each set on its own, the sets together, gene sets, measured values."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from core.data.cohorts import sample_names
from core.data.findings import NOTHING_TO_DO, Finding, ValidationReport
from core.data.genes import gene_names, symbol_column
from core.data.read import read
from core.data.sample_sheet import matched, read_sheet
from core.data.validate import check_together, require_shared
from core.data.wording import counted
from core.errors import DataError
from core.files import write_json
from core.interpretation.gene_sets import read_gmt
from core.project import Project
from core.specs import ROLES, DataSpec, ImpactSpec, Role, SourceSpec
from core.specs.several import files, place
from core.tasks import bridge_file, check_several, common_types, stored_sets
from core.tasks.advice import advice
from core.tasks.load import storage
from core.tasks.sample_sheet import lacking_words
from core.tasks.set_names import names_in
from core.tasks.truth import FEWEST_SHARED, measured_cohorts

if TYPE_CHECKING:
    from core.data.dataset import Dataset

RECORD = "check.json"


@dataclass(frozen=True)
class Check:
    """Findings over everything, and the files that are no sets.

    ``gene_sets``: file, sets, usable. ``truth``: file, types. ``samples``: file, columns. ``bridge``: as
    ``core.tasks.bridge_file`` describes it.
    """

    report: ValidationReport
    gene_sets: dict[str, Any] | None
    truth: dict[str, Any] | None
    bridge: dict[str, Any] | None = None
    samples: dict[str, Any] | None = None


def stored(project: Project, data: DataSpec) -> Check | None:
    """The check of exactly these files and settings, or ``None`` where it has not been made."""
    folder = project.stored("data", _key(project, data))
    if folder is None:
        return None
    record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    report = ValidationReport.from_json(record["findings"])
    return Check(report, record["gene_sets"], record["truth"], record["bridge"], record.get("samples"))


def run(project_root: str) -> None:
    """Check what the draft reads, reading again whatever the project has no description of.

    Raises
    ------
    DataError
        If a file cannot be read, or has changed since it was brought.
    """
    project = Project(Path(project_root))
    for role in _roles(project.draft.data):
        for at in range(len(files(project.draft.data, role))):
            described(project, role, at)
    bridge_file.described(project)
    _write(project, project.draft.data)


def when_described(project: Project) -> None:
    """Check now if that needs no reading; otherwise the next look at the Data page does."""
    data = project.draft.data
    known = data.bridge is None or bridge_file.stored(project, data.bridge)
    if known and all(stored_sets.stored(project, role, one) for role in _roles(data) for one in files(data, role)):
        _write(project, data)


def described(project: Project, role: Role, at: int = 0) -> dict[str, Any]:
    """The summary of the file number ``at`` of a role in the draft, read again where the project has none.

    Raises
    ------
    DataError
        If the file cannot be read, or has changed since it was brought.
    """
    source = files(project.draft.data, role)[at]
    folder = stored_sets.stored(project, role, source)
    if folder is None:
        dataset = read(source, role, storage(project.draft))
        if source.fingerprint not in ("", dataset.fingerprint):
            raise DataError(
                f"The {role} file has changed since it was brought", source.path, "Add it again on the Data page"
            )
        folder, source = stored_sets.keep(project, dataset)
        project.change(place(role, at), source)
    return stored_sets.summary(folder)


def samples(project: Project) -> dict[str, list[str]]:
    """The bulk samples of the draft by cohort, under the names that a run gives them.

    Raises
    ------
    DataError
        As ``described``.
    """
    cohorts = files(project.draft.data, "bulk")
    return sample_names({source.called: described(project, "bulk", at)["samples"] for at, source in enumerate(cohorts)})


def all_samples(project: Project) -> list[str]:
    """The same in one list."""
    return [name for names in samples(project).values() for name in names]


def _write(project: Project, data: DataSpec) -> None:
    sets: dict[Role, Dataset] = {role: _stand_in(project, role, getattr(data, role)) for role in _roles(data)}
    findings = [*_together(sets, data.bridge is not None).findings]
    gene_sets = truth = bridge = sheet = None
    reference, query = sets.get("reference"), sets.get("query")
    if data.bridge:
        folder = bridge_file.stored(project, data.bridge)
        assert folder is not None
        bridge = bridge_file.summary(folder)
        findings += bridge_file.findings(folder, reference, query)
    if reference is not None and query is not None:
        folders = {role: stored_sets.stored(project, role, getattr(data, role)) for role in _roles(data)}
        described_in = {role: folder for role, folder in folders.items() if folder is not None}
        findings += advice(reference, query, described_in, data.bridge is not None)
    if data.gene_sets:
        gene_sets, found = _gene_sets(data.gene_sets, sets.get("reference"))
        findings += found
    if data.truth:
        truth, found = _truth(project, data)
        findings += found
    if data.samples:
        sheet, found = _samples(project, data)
        findings += found
    findings += check_several.findings(project, data)
    rows = ValidationReport(tuple(findings)).to_json()
    record = {"findings": rows, "gene_sets": gene_sets, "truth": truth, "bridge": bridge, "samples": sheet}
    project.store("data", _key(project, data), lambda folder: write_json(folder / RECORD, record))


def _together(sets: dict[Role, Dataset], bridged: bool) -> ValidationReport:
    """All findings; sets that share no gene are a choice to make, so that the gene names can still be changed.

    Genes and peaks that a bridge joins are not compared with each other.
    """
    reference, query, bulk = (sets.get(role) for role in ROLES)
    if bridged and reference is not None and query is not None and query.holds_peaks != reference.holds_peaks:
        others: dict[Role, Dataset] = {role: one for role, one in sets.items() if role != "query"}
        return _together(others, False).with_findings(query.report.findings)
    try:
        return check_together(reference, query, bulk)
    except DataError:
        findings = [found for one in sets.values() for found in one.report.findings]
    for other in (query, bulk):
        if reference is not None and other is not None:
            try:
                require_shared(reference, other)
            except DataError as problem:
                findings.append(_nothing_shared(reference, other, problem))
    return ValidationReport(tuple(findings))


def _nothing_shared(reference: Dataset, other: Dataset, problem: DataError) -> Finding:
    what = f"{problem.what[:-1]}: {problem.value}."
    for one in (reference, other):
        column = symbol_column(pd.DataFrame(one.adata.var)) if gene_names(one.genes).kind != "symbol" else None
        if column:
            setting = f"data.{one.role}.gene_column"
            return Finding(
                "choose", other.role, what, f"Use `{column}` of the {one.role}", "no_shared", setting, column
            )
    return Finding("choose", other.role, what, problem.remedy, "no_shared")


def _gene_sets(path: str, reference: Dataset | None) -> tuple[dict[str, Any] | None, list[Finding]]:
    fewest = ImpactSpec().min_genes
    try:
        sets = read_gmt(Path(path))
    except DataError as problem:
        return None, [Finding("choose", "all", str(problem), "Add the gene sets again", "gene_sets")]
    described = {"file": Path(path).name, "sets": len(sets), "usable": None}
    notes = [Finding("note", "all", note, NOTHING_TO_DO, "gene_sets") for note in sets.notes]
    if reference is None:
        return described, notes
    fit = names_in(reference).fit(sets)
    genes = set(reference.genes)
    described["usable"] = usable = sum(len(genes.intersection(members)) >= fewest for members in fit.sets.values())
    if usable == 0:
        what = f"No gene set has {fewest} genes in the reference, such as {reference.genes[0]}. {fit.words}"
        remedy = fit.remedy or "Bring sets of the same species, with gene symbols"
        return described, [*notes, Finding("choose", "all", what, remedy, "gene_sets")]
    left_out = len(sets) - usable
    what = f"{usable:,} of {counted(len(sets), 'gene set')} have at least {fewest} genes in the reference."
    if left_out:
        return described, [
            *notes,
            Finding("note", "all", f"{what} The others are left out.", NOTHING_TO_DO, "gene_sets"),
        ]
    return described, [*notes, Finding("fine", "all", what, NOTHING_TO_DO, "gene_sets")]


def _truth(project: Project, data: DataSpec) -> tuple[dict[str, Any] | None, list[Finding]]:
    path = str(data.truth)
    if data.bulk is None:
        what = f"{Path(path).name} holds measured proportions, but there are no bulk samples."
        return None, [Finding("choose", "all", what, "Add bulk samples or remove the table", "truth")]
    try:
        table = measured_cohorts(path, samples(project))
        several = len(files(data, "reference")) > 1
        known = common_types.types_of(project) if several else {}
    except DataError as problem:
        return None, [Finding("choose", "bulk", str(problem), "Add the measured proportions again", "truth")]
    types = [str(name) for name in table.columns]
    record = {"file": Path(path).name, "types": len(types)}
    if data.reference is None or data.reference.label_column is None:
        return record, []
    known = known or described(project, "reference")["label_counts"]
    shared = [name for name in types if name in known]
    what = f"{len(shared)} of {counted(len(types), 'measured type')} are named as in the reference."
    if len(shared) >= FEWEST_SHARED:
        return record, [Finding("fine", "bulk", what, NOTHING_TO_DO, "truth")]
    what = f"{what} At least {FEWEST_SHARED} are needed to compare."
    return record, [Finding("choose", "bulk", what, "Show the reference's names", "truth", items=tuple(known))]


def _samples(project: Project, data: DataSpec) -> tuple[dict[str, Any] | None, list[Finding]]:
    path = Path(str(data.samples))
    if data.bulk is None:
        what = f"{path.name} is a sample sheet, but there are no bulk samples."
        return None, [Finding("choose", "all", what, "Add bulk samples or remove the sheet", "samples")]
    try:
        sheet = read_sheet(path)
        every = all_samples(project)
        _, lacking = matched(sheet, every)
    except DataError as problem:
        return None, [Finding("choose", "bulk", str(problem), "Add the sample sheet again", "samples")]
    record = {"file": path.name, "columns": sheet.shape[1]}
    if lacking:
        what = lacking_words(lacking, len(every))
        return record, [Finding("note", "bulk", what, NOTHING_TO_DO, "samples", items=tuple(lacking))]
    what = f"Every sample has a row in the sample sheet, with {counted(sheet.shape[1], 'column')}."
    return record, [Finding("fine", "bulk", what, NOTHING_TO_DO, "samples")]


def _stand_in(project: Project, role: Role, source: SourceSpec) -> Dataset:
    folder = stored_sets.stored(project, role, source)
    assert folder is not None
    return stored_sets.stand_in(folder, source)


def _roles(data: DataSpec) -> list[Role]:
    return [role for role in ROLES if getattr(data, role) is not None]


def _key(project: Project, data: DataSpec) -> str:
    tables = [_stamp(path) for path in (data.gene_sets, data.truth, data.samples)]
    further: list[Any] = []
    if check_several.several(data):
        apart = check_several.by_itself(project.draft)
        further = [data.more_references, data.more_bulk, _stamp(data.types), apart]
    return project.key("data", "check", data.reference, data.query, data.bulk, data.bridge, tables, *further)


def _stamp(path: str | None) -> list[Any]:
    """The path with the size and time of its file, which change when somebody edits it."""
    if path is None or not Path(path).exists():
        return [path]
    state = Path(path).stat()
    return [path, state.st_size, state.st_mtime_ns]
