"""Several references as one: labels brought to common names, genes to those that all have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.data.dataset import Dataset
from core.data.findings import Finding
from core.data.wording import counted
from core.errors import DataError

CELL_TYPE, REFERENCE = "cell_type", "reference"
"""Columns of the joined set's ``obs``."""
COLUMNS = ("reference", "label", "cell_type")
JOINED = "joined"
"""Key of the finding that tells how many cells a reference adds."""


def joined(references: Sequence[Dataset], types: pd.DataFrame | None = None) -> Dataset:
    """One reference of all cells of several; each cell knows where it came from, which counts as its batch.

    Parameters
    ----------
    references
        With raw counts and a label column each.
    types
        reference (its name, else its file's name without its ending), label, cell_type: a common name for each label;
        labels that are not listed are left out. None: labels are taken as they are.

    Raises
    ------
    DataError
        If a reference holds no counts, no gene is in all of them, or a name in ``types`` fits no label.
    """
    import anndata

    brought = with_common_types(references, types)
    shared = brought[0].genes
    for other in brought[1:]:
        shared = shared.intersection(other.genes, sort=False)
    if shared.empty:
        names = [_name(reference) for reference in references]
        raise DataError("The references share no gene", names, "Use one kind of gene name")
    parts = [part.subset(genes=list(shared)).adata for part in brought]
    findings = [found for part in brought for found in part.report.findings if found.key == JOINED]
    said = f"{len(shared):,} genes are in all {len(references)} references."
    findings.append(Finding("note", "reference", said, "Nothing to do", "joined_genes"))
    return replace(
        brought[0],
        adata=anndata.concat(parts, merge="same"),
        fingerprint="+".join(reference.fingerprint for reference in references),
        report=references[0].report.with_findings(findings),
    )


def with_common_types(references: Sequence[Dataset], types: pd.DataFrame | None = None) -> tuple[Dataset, ...]:
    """Each reference by itself with all its genes, its labels brought to the common names.

    Parameters
    ----------
    references, types
        As in ``joined``.

    Returns
    -------
    The references in their order; cells without a common name are left out, which a finding of each tells.

    Raises
    ------
    DataError
        If a reference holds no counts, or a name in ``types`` fits no label.
    """
    for reference in references:
        if reference.unit != "counts":
            raise DataError("References can be joined only as raw counts", reference.source.path, "Leave this one out")
    return tuple(_named(reference, types) for reference in references)


def _named(reference: Dataset, types: pd.DataFrame | None) -> Dataset:
    import anndata

    name = _name(reference)
    labels = _common(reference, name, types)
    keep = np.asarray(labels.notna(), dtype=bool)
    part: Any = reference.subset(cells=keep).adata
    cells = pd.Index([f"{name}:{cell}" for cell in part.obs_names])
    columns = {CELL_TYPE: labels.to_numpy()[keep].astype(str), REFERENCE: name}
    left_out = int((~keep).sum())
    without = f"; {left_out:,} without a common name are left out" if left_out else ""
    said = f"{name} adds {counted(len(cells), 'cell')}{without}."
    return replace(
        reference,
        adata=anndata.AnnData(part.X, pd.DataFrame(columns, index=cells), part.var[[]].copy()),
        label_column=CELL_TYPE,
        batch_column=REFERENCE,
        report=reference.report.with_findings([Finding("note", "reference", said, "Nothing to do", JOINED)]),
    )


def read_types(path: Path) -> pd.DataFrame:
    """The table reference, label, cell_type.

    Raises
    ------
    DataError
        If it cannot be read or lacks a column.
    """
    try:
        table = pd.read_csv(path, dtype=str)
    except (OSError, ValueError, UnicodeDecodeError) as error:
        raise DataError("The table of types cannot be read", path.name, f"Give a CSV: {error}") from None
    missing = [column for column in COLUMNS if column not in table]
    if missing:
        raise DataError("The table of types lacks columns", missing, f"Give the columns {', '.join(COLUMNS)}")
    return table


def _common(reference: Dataset, name: str, types: pd.DataFrame | None) -> pd.Series:
    labels = reference.labels
    if types is None:
        return labels
    rows = zip(*(types[column].tolist() for column in COLUMNS), strict=True)
    mine = {label: common for place, label, common in rows if place == name}
    unknown = sorted(set(mine) - set(labels.cat.categories))
    if not mine or unknown:
        raise DataError(
            f"The table of types does not fit {name}",
            unknown or sorted(set(types["reference"])),
            f"Its labels are {', '.join(map(str, labels.cat.categories))}",
        )
    return pd.Series(labels.astype(object).map(mine))


def _name(reference: Dataset) -> str:
    return reference.source.called
