"""The models that a project has, and what is known of the chosen one."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from core.data.peaks import are_peaks
from core.data.wording import counted
from core.errors import AppError
from core.model_header import ModelHeader
from core.project import Project
from core.recipes import RECIPES
from core.specs import AnnotateSpec, content_key
from core.specs.several import files
from core.tasks.model_files import ModelFile, forget, model_files
from pages.ui import cache, show
from pages.ui.models import bring, chosen
from pages.ui.prepare import sets

TABLE_HEIGHT = 260
NAMED = 16
"""Cell types whose names are told at once."""
COLUMNS = {
    "name": show.Column("Model", strong=True),
    "purpose": "For",
    "origin": "From",
    "recipe": "Recipe",
    "types": show.Column("Types", "number", ",.0f"),
    "genes": show.Column("Genes", "number", ",.0f", help="Genes, or peaks, that the model's network sees."),
    "references": show.Column("References", "number", help="References that it learned from, each by itself."),
    "trained": "Trained",
    "state": show.Column("State", "chip"),
}
PURPOSES = {"annotate": "labels", "deconvolve": "composition"}
UNKNOWN = "not said in the file"


@dataclass(frozen=True)
class Listed:
    """A model with its head, or with what stands against reading it."""

    file: ModelFile
    header: ModelHeader | None
    problem: AppError | None = None


def listed(project: Project) -> list[Listed]:
    """All models of the project that label cells or take samples apart."""
    return [_read(file) for file in model_files(project)]


def choose(project: Project, models: Sequence[Listed]) -> Listed:
    """The table of models; a click chooses one."""
    keys = [each.file.key for each in models]
    at = keys.index(chosen.model()) if chosen.model() in keys else 0
    with show.card("Trained models", subtitle="Of this project's runs, and brought from elsewhere.") as panel:
        with panel.actions:
            bring.model_buttons(project)
        rows = [_row(each) for each in models]
        there = {name: column for name, column in COLUMNS.items() if any(row.get(name) is not None for row in rows)}
        event = show.table(
            rows,
            there,
            key=f"models-{content_key(str(project.root), keys, at)}",
            select="row",
            selected=[at],
            height=TABLE_HEIGHT,
        )
    if event.selected and event.selected[0] != at:
        chosen.choose_model(keys[event.selected[0]])
        st.rerun()
    return models[at]


def about(each: Listed) -> None:
    """What the chosen model is; a file from elsewhere can be taken out again."""
    with show.card("This model", key="this-model") as panel:
        if each.file.run is None:
            with panel.actions, st.popover("Remove", icon=":material/close:", key="models-remove"):
                show.text("The project's copy is deleted. Runs that used it keep their own.")
                if st.button("Remove the copy", key="models-remove-sure"):
                    forget(each.file)
                    sets.redraw()
        if each.header is None:
            assert each.problem is not None
            show.error(each.problem)
            return
        show.key_values(_facts(each, each.header))
        _types(each.header)


def _types(header: ModelHeader) -> None:
    """The names of the cell types; of many the first ones, and all behind a button."""
    names, words = header.classes, counted(len(header.classes), "cell type")
    if len(names) <= NAMED:
        show.text(f"**{words}**: {', '.join(names)}")
        return
    show.text(f"**{words}**: {', '.join(names[:NAMED])} and {len(names) - NAMED:,} more")
    with st.popover("All types", key="models-types"):
        show.text(", ".join(names))


def feature_word(header: ModelHeader) -> str:
    """``genes`` or ``peaks``."""
    return "peaks" if are_peaks(header.genes) else "genes"


def _read(file: ModelFile) -> Listed:
    key = content_key("model", str(file.path), file.path.stat().st_mtime_ns)
    try:
        return Listed(file, cache.table(key, lambda: ModelHeader.read(file.path)))
    except AppError as problem:
        return Listed(file, None, problem)


def _row(each: Listed) -> dict[str, Any]:
    row: dict[str, Any] = {"name": each.file.title, "origin": "This project" if each.file.run else "A file"}
    header = each.header
    if header is None:
        return {**row, "state": ("failed", "Unreadable")}
    when = each.file.trained(header)
    return {
        **row,
        "purpose": PURPOSES[header.spec.task],
        "recipe": recipe_title(header),
        "references": header.references if header.references > 1 else None,
        "types": len(header.classes),
        "genes": len(header.genes),
        "trained": {"text": _moment(when), "sort": when or 0.0},
    }


def recipe_title(header: ModelHeader) -> str:
    """The recipe that the model was trained by, in words."""
    name = header.spec.recipe
    known = RECIPES.get(name)
    if known is None:
        return name.replace("_", " ") or "A network of its own"
    return known.system if known.card else name.replace("_", " ").capitalize()


def _facts(each: Listed, header: ModelHeader) -> dict[str, str]:
    spec, data = header.spec, header.spec.data
    learned = [Path(source.path).name for source in files(data, "reference")]
    rows = {
        "Recipe": recipe_title(header),
        "Trained": _moment(each.file.trained(header)),
        "Learned from": ", ".join(learned) or UNKNOWN,
    }
    if data.bridge is not None:
        rows["Over the bridge"] = Path(data.bridge.path).name
    rows[feature_word(header).capitalize()] = f"{len(header.genes):,}"
    of_each = f" for each of {header.references} references" if header.references > 1 else ""
    rows["Networks"] = f"{header.members:,}{of_each}"
    coarser = data.reference.coarser_columns if data.reference else ()
    above = coarser or (spec.analysis.groups if isinstance(spec.analysis, AnnotateSpec) else ())
    if above:
        rows["Levels of labels"] = str(len(above) + 1)
    rows["File"] = f"{each.file.path.name}, {each.file.path.stat().st_size / 1e6:,.1f} MB"
    return rows


def _moment(when: float | None) -> str:
    return time.strftime("%-d %b %Y, %H:%M", time.localtime(when)) if when else UNKNOWN
