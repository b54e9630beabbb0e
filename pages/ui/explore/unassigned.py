"""The cells without a label, why they have none, and which types the reference could not miss."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from core.annotation.refusal import FAR_FROM_ALL, refused_groups
from core.tasks.colours import run_colours
from pages.ui import session, show, theme
from pages.ui.explore.evidence import CELLS, VIEW
from pages.ui.explore.labels import Choice

HEIGHT = 232
LABEL_SETS = (
    "A cell between two types holds both in its label set. Label sets at 90 % hold the true type of nine in ten cells "
    "like the held-out ones; this does not carry over to other studies."
)
BROWSE = "Where they lie, what they express, and why each is called what it is"
SHOWN = 200
GROUPS = "refused-groups"


def lit(choice: Choice) -> np.ndarray | None:
    """(n_cells,), bool: the cells of the group chosen in the table; ``None`` where none is."""
    chosen = (st.session_state.get(_key(choice)) or {}).get("selected") or []
    groups = refused_groups(choice.refused)
    if not chosen or st.session_state.get("refused-shown", "Groups") != "Groups" or chosen[0] >= len(groups):
        return None
    group = groups.iloc[int(chosen[0])]
    cells = choice.refused
    names = cells.index[(cells["nearest"] == group["nearest"]) & (cells["reason"] == group["reason"])]
    return choice.annotation.index.isin(names)


def unassigned(choice: Choice) -> None:
    """The card with groups, single cells, and the audit of the reference."""
    n = len(choice.refused)
    with show.card("Not assigned", help=LABEL_SETS, subtitle=f"{n:,} {'cell' if n == 1 else 'cells'}") as card:
        if card.actions.button("Browse", type="tertiary", key="browse-refused", help=BROWSE):
            session.keep(VIEW, CELLS)
            session.go("evidence")
        way = card.actions.segmented_control(
            "Show",
            ["Groups", "Cells", "If a type were missing"],
            default="Groups",
            required=True,
            label_visibility="collapsed",
            key="refused-shown",
        )
        {"Groups": _groups, "Cells": _cells, "If a type were missing": _audit}[str(way)](choice)


def _groups(choice: Choice) -> None:
    groups = refused_groups(choice.refused)
    table = groups.assign(nearest=_with_probability)
    columns = {
        "group": "Group",
        "cells": show.Column("Cells", "number"),
        "nearest": show.Column("Nearest type", help="The most probable type and its mean probability."),
        "reason": "Why",
    }
    show.table(table, columns, key=_key(choice), select="row", height=HEIGHT - 60, empty="Every cell got a label.")
    far = int((choice.refused["reason"] == FAR_FROM_ALL).sum())
    if far:
        show.note(
            f"{far:,} {'cell lies' if far == 1 else 'cells lie'} further from every type than 99 % of the reference "
            "cells: they may be of a type that the reference lacks, or the two studies differ.",
            "attention",
        )
    audit = choice.results.table("audit") if choice.results.has("audit") else pd.DataFrame()
    if len(audit):
        worst = audit.sort_values("swallowed", ascending=False).iloc[0]
        missing, share = worst["cell_type"], f"{100 * worst['swallowed']:.0f} %"
        show.key_values({f"If {missing} were missing": f"**{share} would be called {worst['swallowed_by']}**"})


def _cells(choice: Choice) -> None:
    cells = choice.refused.rename_axis("cell").reset_index()
    shown = cells.head(SHOWN).assign(nearest=_with_probability)
    columns = {
        "cell": show.Column("Cell", "code"),
        "nearest": show.Column("Nearest type", help="The most probable type and its probability."),
        "open_set_score": show.Column(
            "Score", "number", ".3f", help="Open-set score, 0 to 1: the share of held-out cells that are less strange."
        ),
        "counts": show.Column("Counts", "number", ",.0f"),
        "reason": "Why",
    }
    if choice.results.counts is None:
        del columns["counts"]
    show.table(shown, columns, key="refused-cells", height=HEIGHT, empty="Every cell got a label.")
    with st.container(horizontal=True, vertical_alignment="center", gap=12):
        if len(cells) > SHOWN:
            show.text(f"The {SHOWN} strangest of {len(cells):,}", muted=True)
        st.download_button(
            "Save all as CSV",
            lambda: cells.to_csv(index=False),
            "not_assigned.csv",
            "text/csv",
            type="tertiary",
            on_click="ignore",
        )


def _with_probability(rows: pd.DataFrame) -> list[str]:
    return [f"{name}, {p:.2f}" for name, p in zip(rows["nearest"], rows["probability"], strict=True)]


def _audit(choice: Choice) -> None:
    table = choice.results.table("audit").sort_values("swallowed", ascending=False)
    colours = run_colours(choice.results, theme.current())
    columns = {
        "cell_type": show.Column("Missing type", "swatch", colours=colours),
        "refused": show.Column("Refused", "number", ".0f%", help="Of its cells, once the type was left out."),
        "swallowed": show.Column("Mislabelled", "number", ".0f%", help="Of its cells, given the name below."),
        "swallowed_by": "As",
    }
    show.table(table, columns, key=f"audit-{choice.results.run.directory.name}", height=HEIGHT - 16)
    show.text(
        "Each type was left out of the reference in turn. Where most of its cells would be mislabelled, a query with a "
        "type like it needs a reference that holds it.",
        muted=True,
    )


def _key(choice: Choice) -> str:
    return f"{GROUPS}-{choice.results.run.directory.name}-{choice.cut.rate}"
