"""The cards of the Data page: one for each role, and a row for gene sets and measured proportions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from core.data.findings import Finding
from core.data.wording import counted
from core.project import Project
from core.specs import ROLES, Role
from core.specs.several import FURTHER, files
from core.tasks.check import Check
from pages.ui import show
from pages.ui.prepare import add, common, sets, several
from pages.ui.show.notes import text

MEANINGS: dict[Role, tuple[str, str]] = {
    "reference": (
        "cells with known labels",
        "Training learns from these cells. Every recipe needs them; a trained model does not.",
    ),
    "query": ("cells to be labelled", "Cells without labels, from the same tissue. Needed for annotation."),
    "bulk": ("samples to be taken apart", "A table of bulk samples and genes. Needed for composition."),
}
BRIDGE_HINT = "none yet; multiome cells lead from a reference of RNA to a query of peaks"
SETS_HINT = "none yet, for Pathways; a GMT file such as Hallmark"
TRUTH_HINT = "none yet, optional; to compare bulk results with"
SETS_SHORT, TRUTH_SHORT = "none yet; a GMT file", "none yet, optional"
SHEET_HINT = "none yet; group, age and so on"
"""What is said of a file that is not there; the short forms where more than two stand in a row."""


def role_cards(project: Project, found: list[Finding]) -> None:
    """One card for each role; ``found`` are the findings as they stand after the user's choices."""
    for role, column in zip(ROLES, st.columns(3, gap=12), strict=True):
        with column:
            _card(project, role, [one for one in found if one.role == role])


def further_files(project: Project, check: Check | None) -> None:
    """Gene sets, measured proportions and a sample sheet in one slim row, beside bulk samples.

    Before them a bridge, where the query holds peaks.
    """
    data = project.draft.data
    gene_sets, truth = (check.gene_sets, check.truth) if check else (None, None)
    bridged = data.bridge is not None or _holds_peaks(sets.summary(project, "query"))
    described = data.bulk is not None or data.samples is not None
    short = bridged or described
    about = {"bridge": _bridge(project, check)} if bridged else {}
    about |= {"gene_sets": SETS_SHORT if short else SETS_HINT, "truth": TRUTH_SHORT if short else TRUTH_HINT}
    if described:
        about["samples"] = _sheet(project, check)
    if gene_sets:
        usable = gene_sets["usable"]
        enough = "" if usable is None or len(about) > 2 else f", {usable:,} with enough genes"
        about["gene_sets"] = f"{gene_sets['file']}, {counted(gene_sets['sets'], 'set')}{enough}"
    elif data.gene_sets:
        about["gene_sets"] = f"{Path(data.gene_sets).name}; see the check below"
    if truth:
        about["truth"] = f"{truth['file']}, {counted(truth['types'], 'cell type')}"
    elif data.truth:
        about["truth"] = f"{Path(data.truth).name}; see the check below"
    with show.card(key="further", height="content"):
        for (kind, words), column in zip(about.items(), st.columns(len(about), gap=24), strict=True):
            key = f"cardactions-further-{kind}"
            with column, st.container(horizontal=True, vertical_alignment="center", gap=8, key=key):
                text(f"**{sets.TITLES[kind]}** {words}")
                add.replace(project, kind)


def _sheet(project: Project, check: Check | None) -> str:
    path = project.draft.data.samples
    if path is None:
        return SHEET_HINT
    if check is None or check.samples is None:
        return f"{Path(path).name}; see the check below"
    return f"{check.samples['file']}, {counted(check.samples['columns'], 'column')}"


def _bridge(project: Project, check: Check | None) -> str:
    source = project.draft.data.bridge
    if source is None:
        return BRIDGE_HINT
    if check is None or check.bridge is None:
        return f"{Path(source.path).name}; see the check below"
    known = check.bridge
    return f"{known['file']}, {known['cells']:,} cells"


def _holds_peaks(described: dict[str, Any] | None) -> bool:
    return described is not None and described["gene_kind"] == "peaks"


def _card(project: Project, role: Role, found: list[Finding]) -> None:
    source, there = getattr(project.draft.data, role), files(project.draft.data, role)
    # two buttons leave no room for more than the title
    with show.card(sets.TITLES[role], subtitle=MEANINGS[role][0] if role not in FURTHER or not there else "") as panel:
        with panel.actions:
            if role == "reference" and len(there) > 1:
                common.button(project)
            if there and role in FURTHER:
                add.another(project, FURTHER[role])
            if len(there) < 2:
                add.replace(project, role)
        if source is None:
            text(f"No file yet. {MEANINGS[role][1]}", muted=True)
            return
        if len(there) > 1:
            several.card(project, role, _states(found))
            return
        text(f"**{Path(source.path).name}**")
        described = sets.summary(project, role)
        if described is None:
            show.chips([("failed", "Not read")])
            return
        show.facts(_numbers(role, described))
        show.chips(_states(found))


def _numbers(role: Role, described: dict[str, Any]) -> list[show.Number]:
    n_cells, n_genes, n_types = described["n_cells"], described["n_genes"], described["n_types"]
    batches = len(described["depth"]["batches"]) if described["batch_column"] else 0
    numbers = [
        show.Number("samples" if role == "bulk" else "cells", f"{n_cells:,}"),
        show.Number("peaks" if _holds_peaks(described) else "genes", f"{n_genes:,}"),
    ]
    if n_types:
        numbers.append(show.Number("cell types", f"{n_types:,}"))
    if batches:
        numbers.append(show.Number("batches", f"{batches:,}"))
    if role == "bulk" or not (n_types or batches):
        numbers.append(show.Number("unit", several.UNITS[described["unit"]]))
    return numbers


def _states(found: list[Finding]) -> list[tuple[str, str] | str]:
    choices, remarks = (sum(one.kind == kind for one in found) for kind in ("choose", "note"))
    states: list[tuple[str, str] | str] = ["ready"]
    if choices:
        states.append(("choose", f"{counted(choices, 'choice')} to make"))
    if remarks:
        states.append(("note", counted(remarks, "note")))
    return states
