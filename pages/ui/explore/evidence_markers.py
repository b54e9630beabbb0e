"""Markers: do groups of query cells have the marker genes of the types that they are called?"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.annotation.match_score import best_overlap
from core.figures.evidence import match_heatmap, paired_dots
from core.tasks import evidence_words as words
from core.tasks.evidence import Evidence
from pages.ui import show, theme
from pages.ui.explore import evidence
from pages.ui.explore.evidence import Desk

MOST_SEGMENTS = 4
TABLE_HEIGHT, MATCH_HEIGHT, DOTS_HEIGHT, STAND_IN_HEIGHT = 286, 300, 316, 66
MATCH_HELP = (
    "Marker genes of every reference type (rows) against those of every group of query cells (columns). Jaccard "
    "index: genes in both sets over genes in either. A number is written where a random set of that size would hardly "
    "share so many genes (adjusted p up to 5 %); the best of each column is bold."
)
DOTS_HELP = (
    "The strongest markers of each reference type, looked up in the query cells that were called so. Size: share of "
    "cells with the gene. Colour: mean, as a share of the gene's highest mean in that file, since two protocols need "
    "not catch a gene alike."
)
COLUMNS = {
    "query": show.Column("Query group", strong=True),
    "cells": show.Column("Cells", "number"),
    "reference": "Best type",
    "jaccard": show.Column("Jaccard", "number", ".2f"),
    "chance": show.Column("By chance", "number", ".2f"),
}


def view(desk: Desk) -> None:
    """The map of marker sets with the best fit of each group, and the markers in both files."""
    found = desk.part("markers")
    if found is None:
        evidence.missing(evidence.MARKERS)
        return
    left, right = st.columns([700, 472], gap=12)
    with left:
        overlap, summary = _map(desk, found)
    with right:
        _best(found, overlap, summary)
    _dots(desk, found)


def _map(desk: Desk, found: Evidence) -> tuple[pd.DataFrame, pd.Series]:
    summaries = found.tables["match_summary"]
    n = f"{found.facts['markers']} genes of each type"
    with show.card("Marker sets", help=MATCH_HELP, subtitle=n, key="match") as card:
        grouping = _grouping(card.actions, list(summaries["grouping"].astype(str)), desk.name)
        summary = summaries.loc[summaries["grouping"] == grouping].iloc[0]
        overlap = found.tables["match_score"].loc[found.tables["match_score"]["grouping"] == grouping]
        if len(overlap):
            figure = match_heatmap(overlap, theme.current())
            height = evidence.fitted(figure, MATCH_HEIGHT, len(set(overlap["reference"])))
            show.figure(figure, "match_score", table=overlap, height=height, alt="Jaccard index of marker sets")
            evidence.reading(words.match_words(overlap, summary))
        else:
            evidence.reading("No group of the query has three cells or more.")
    return overlap, summary


def _grouping(slot, groupings: list[str], name: str) -> str:
    key = f"match-grouping-{name}"
    if len(groupings) <= MOST_SEGMENTS:
        chosen = slot.segmented_control(
            "Query groups", groupings, default=groupings[0], required=True, label_visibility="collapsed", key=key
        )
    else:
        chosen = slot.selectbox("Query groups", groupings, label_visibility="collapsed", width=160, key=key)
    return str(chosen)


def _best(found: Evidence, overlap: pd.DataFrame, summary: pd.Series) -> None:
    with show.card("Best fit of each group", key="best-fit"):
        best = best_overlap(overlap) if len(overlap) else overlap
        table = best.sort_values("cells", ascending=False, kind="stable")
        height = TABLE_HEIGHT - (STAND_IN_HEIGHT if words.reference_words(found.facts) else 0)
        show.table(table, COLUMNS, key=f"best-{summary['grouping']}", height=height)
        evidence.stand_in(found)
        left_out = words.left_out_words(summary)
        if left_out:
            show.text(left_out, muted=True)


def _dots(desk: Desk, found: Evidence) -> None:
    with show.card("Markers of the reference in both files", help=DOTS_HELP, key="paired-dots"):
        dots = found.tables["marker_dots"]
        figure = paired_dots(dots, theme.current())
        height = evidence.fitted(figure, DOTS_HEIGHT, len(set(dots["cell_type"])))
        show.figure(figure, "marker_dots", table=dots, height=height, alt="Markers in both files")
        evidence.reading(words.dots_words(found.facts))
