"""A bridge as a project keeps it: brought, described for the pages, and compared with reference and query."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.data.dataset import Dataset
from core.data.findings import NOTHING_TO_DO, Finding
from core.data.multiome import kinds_of_parts, likely_parts, parts_of, read_bridge
from core.data.peaks import merged, overlapped, parse
from core.data.wording import counted
from core.errors import DataError
from core.files import write_json
from core.project import Project
from core.specs import BridgeSourceSpec

SUMMARY, GENES, PEAKS = "summary.json", "genes.parquet", "peaks.parquet"
FEW_SHARED = 0.5
"""Share of the query's peaks, or of the bridge's genes, below which a finding asks for a choice."""


def stored(project: Project, source: BridgeSourceSpec) -> Path | None:
    """The folder that describes ``source``, or ``None`` where it has not been read with these settings."""
    return project.stored("data", _key(project, source))


def keep(project: Project, source: BridgeSourceSpec) -> tuple[Path, BridgeSourceSpec]:
    """Read a bridge and describe it in the project.

    Returns
    -------
    The folder: summary.json (file, cells, genes, peaks, expression, accessibility, and parts: what each part of the
    file holds), and the names of genes and peaks; and the source with its fingerprint.

    Raises
    ------
    DataError
        If the file is no bridge, or has changed since it was brought.
    """
    expression, accessibility = parts_of(source)
    genes, peaks = read_bridge(source)
    if source.fingerprint not in ("", genes.fingerprint):
        remedy = "Add it again on the Data page"
        raise DataError("The bridge file has changed since it was brought", source.path, remedy)
    source = source.model_copy(update={"fingerprint": genes.fingerprint})
    described = {
        "file": Path(source.path).name,
        "cells": genes.n_cells,
        "genes": genes.n_genes,
        "peaks": peaks.n_genes,
        "expression": expression,
        "accessibility": accessibility,
        "parts": kinds_of_parts(Path(source.path)),
    }

    def write(folder: Path) -> None:
        write_json(folder / SUMMARY, described)
        for name, dataset in ((GENES, genes), (PEAKS, peaks)):
            pd.DataFrame({"name": list(map(str, dataset.genes))}).to_parquet(folder / name)

    return project.store("data", _key(project, source), write), source


def described(project: Project) -> dict[str, Any] | None:
    """The summary of the draft's bridge, read again where the project has none; ``None`` without a bridge.

    Raises
    ------
    DataError
        If the file is no bridge, or has changed since it was brought.
    """
    source = project.draft.data.bridge
    if source is None:
        return None
    folder = stored(project, source)
    if folder is None:
        folder, source = keep(project, source)
        project.change("data.bridge", source)
    return summary(folder)


def undecided(path: str) -> dict[str, list[str]]:
    """The parts of a file among which a person has to choose, by field of the bridge's spec; empty where all is clear.

    Raises
    ------
    DataError
        If the file has no two parts.
    """
    kinds = kinds_of_parts(Path(path))
    likely = {"expression": likely_parts(kinds, "genes"), "accessibility": likely_parts(kinds, "peaks")}
    return {field: names for field, names in likely.items() if len(names) > 1} if all(likely.values()) else {}


def summary(folder: Path) -> dict[str, Any]:
    """What ``keep`` wrote into summary.json."""
    return json.loads((folder / SUMMARY).read_text(encoding="utf-8"))


def findings(folder: Path, reference: Dataset | None, query: Dataset | None) -> list[Finding]:
    """What is to be said of a bridge beside the sets that it joins; of these the names of the features are enough."""
    known = summary(folder)
    parts = f"`{known['expression']}` and `{known['accessibility']}`"
    both = f"{known['genes']:,} genes and {known['peaks']:,} peaks"
    what = f"{counted(known['cells'], 'cell')} with {both}, {parts}."
    found = [Finding("fine", "bridge", what, NOTHING_TO_DO, "bridge_parts")]
    genes, peaks = (_names(folder / name) for name in (GENES, PEAKS))
    if reference is not None:
        found.append(_genes(genes, reference))
    if query is not None and not query.holds_peaks:
        what = "The query holds genes, so it needs no bridge."
        found.append(Finding("choose", "bridge", what, "Remove the bridge, or bring a query of peaks", "bridge_unused"))
    elif query is not None:
        found.append(_peaks(peaks, query))
    return found


def _genes(genes: pd.Index, reference: Dataset) -> Finding:
    shared = int(genes.isin(reference.genes).sum())
    what = f"{shared:,} of {len(genes):,} genes are in the reference."
    if reference.holds_peaks or shared < FEW_SHARED * min(len(genes), reference.n_genes):
        remedy = "Use a reference of RNA with the same kind of gene names"
        return Finding("choose", "bridge", what, remedy, "bridge_genes")
    return Finding("fine", "bridge", what, NOTHING_TO_DO, "bridge_genes")


def _peaks(peaks: pd.Index, query: Dataset) -> Finding:
    inside = overlapped(parse(query.genes), merged(parse(peaks))[0]) >= 0
    what = f"{int(inside.sum()):,} of {len(inside):,} peaks of the query overlap peaks of the bridge."
    if float(np.mean(inside)) < FEW_SHARED:
        return Finding("choose", "bridge", what, "Use one genome build for both", "bridge_peaks")
    return Finding("fine", "bridge", what, NOTHING_TO_DO, "bridge_peaks")


def _names(path: Path) -> pd.Index:
    return pd.Index(pd.read_parquet(path)["name"])


def _key(project: Project, source: BridgeSourceSpec) -> str:
    return project.key("data", "bridge", "parts", source)
