"""Calls: where every query cell goes, from its group and from its own label, and how sure each call is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from core.annotation.agreement import agreement
from core.annotation.identity import flow, identity_table, ordered_cells, purity
from core.errors import DataError
from core.figures.annotation import confusion_heatmap, probability_heatmap
from core.figures.evidence import identity_heatmap
from core.figures.palette import NOT_ASSIGNED
from core.figures.sankey import flow_sankey
from core.tasks import evidence_words as words
from core.tasks.evidence_names import CLUSTERS, MOST_GROUPS
from pages.ui import show, theme
from pages.ui.explore import colouring, evidence
from pages.ui.explore.evidence import Desk

FLOW_HEIGHT, IDENTITY_HEIGHT, MAP_HEIGHT = 692, 308, 272
MOST_CELLS = 600
"""Cells of the probability map: more than its pixels would hide each other."""
FLOW_HELP = (
    "Each band is as wide as it has cells. Clusters are made from the genes alone: no label and no network has a say. "
    "A cluster that falls apart into several labels is worth a look; so is one that goes to “not assigned” as a whole."
)
IDENTITY_HELP = (
    "Every query cell that names its own type, also those without a label: nothing is left out of a row. The number "
    "beside a row is the share that keeps a label."
)
PROBABILITY_HELP = "Every column is a cell, by the label given, the surest first; calibrated probabilities."


def view(desk: Desk) -> None:
    """The flow of cells at the left; own labels and probabilities at the right."""
    left, right = st.columns([560, 612], gap=12)
    with left:
        _flow(desk)
    with right:
        _identity(desk)
        _probabilities(desk)


def _given(desk: Desk) -> np.ndarray:
    return desk.choice.labels.astype(str).to_numpy()


def _flow(desk: Desk) -> None:
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
        table = flow(groups[name], _given(desk))
        show.figure(
            flow_sankey(table, theme.current()),
            "flow",
            table=table,
            height=FLOW_HEIGHT,
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


def _identity(desk: Desk) -> None:
    run = desk.results.run
    column = run.summary.get("agreement_with_own_labels", {}).get("column")
    if column is None or column not in desk.results.obs:
        _held_out(desk)
        return
    own, given = desk.results.column(column).astype(str).to_numpy(), _given(desk)
    counts = identity_table(own, given, run.summary["classes"], NOT_ASSIGNED)
    whole = counts.sum(axis=1)
    labelled = 1 - counts[NOT_ASSIGNED] / whole
    with show.card("Own labels against given ones", help=IDENTITY_HELP, subtitle=f"Query, all {len(own):,} cells"):
        figure = identity_heatmap(counts, list(labelled), theme.current())
        table = flow(own, given).rename(columns={"group": "own_label", "label": "given_label"})
        height = evidence.fitted(figure, IDENTITY_HEIGHT, len(counts))
        show.figure(figure, "own_labels", table=table, height=height, alt="Own labels against given labels")
        try:
            annotation = desk.choice.annotation
            kept = annotation["assigned"].to_numpy(bool)
            scores = agreement(own, annotation["cell_type"].to_numpy(), run.summary["classes"], kept)
        except DataError:
            evidence.reading("Reference and query have no name of a type in common.")
        else:
            evidence.reading(words.identity_words({str(k): float(v) for k, v in scores.iloc[0].items()}, column))


def _held_out(desk: Desk) -> None:
    table = desk.results.table("confusion")
    counts = table.pivot(index="known", columns="called", values="cells").fillna(0)
    names = sorted({*counts.index, *counts.columns})
    counts = counts.reindex(index=names, columns=names, fill_value=0)
    with show.card("Called against known types", subtitle="Reference cells held out, all of them labelled"):
        figure = confusion_heatmap(counts, theme.current())
        height = evidence.fitted(figure, IDENTITY_HEIGHT, len(names))
        show.figure(figure, "confusion", table=table, height=height, alt="Called against known types")
        right = float(np.trace(counts.to_numpy()) / counts.to_numpy().sum())
        evidence.reading(
            f"{100 * right:.1f} % of held-out reference cells are called right. Where the query "
            "names its own types, in a label column chosen on the Data page, these stand here."
        )


def _probabilities(desk: Desk) -> None:
    table, given = desk.results.table("probabilities"), _given(desk)
    rows = ordered_cells(table.to_numpy(), given, MOST_CELLS)
    shown = (
        f"{len(rows):,} of {len(given):,} cells, every label by its share" if len(rows) < len(given) else "All cells"
    )
    with show.card("Probability of every type", help=PROBABILITY_HELP, subtitle=shown, key="probability-map"):
        figure = probability_heatmap(table.iloc[rows], theme.current(), groups=given[rows].tolist(), in_order=True)
        behind = table.assign(label=given).reset_index()
        height = evidence.fitted(figure, MAP_HEIGHT, table.shape[1])
        show.figure(figure, "probabilities", table=behind, height=height, alt="Probability of every type in each cell")
        best = table.max(axis=1).to_numpy()
        evidence.reading(
            f"{100 * (best >= 0.9).mean():.0f} % of all cells have a type of probability 0.9 or more; in "
            f"{100 * (best < 0.5).mean():.0f} % none reaches 0.5."
        )
