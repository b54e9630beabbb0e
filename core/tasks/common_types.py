"""Common names for the labels of several references: a table, kept as the CSV that ``data.types`` names."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from core.data.join import COLUMNS, read_types
from core.errors import DataError
from core.export.tables import write_table
from core.project import Project
from core.specs import content_key
from core.specs.several import files
from core.tasks import stored_sets

FOLDER = "common_types"
CELLS = "cells"
FEWEST_TYPES = 2


def proposed(labels: Mapping[str, Sequence[str]], known: Sequence[str] = ()) -> dict[tuple[str, str], str]:
    """A common name for each label: the first spelling of those that differ in case, signs or a plural's s alone.

    Parameters
    ----------
    labels
        The labels of each reference by its name.
    known
        Names that are in use already.

    Returns
    -------
    The common name by reference and label.
    """
    spelled = {_plain(name): name for name in reversed(known)}
    return {
        (reference, label): spelled.setdefault(_plain(label), label)
        for reference, own in labels.items()
        for label in own
    }


def table(project: Project) -> pd.DataFrame:
    """All labels of the draft's references: reference, label, cells, cell_type; the last is empty for one left out.

    Without a table of common names, those are proposed.

    Raises
    ------
    DataError
        If the table of common names cannot be read.
    """
    data = project.draft.data
    return _rows(project, read_types(Path(data.types)) if data.types else None, {})


def keep(project: Project, rows: pd.DataFrame) -> None:
    """Make the names in ``rows`` (reference, label, cell_type) the project's; labels with an empty name are left out.

    Each table has a file of its own, so that a run that names an older one can be repeated.

    Raises
    ------
    DataError
        If a reference is left without a label, or all labels have one name.
    """
    named = rows.assign(cell_type=rows["cell_type"].fillna("").astype(str).str.strip())
    named = named.loc[named["cell_type"] != "", list(COLUMNS)]
    lost = sorted(set(rows["reference"]) - set(named["reference"]))
    if lost:
        raise DataError("No label of this reference has a common name", lost, "Name at least one, or remove the file")
    if named["cell_type"].nunique() < FEWEST_TYPES:
        raise DataError(
            "All labels have one common name", sorted(set(named["cell_type"])), "Give at least two different names"
        )
    name = content_key(named.to_dict("list"))
    folder = project.datasets / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    project.change("data.types", str(write_table(named, name, folder)))


def follow(project: Project, renamed: Mapping[str, str] | None = None) -> None:
    """Bring the table of common names in step with the references: names of files, labels, files added or removed.

    Parameters
    ----------
    renamed
        New name of a file by its old one.

    Raises
    ------
    DataError
        As ``table`` and ``keep``.
    """
    data = project.draft.data
    if data.types is None:
        return
    if len(files(data, "reference")) < 2:
        project.change("data.types", None)
        return
    keep(project, _rows(project, read_types(Path(data.types)), renamed or {}))


def types_of(project: Project) -> dict[str, int]:
    """Cells of each common type, over all references of the draft, labels left out excepted."""
    rows = table(project)
    return {
        str(name): int(cells)
        for name, cells in rows.groupby("cell_type", sort=False)[CELLS].sum().items()
        if name != ""
    }


def _rows(project: Project, kept: pd.DataFrame | None, renamed: Mapping[str, str]) -> pd.DataFrame:
    counts = _label_counts(project)
    names: dict[tuple[str, str], str] = {}
    if kept is not None:
        columns = (kept[column].fillna("").tolist() for column in COLUMNS)
        names = {(renamed.get(place, place), label): common for place, label, common in zip(*columns, strict=True)}
    new = {
        reference: list(own)
        for reference, own in counts.items()
        if kept is None or not any((reference, label) in names for label in own)
    }
    names |= proposed(new, list(dict.fromkeys(names.values())))
    rows = [
        {"reference": reference, "label": label, CELLS: cells, "cell_type": names.get((reference, label), "")}
        for reference, own in counts.items()
        for label, cells in own.items()
    ]
    return pd.DataFrame(rows, columns=pd.Index(["reference", "label", CELLS, "cell_type"]))


def _label_counts(project: Project) -> dict[str, dict[str, int]]:
    """Cells of each label, by the name of the reference; references that are not described yet are left out."""
    found = {}
    for source in files(project.draft.data, "reference"):
        folder = stored_sets.stored(project, "reference", source)
        if folder is not None:
            found[source.called] = stored_sets.summary(folder)["label_counts"]
    return found


def _plain(label: str) -> str:
    word = re.sub(r"[^0-9a-z+]", "", label.casefold())
    return word.removesuffix("s") or label
