"""How files fit a model: the genes that they share with it, what stands in for the others, and what that means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from core.composition.deconvolve import ADVISE_MISSING
from core.model_header import ModelHeader
from core.specs import Role
from core.tasks.model_files import Fit
from pages.ui import show
from pages.ui.models.listed import feature_word
from pages.ui.prepare.several import UNITS

FEW = 0.5
"""Share of a model's genes below which its labels are doubtful."""
NAMED = 200
TABLE_HEIGHT = 180
THINGS: Mapping[Role, str] = {"query": "cells", "bulk": "samples"}
COLUMNS = {
    "file": show.Column("Cohort", strong=True),
    "samples": show.Column("Samples", "number", ",.0f"),
    "unit": "Unit",
    "shared": show.Column("Genes shared", "number", ",.0f"),
    "missing": show.Column("Missing", "number", ",.0f"),
    "share": show.Column("Share missing", "number", ".0f%"),
}


def fits(
    header: ModelHeader, role: Role, names: Sequence[str], about: Sequence[Mapping[str, Any]], found: Sequence[Fit]
) -> None:
    """Numbers and remarks on the files ``names``, whose summaries are ``about``."""
    if len(found) == 1:
        _numbers(header, role, about[0], found[0])
    else:
        _table(names, about, found)
    without = [name for name, each in zip(names, found, strict=True) if not each.shared]
    if without:
        _nothing_shared(header, role, without if len(found) > 1 else [])
    elif any(each.missing for each in found):
        _doubt(header, role, names, found)
        _missing(header, role, names, found)
    else:
        they = f"The {THINGS[role]} have" if len(found) == 1 else "All files have"
        show.text(f"{they} every one of the model's {feature_word(header)}.", muted=True)


def _numbers(header: ModelHeader, role: Role, about: Mapping[str, Any], found: Fit) -> None:
    word = feature_word(header)
    show.facts(
        [
            show.Number(THINGS[role], f"{about['n_cells']:,}"),
            show.Number(f"of the model's {found.genes:,} {word} are shared", f"{found.shared:,}"),
            show.Number(f"{word} are missing", f"{len(found.missing):,}"),
        ]
    )


def _table(names: Sequence[str], about: Sequence[Mapping[str, Any]], found: Sequence[Fit]) -> None:
    rows = [
        {
            "file": name,
            "samples": each["n_cells"],
            "unit": UNITS[each["unit"]],
            "shared": how.shared,
            "missing": len(how.missing),
            "share": how.missing_share,
        }
        for name, each, how in zip(names, about, found, strict=True)
    ]
    show.table(rows, COLUMNS, key="models-fits", height=TABLE_HEIGHT)


def _nothing_shared(header: ModelHeader, role: Role, files: Sequence[str]) -> None:
    of = f" with {', '.join(files)}" if files else ""
    examples = ", ".join(header.genes[:3])
    show.note(
        f"**Nothing is shared{of}.** The model knows {feature_word(header)} such as {examples}: bring "
        f"{THINGS[role]} of the same species with the same kind of name.",
        "failed",
    )


def _doubt(header: ModelHeader, role: Role, names: Sequence[str], found: Sequence[Fit]) -> None:
    """A warning where so much is missing that the model means less, or another should be trained."""
    word = feature_word(header)
    if role == "query":
        share = found[0].shared / found[0].genes
        if share < FEW:
            show.note(
                f"The cells have {100 * share:.0f} % of the model's {word}. What was measured of the model does not "
                "hold for so few: believe its labels only where other signs agree.",
                "attention",
            )
        return
    poor = [name for name, each in zip(names, found, strict=True) if each.missing_share > ADVISE_MISSING]
    if poor:
        show.note(
            f"**{', '.join(poor)}** {'lacks' if len(poor) == 1 else 'lack'} more than {100 * ADVISE_MISSING:.0f} % of "
            "the model's genes. Train again with this bulk, so that genes are chosen among those it has.",
            "attention",
        )


def _missing(header: ModelHeader, role: Role, names: Sequence[str], found: Sequence[Fit]) -> None:
    """What stands in for what is missing, and a list of it."""
    learned = "mixtures" if role == "bulk" else "cells"
    peaks = feature_word(header) == "peaks"
    stand_in = "zeros stand in" if peaks else f"the mean of the training {learned} stands in"
    with st.container(horizontal=True, vertical_alignment="center", gap=8):
        show.text(f"For what is missing {stand_in}.", muted=True)
        with st.popover("Which are missing", key="models-missing"):
            for name, each in zip(names, found, strict=True):
                more = f" and {len(each.missing) - NAMED:,} more" if len(each.missing) > NAMED else ""
                before = f"**{name}**: " if len(found) > 1 else ""
                show.text(before + (", ".join(each.missing[:NAMED]) or "none") + more)
