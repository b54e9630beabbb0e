"""What each column of a file means: choices that are read anew at once, cells per type, and all columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
import streamlit as st

from core.figures.labels import cells_per_type
from core.project import Project
from core.specs import ROLES, Role, SourceSpec
from core.specs.several import files
from pages.ui import fields, show, theme, widgets
from pages.ui.prepare import bridge, sets, several
from pages.ui.show.notes import text

CELL_CHOICES = ("label_column", "batch_column", "counts", "unit", "gene_column")
PART_CHOICE = "modality"
"""A further choice for files with several kinds of feature."""
BULK_CHOICES = ("counts", "unit", "gene_column", "orientation")
MOST_COARSER = 200
"""Labels of a column that may lie above the cell type."""
MOST_TYPES, LARGEST = 10, 8
"""Bars that fit, and those that fit above a sentence on the rest, which is in the table behind the chart."""
TABLE_HEIGHT, SAMPLES_HEIGHT, ROW_HEIGHT, NAME_HEIGHT = 116, 376, 20, 70
"""Pixels of the list of columns, of the list of samples, of a bar, and of the row with a file's name."""
WORDS = {
    "log1p_cp10k": "log1p of CP10K",
    "log1p": "ln(1 + x)",
    "cpm": "CPM",
    "tpm": "TPM",
    "linear": "linear, such as FPKM",
    "values": "as given",
    "cells_in_rows": "cells or samples",
    "genes_in_rows": "genes",
    "X": "X",
    "raw": "raw",
}


def meanings(project: Project) -> None:
    """The card with the columns of one set after the other."""
    data = project.draft.data
    present: list[Role] = [role for role in ROLES if getattr(data, role) is not None and sets.summary(project, role)]
    if sets.bridge(project):
        present.append("bridge")
    with show.card("What each column means", key="meaning", gap=6) as panel:
        if not present:
            text(
                "Once a file is here, this says which of its columns names the cell type, the batch and the genes.",
                muted=True,
            )
            return
        if st.session_state.get(several.set_key(project)) not in present:
            st.session_state[several.set_key(project)] = present[0]
        role = panel.actions.segmented_control(
            "Set",
            present,
            format_func=sets.TITLES.__getitem__,
            key=several.set_key(project),
            label_visibility="collapsed",
            required=True,
        )
        _of_set(project, role or present[0])


def _of_set(project: Project, role: Role) -> None:
    if role == "bridge":
        bridge.parts(project)
        return
    at = several.looked_at(project, role)
    described = sets.summary(project, role, at)
    if described is None:
        return
    source = files(project.draft.data, role)[at]
    taken = several.taken(project)
    if len(files(project.draft.data, role)) > 1:
        several.name_and_remove(project, role, at)
        taken += NAME_HEIGHT
    changed = _choices(project, role, source, described, at)
    if changed != source:
        sets.reread(project, role, changed, at)
    if role == "bulk":
        _samples(project, described, at, SAMPLES_HEIGHT - taken)
        return
    _types(role, described, room=taken)
    text("Columns in this file", strong=True)
    used = {source.label_column: "Cell type", source.batch_column: "Batch"}
    used |= dict.fromkeys(source.coarser_columns, "Coarser labels")
    rows = [
        {"column": each["name"], "values": each["values"], "used": used.get(each["name"], "Not used")}
        for each in described["columns"]
    ]
    columns = {"column": show.Column("Column", "code"), "values": "Values", "used": "Used as"}
    show.table(
        rows,
        columns,
        key=f"columns-{_key(project, role, at)}",
        height=TABLE_HEIGHT,
        empty="The file describes no cells.",
    )


def _choices(project: Project, role: Role, source: SourceSpec, described: dict[str, Any], at: int) -> SourceSpec:
    """A select box for each meaning; the source as they say."""
    known = fields.settings(SourceSpec)
    names = {name: field for name, field in SourceSpec.model_fields.items()}
    sizes = {each["name"]: each["values"] for each in described["columns"]}
    options: dict[str, list[Any]] = {
        "label_column": [None, *sizes],
        "batch_column": [None, *sizes],
        "counts": ["auto", *described["places"]],
        "unit": list(known["unit"].options),
        "gene_column": [None, *described["var_columns"]],
        "orientation": list(known["orientation"].options),
        "modality": ["auto", *described["modalities"]],
    }
    shown: dict[str, Callable[[Any], str]] = {
        "label_column": lambda name: _column(name, sizes, "type"),
        "batch_column": lambda name: _column(name, sizes, "value"),
        "counts": _place,
        "unit": lambda unit: f"found: {_word(described['unit'])}" if unit == "auto" else _word(unit),
        "gene_column": lambda name: name or f"index, {described['gene_kind']}",
        "modality": lambda name: f"found: {described['modality']}" if name == "auto" else name,
        "orientation": lambda way: "found by CellDesk" if way == "auto" else _word(way),
    }
    values: dict[str, Any] = {}
    slots = st.columns(2, gap=12)
    several = len(described["modalities"]) > 1
    for number, name in enumerate((*_choices_of(role), *((PART_CHOICE,) if several else ()))):
        key = f"{_key(project, role, at)}-{name}"
        now = getattr(source, name)
        given = options[name] if now in options[name] else [*options[name], now]
        widgets.seed(key, now, now)
        with slots[number % 2]:
            values[name] = st.selectbox(
                str(names[name].title),
                given,
                format_func=shown[name],
                key=key,
                help=names[name].description,
                # None counts as an empty box, which would invite a choice where there is none to make
                placeholder=shown[name](None) if None in given else None,
            )
    coarser: tuple[str, ...] = ()
    if role == "reference" and at == 0 and values["label_column"] is not None:
        with slots[len(values) % 2]:
            coarser = _coarser(project, source, values["label_column"], sizes)
    values["coarser_columns"] = coarser
    return source.model_copy(update=values)


def _coarser(project: Project, source: SourceSpec, label: str, sizes: Mapping[str, int]) -> tuple[str, ...]:
    """Columns of labels above the cell type; those with fewer labels stand above those with more."""
    key = f"{_key(project, 'reference', 0)}-coarser_columns"
    options = [name for name in sizes if name != label and 2 <= sizes[name] <= MOST_COARSER]
    now = [name for name in source.coarser_columns if name in options]
    widgets.seed(key, now, (*now, label))
    field = SourceSpec.model_fields["coarser_columns"]
    chosen = st.multiselect(
        str(field.title),
        options,
        format_func=lambda name: _column(name, sizes, "type"),
        key=key,
        help=f"{field.description} They are put in order by their number of labels.",
        placeholder="none",
    )
    return tuple(sorted(chosen, key=lambda name: sizes[name]))


def _choices_of(role: Role) -> tuple[str, ...]:
    return BULK_CHOICES if role == "bulk" else CELL_CHOICES


def _types(role: Role, described: dict[str, Any], room: int) -> None:
    """The chart of cells of each type; ``room`` are the pixels that it has to leave."""
    counts: Mapping[str, int] = described["label_counts"]
    if not counts:
        text("Choose the column that names the cell types to see how many cells each has.", muted=True)
        return
    text("Cells per type", strong=True)
    table = pd.DataFrame({"cell_type": list(counts), "cells": list(counts.values())})
    table = table.sort_values("cells", ascending=False, kind="stable", ignore_index=True)
    fewer = -(-room // ROW_HEIGHT)
    shown = table if len(table) <= MOST_TYPES - fewer else table.head(LARGEST - fewer)
    figure = cells_per_type(shown, theme.current(), colours=described["colours"], row=ROW_HEIGHT, one_line=True)
    show.figure(figure, f"{role}_cells_per_type", table=table, alt="Cells of each type")
    if len(table) > len(shown):
        text(f"The {len(shown)} largest of {len(table)} types; the chart's table holds all.", muted=True)


def _samples(project: Project, described: dict[str, Any], at: int, height: int) -> None:
    totals = sets.cells(project, "bulk", at)
    assert totals is not None
    text("Samples in this file", strong=True)
    rows = [
        {"sample": name, "total": total, "genes": int(genes)}
        for name, total, genes in zip(described["samples"], totals["counts"], totals["genes"], strict=True)
    ]
    columns = {
        "sample": show.Column("Sample", "code"),
        "total": show.Column("Total", "number", ",.0f", help="Sum over all genes, in the unit of the file."),
        "genes": show.Column("Genes", "number", help="Genes that are not zero."),
    }
    show.table(rows, columns, key=f"samples-{_key(project, 'bulk', at)}", height=height)


def _column(name: str | None, sizes: Mapping[str, int], thing: str) -> str:
    if name is None:
        return "none"
    n = sizes.get(name, 0)
    return f"{name} ({n:,} {thing}{'' if n == 1 else 's'})"


def _place(place: str) -> str:
    if place == "auto":
        return "found by CellDesk"
    return f"layer: {place.removeprefix('layers/')}" if place.startswith("layers/") else _word(place)


def _word(option: str) -> str:
    return WORDS.get(option, option)


def _key(project: Project, role: Role, at: int) -> str:
    return f"meaning-{sets.key_of(project)}-{role}-{at}-{sets.turn()}"
