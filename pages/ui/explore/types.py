"""What is known about each cell type: scores on held-out cells, confusion, reliability."""

from __future__ import annotations

import streamlit as st

from core.annotation.refusal import type_table
from core.figures.annotation import confusion_heatmap, reliability
from core.figures.palette import label_colours
from pages.ui import show, theme
from pages.ui.explore.labels import Choice

HEIGHT = 276


def types(choice: Choice) -> None:
    """The card with a table, the confusion and the reliability of the held-out cells."""
    with show.card(
        "Per type",
        help="Precision: share of the cells called so that are. Recall: share of the cells that are so and were called "
        "so. Both were measured on reference cells kept apart from training, all of them labelled.",
        subtitle="Checked on held-out reference cells",
    ) as card:
        way = card.actions.segmented_control(
            "Show",
            ["Table", "Confusion", "Reliability"],
            default="Table",
            required=True,
            label_visibility="collapsed",
            key="types-shown",
        )
        {"Table": _table, "Confusion": _confusion, "Reliability": _reliability}[str(way)](choice)


def _table(choice: Choice) -> None:
    results = choice.results
    table = type_table(choice.annotation, results.table("per_type"), results.table("confusion"))
    columns = {
        "cell_type": show.Column(
            "Cell type", "swatch", colours=label_colours(table["cell_type"], None, theme.current())
        ),
        "cells": show.Column("Cells", "number", help="Query cells that got this label."),
        "probability": show.Column("Mean probability", "meter"),
        "precision": show.Column("Precision", "number", ".2f"),
        "recall": show.Column("Recall", "number", ".2f"),
        "f1": show.Column("F1", "number", ".2f", help="Harmonic mean of precision and recall."),
        "mixed_up_with": "Mixed up with",
    }
    show.table(table, columns, key=f"types-{results.run.directory.name}", height=HEIGHT)


def _confusion(choice: Choice) -> None:
    table = choice.results.table("confusion")
    counts = table.pivot(index="known", columns="called", values="cells").fillna(0)
    names = sorted({*counts.index, *counts.columns})
    counts = counts.reindex(index=names, columns=names, fill_value=0)
    fig = confusion_heatmap(counts, theme.current(), bar=False)
    show.figure(fig, "confusion", table=table, alt="Label given by true type")


def _reliability(choice: Choice) -> None:
    table = choice.results.table("reliability").dropna()
    fig = reliability(table, theme.current())
    show.figure(fig, "reliability", table=table, height=HEIGHT - 44, alt="Share of right labels by probability given")
    st.html(
        '<p class="cd-text cd-muted">On the dashed line a probability means what it says. '
        "Larger dots stand for more cells.</p>"
    )
