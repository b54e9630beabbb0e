"""The Quality page's pieces: rules, what they leave out, and the histograms they cut."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from core.figures.depth import quality_histogram, quality_scatter
from core.figures.palette import label_colours
from core.project import Project
from core.specs import QualitySpec, Role, content_key
from core.tasks.preview import Preview, preview
from pages.ui import cache, forms, session, show, theme
from pages.ui.prepare import sets

ROLES_JUDGED: tuple[Role, ...] = ("reference", "query")
HISTOGRAM, SCATTER, TABLE = 330, 288, 288
"""Pixels of charts and tables."""
FEWEST_TYPES = 2


def choose_role(project: Project) -> Role:
    """The set that is looked at; a choice where there are two."""
    present: list[Role] = [role for role in ROLES_JUDGED if getattr(project.draft.data, role) is not None]
    if len(present) == 1:
        return present[0]
    return st.segmented_control(
        "Set",
        present,
        format_func=lambda role: sets.TITLES[role],
        default=present[0],
        key=f"quality-role-{sets.key_of(project)}",
        label_visibility="collapsed",
        required=True,
    )


def rules(project: Project) -> QualitySpec:
    """The rules as the widgets say; they are kept only when asked for."""
    with show.card("Rules", subtitle="for reference and query", help="Nothing is left out until you keep the rules."):
        return forms.edit(project.draft.data.quality, f"data.quality.{sets.key_of(project)}-{sets.turn()}")


def result(project: Project, role: Role, spec: QualitySpec) -> Preview | None:
    """What ``spec`` would leave out of ``role``; ``None`` where the file could not be read."""
    if sets.checked(project) is None:
        return None
    cells, genes = sets.cells(project, role), sets.genes(project, role)
    assert cells is not None
    assert genes is not None
    source = getattr(project.draft.data, role)
    return cache.table(
        content_key("quality", project.root, role, source, spec), lambda: preview(cells, genes, spec, role)
    )


def numbers(found: Preview, cells: pd.DataFrame, role: Role) -> None:
    """Five numbers: cells, genes and types kept, and the medians of what is kept."""
    kept = cells.loc[found.keep]
    types = found.types[found.types["kept"] > 0]
    show.number_cards(
        [
            show.Number("Cells kept", f"{int(found.keep.sum()):,}", f"of {len(cells):,}"),
            show.Number(
                "Genes kept",
                f"{found.genes_kept:,}",
                f"of {found.genes:,}",
                "Genes are left out of the reference only. Counted over all cells as read.",
            ),
            show.Number("Cell types kept", f"{len(types):,}", f"of {len(found.types):,}")
            if len(found.types)
            else show.Number("Cell types", "none", "no labels"),
            show.Number("Median counts", _median(kept, "counts"), "per kept cell"),
            show.Number("Median genes", _median(kept, "genes"), "per kept cell"),
        ]
    )


def histograms(cells: pd.DataFrame, spec: QualitySpec, role: Role) -> None:
    """Counts, genes and mitochondrial share with the thresholds drawn in."""
    drawn = (
        ("counts", "Counts per cell", spec.min_counts, spec.max_counts),
        ("genes", "Genes per cell", spec.min_genes, None),
        ("mitochondrial", "Mitochondrial share", None, spec.max_mitochondrial),
    )
    for (measure, title, low, high), column in zip(drawn, st.columns(3, gap=12), strict=True):
        with column, show.card(title, help="Grey bars lie beyond a threshold, which is dashed."):
            remark = _nothing_to_draw(cells, measure)
            if remark:
                show.text(remark, muted=True)
                continue
            figure = quality_histogram(cells, measure, theme.current(), low=low, high=high)
            show.figure(figure, f"{role}_{measure}", table=cells.loc[:, [measure]], height=HISTOGRAM, alt=title)


def left_out(found: Preview, role: Role) -> None:
    """How many cells each rule leaves out."""
    with show.card("Left out by each rule", help="Cells that the rule alone would leave out; rules can overlap."):
        total = pd.DataFrame({"rule": ["Left out in all"], "cells": [int((~found.keep).sum())]})
        columns = {"rule": "Rule", "cells": "Cells"}
        show.table(pd.concat([found.rules, total]), columns, key=f"rules-{role}", height=TABLE)


def breakdown(found: Preview, cells: pd.DataFrame, role: Role) -> None:
    """Cells by type, and counts against genes."""
    left, right = st.columns([1, 1.25], gap=12)
    with left, show.card("Cells by type"):
        names = {
            "cell_type": show.Column(
                "Cell type", "swatch", colours=label_colours(found.types["cell_type"], None, theme.current())
            ),
            "cells": "Cells",
            "kept": "Kept",
            "left_out": "Left out",
        }
        show.table(
            found.types,
            names,
            key=f"types-{role}",
            height=TABLE,
            empty="No labels in this set. Choose their column on the Data page if it has any.",
        )
    with right, show.card("Counts against genes", help="Every dot is a cell. Few genes for many counts is suspicious."):
        if bool(cells["counts"].notna().any()):
            figure = quality_scatter(cells, found.keep, theme.current())
            table = cells[["counts", "genes", "mitochondrial"]].assign(kept=found.keep)
            show.figure(figure, f"{role}_counts_genes", table=table, height=SCATTER, alt="Counts against genes")
        else:
            show.text("The values are on no known scale, so counts cannot be told.", muted=True)


def warn(found: Preview) -> bool:
    """Say where the rules leave too little; whether there is enough to go on."""
    if not found.keep.any():
        show.note("No cell meets these rules. Loosen one of them.", "attention")
        return False
    types = found.types
    kept_types = int((types["kept"] > 0).sum())
    if len(types) >= FEWEST_TYPES > kept_types:
        show.note("Fewer than two cell types are left, so types could not be told apart.", "attention")
    return True


def keep(project: Project, spec: QualitySpec) -> None:
    """Make ``spec`` the draft's."""
    session.attempt(lambda: project.change("data.quality", spec), done="These settings are kept")
    sets.redraw()


def _nothing_to_draw(cells: pd.DataFrame, measure: str) -> str:
    if not bool(cells[measure].notna().any()):
        return "The values are on no known scale, so this cannot be told."
    if measure == "mitochondrial" and not bool(cells[measure].any()):
        return "No counts lie in genes whose names begin MT-, so the share is 0 % in every cell."
    return ""


def _median(cells: pd.DataFrame, measure: str) -> str:
    middle = float(np.nanmedian(cells[measure])) if bool(cells[measure].notna().any()) else np.nan
    return "unknown" if np.isnan(middle) else f"{middle:,.0f}"
