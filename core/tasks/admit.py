"""Bring files into a project: read, checked, described for the pages, and only then part of the draft."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from core.data.demo import LABEL_COLUMN, write_demo
from core.data.findings import Finding
from core.data.formats.mudata import AUTO
from core.data.labels import label_columns
from core.data.read import read
from core.data.sample_sheet import matched, read_sheet
from core.errors import DataError
from core.interpretation.gene_sets import read_gmt
from core.project import Project
from core.specs import BridgeSourceSpec, Role, SourceSpec, parse
from core.tasks import bridge_file, check, several, stored_sets
from core.tasks.load import storage
from core.tasks.truth import measured_cohorts


def admit(project_root: str, role: Role, source: dict[str, Any], new: bool = False, at: int = 0) -> dict[str, Any]:
    """Read a file as ``source`` says and make it the project's ``role``; a file that is refused changes nothing.

    Parameters
    ----------
    project_root
        Folder of the project.
    role
        reference, query or bulk.
    source
        A ``SourceSpec`` as plain values.
    new
        Whether the file has just been brought. A new reference without a label column takes the one column that looks
        like cell types, where there is exactly one.
    at
        Which of the project's files of this role it becomes; one behind the last is added to them.

    Returns
    -------
    The set's summary, as ``core.data.summary`` describes it.

    Raises
    ------
    DataError
        If the file cannot be read or used.
    """
    project = Project(Path(project_root))
    wanted = parse(SourceSpec, {**source, "path": str(_present(source.get("path", ""))), "fingerprint": ""})
    store = storage(project.draft)
    dataset = read(wanted, role, store)
    notes: list[Finding] = []
    if new and role == "reference" and wanted.label_column is None:
        likely = label_columns(pd.DataFrame(dataset.adata.obs))
        if len(likely) == 1:
            dataset = read(wanted.model_copy(update={"label_column": likely[0]}), role, store)
            what = f"`{likely[0]}` was taken as the cell type: no other column looks like it."
            notes.append(
                Finding("note", role, what, "Choose another column", "label_chosen", f"data.{role}.label_column")
            )
    folder, admitted = stored_sets.keep(project, dataset, notes)
    several.put(project, role, at, admitted)
    return stored_sets.summary(folder)


def describe(project_root: str, role: Role, source: dict[str, Any]) -> dict[str, Any]:
    """Read a file that a trained model is used on and describe it in the project, whose own files stay.

    Parameters
    ----------
    project_root
        Folder of the project.
    role
        query or bulk.
    source
        A ``SourceSpec`` as plain values.

    Returns
    -------
    The ``SourceSpec`` as plain values, with the file's fingerprint.

    Raises
    ------
    DataError
        If the file cannot be read or used.
    """
    project = Project(Path(project_root))
    wanted = parse(SourceSpec, {**source, "path": str(_present(source.get("path", ""))), "fingerprint": ""})
    _, described = stored_sets.keep(project, read(wanted, role, storage(project.draft)))
    return described.model_dump(mode="json")


def admit_gene_sets(project_root: str, path: str) -> int:
    """Make a GMT file the project's gene sets and return how many it holds.

    Raises
    ------
    DataError
        If it is no GMT file.
    """
    project, file = Project(Path(project_root)), _present(path)
    sets = read_gmt(file)
    project.change("data.gene_sets", str(file))
    check.when_described(project)
    return len(sets)


def admit_bridge(project_root: str, path: str, expression: str = AUTO, accessibility: str = AUTO) -> int:
    """Make a multiome file the project's bridge and return how many cells it holds.

    Parameters
    ----------
    project_root
        Folder of the project.
    path
        The file.
    expression, accessibility
        Names of its parts with genes and with peaks; auto: those that look so.

    Raises
    ------
    DataError
        If a part is missing or the parts hold different cells.
    """
    project, file = Project(Path(project_root)), _present(path)
    wanted = BridgeSourceSpec(path=str(file), expression=expression, accessibility=accessibility)
    folder, source = bridge_file.keep(project, wanted)
    project.change("data.bridge", source)
    check.when_described(project)
    return bridge_file.summary(folder)["cells"]


def undecided_parts(path: str) -> dict[str, list[str]]:
    """The parts of a multiome file among which a person has to choose, by field of the bridge's spec.

    Raises
    ------
    DataError
        If there is no file, or it has no two parts.
    """
    return bridge_file.undecided(str(_present(path)))


def admit_truth(project_root: str, path: str) -> int:
    """Make a table of measured proportions part of the project and return how many cell types it holds.

    Raises
    ------
    DataError
        If there are no bulk samples yet, or the table does not fit them.
    """
    project, file = Project(Path(project_root)), _present(path)
    if project.draft.data.bulk is None:
        raise DataError("Measured proportions belong to bulk samples, and there are none", file.name, "Add bulk first")
    table = measured_cohorts(str(file), check.samples(project))
    project.change("data.truth", str(file))
    check.when_described(project)
    return table.shape[1]


def admit_samples(project_root: str, path: str) -> int:
    """Make a sample sheet part of the project and return how many columns it holds.

    Raises
    ------
    DataError
        If there are no bulk samples yet, the sheet cannot be read, or it names none of them.
    """
    project, file = Project(Path(project_root)), _present(path)
    if project.draft.data.bulk is None:
        raise DataError("A sample sheet belongs to bulk samples, and there are none", file.name, "Add bulk first")
    sheet = read_sheet(file)
    matched(sheet, check.all_samples(project))
    project.change("data.samples", str(file))
    check.when_described(project)
    return sheet.shape[1]


def admit_demo(project_root: str) -> dict[str, Any]:
    """Write the demonstration's files into the project and bring them all in.

    Returns
    -------
    The project's ``data`` settings as plain values.
    """
    project = Project(Path(project_root))
    folder = project.datasets / "demo"
    write_demo(folder)
    admit(project_root, "reference", {"path": str(folder / "reference.h5ad"), "label_column": LABEL_COLUMN})
    admit(project_root, "query", {"path": str(folder / "query.h5ad")})
    admit(project_root, "bulk", {"path": str(folder / "bulk.csv")})
    admit_gene_sets(project_root, str(folder / "gene_sets.gmt"))
    admit_truth(project_root, str(folder / "truth.csv"))
    return project.draft.data.model_dump(mode="json")


def _present(path: str) -> Path:
    """The path in full.

    Raises
    ------
    DataError
        If nothing was written, or nothing lies there.
    """
    if not path.strip():
        raise DataError("No path was given", None, "Write where the file lies, such as /home/me/cells.h5ad")
    found = Path(path.strip().strip("\"'")).expanduser()
    if not found.exists():
        raise DataError(
            "There is no file or folder at this path",
            str(found),
            "Check the spelling; the path is looked up on the machine that runs CellDesk",
        )
    return found.resolve()
