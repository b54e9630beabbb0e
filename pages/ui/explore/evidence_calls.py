"""Calls: where every query cell goes, from its group and from its own label, and how sure each call is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import streamlit as st

from core.annotation.identity import flow, ordered_cells, purity
from core.figures.annotation import probability_heatmap
from core.figures.palette import NOT_ASSIGNED
from core.figures.sankey import flow_sankey
from core.tasks import evidence_words as words
from core.tasks.colours import run_colours
from core.tasks.evidence_names import CLUSTERS, MOST_GROUPS
from pages.ui import show, theme
from pages.ui.explore import colouring, evidence, evidence_known, levels
from pages.ui.explore.evidence import Desk
from pages.ui.explore.labels import Choice

FLOW_HEIGHT, MAP_HEIGHT = 692, 272
MOST_CELLS = 600
"""Cells of the probability map: more than its pixels would hide each other."""
FLOW_HELP = (
    "Each band is as wide as it has cells. Clusters are made from the genes alone: no label and no network has a say. "
    "A cluster that falls apart into several labels is worth a look; so is one that goes to “not assigned” as a whole."
)
PROBABILITY_HELP = "Every column is a cell, by the label given, the surest first; calibrated probabilities."


def view(desk: Desk) -> None:
    """The level, where labels have several; the flow at the left, known labels and probabilities at the right."""
    choice = replace(desk.choice, level=levels.choose(desk.results))
    left, right = st.columns([560, 612], gap=12)
    with left:
        _flow(desk, choice)
    with right:
        less = levels.HEIGHT if choice.level else 0
        evidence_known.view(choice, less // 2)
        _probabilities(choice, less // 2)


def _given(choice: Choice) -> np.ndarray:
    return choice.labels.astype(str).to_numpy()


def _flow(desk: Desk, choice: Choice) -> None:
    with show.card("From groups to labels", help=FLOW_HELP, key="flow") as card:
        groups = _groups(desk)
        if not groups:
            show.text("The query has no column that puts its cells into groups. **Find clusters** makes some.")
            return
        name = str(
            card.actions.selectbox(
                "Groups", list(groups), label_visibility="collapsed", width=160, key=f"flow-groups-{desk.name}"
            )
        )
        table = flow(groups[name], _given(choice))
        show.figure(
            flow_sankey(table, theme.current(), colours=run_colours(desk.results, theme.current())),
            "flow",
            table=table,
            height=FLOW_HEIGHT - (levels.HEIGHT if choice.level else 0),
            alt="Cells from groups to labels",
        )
        refused = int(table.loc[table["label"] == NOT_ASSIGNED, "cells"].sum())
        n = len(set(table["group"]))
        evidence.reading(words.flow_words(int(table["cells"].sum()), n, purity(table), refused))


def _groups(desk: Desk) -> dict[str, np.ndarray]:
    """Clusters, where they were made, and the query's own columns of few categories."""
    found: dict[str, np.ndarray] = {}
    markers = desk.part("markers")
    if markers is not None:
        clusters = markers.tables["clusters"].set_index("cell")["cluster"]
        found[CLUSTERS] = ("Cluster " + clusters.loc[desk.results.obs.index]).to_numpy()
    for name in map(str, desk.results.obs):
        values = desk.results.column(name)
        if name in colouring.WORDS or name.startswith("celldesk_") or not 2 <= values.nunique() <= MOST_GROUPS:
            continue
        if not pd.api.types.is_float_dtype(values):
            found[name] = values.astype(object).where(values.notna(), "no value").astype(str).to_numpy()
    return found


def _probabilities(choice: Choice, less: int) -> None:
    table, given = _of_level(choice), _given(choice)
    rows = ordered_cells(table.to_numpy(), given, MOST_CELLS)
    shown = (
        f"{len(rows):,} of {len(given):,} cells, every label by its share" if len(rows) < len(given) else "All cells"
    )
    kind = "label" if choice.level else "type"
    with show.card(f"Probability of every {kind}", help=PROBABILITY_HELP, subtitle=shown, key="probability-map"):
        figure = probability_heatmap(table.iloc[rows], theme.current(), groups=given[rows].tolist(), in_order=True)
        behind = table.assign(label=given).reset_index()
        height = evidence.fitted(figure, MAP_HEIGHT - less, table.shape[1])
        show.figure(
            figure, "probabilities", table=behind, height=height, alt=f"Probability of every {kind} in each cell"
        )
        best = table.max(axis=1).to_numpy()
        evidence.reading(
            f"{100 * (best >= 0.9).mean():.0f} % of all cells have a {kind} of probability 0.9 or more; in "
            f"{100 * (best < 0.5).mean():.0f} % none reaches 0.5."
        )


def _of_level(choice: Choice) -> pd.DataFrame:
    """Probabilities of the labels of the level shown; as deep as is safe, of the types."""
    names = levels.names(choice.results)
    if choice.level in names[:-1]:
        return choice.results.table(f"level_{names.index(choice.level) + 1}_probabilities")
    return choice.results.table("probabilities")
