"""The network as a drawing and as numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.networks.shape import layer_table, memory_bytes
from core.project import Project
from core.specs import DeconvolveSpec, RunSpec, content_key
from core.specs.layers import duplicated, layer_path
from core.tasks.readiness import Obstacle, Sizes
from pages.ui import session, show
from pages.ui.diagram import diagram
from pages.ui.layer_table import ROW_HEIGHT
from pages.ui.network import write

SENTENCES = {
    "reconstruction": ("decoder", "rebuild the genes"),
    "classes": ("class", "tell cell types apart"),
    "proportions": ("proportion", "predict proportions"),
    "kl": ("code", "code close to normal"),
    "orthogonality": ("code", "keep code units apart"),
    "decorrelation": ("code", "decorrelate the code"),
    "l1": ("encoder", "few large weights (L1)"),
    "l2": ("encoder", "small weights (L2)"),
}
NORMALISED = {"none": "raw values", "log1p_cp10k": "log1p", "log2_cpm": "log2 CPM", "log2": "log2", "tfidf": "TF-IDF"}
SCALED = {"none": "", "centre": "centred", "zscore": "z-score", "minmax": "0 to 1", "sample_minmax": "own range"}
CHOSEN = "network.chosen"
SPARE = 486
"""Pixels that a window of 900 leaves for the drawing and the rows of the layer table."""


def rows_of(draft: RunSpec, known: Sizes) -> list[dict[str, Any]]:
    """The layer table of the draft."""
    return layer_table(known.network(draft), draft.objective, known.inputs, known.classes, known.joined)


def chosen_row(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The layer that was clicked last; the code at first, and where the clicked one is gone."""
    name = session.kept(CHOSEN, "code")
    return next((row for row in rows if row["layer"] == name), next(row for row in rows if row["kind"] == "code"))


def diagram_card(project: Project, draft: RunSpec, rows: Sequence[dict[str, Any]]) -> None:
    """The drawing; a click on a bar chooses its layer for the inspector."""
    now = rows.index(chosen_row(rows))
    with show.card("Diagram", subtitle="Click a bar to edit it.", height="content") as panel:
        if panel.actions.button("Add layer", icon=":material/add:", key="network-add", help="Behind the chosen layer."):
            path = layer_path(draft, rows[now]["layer"]) or layer_path(draft, "code")
            assert path is not None
            write.change(project, lambda before: duplicated(before, path))
        # the key carries what is drawn, so that a layer's number never outlives its drawing
        clicked = diagram(
            rows,
            key=f"network.diagram.{content_key([row['layer'] for row in rows])}",
            chosen=now,
            inputs="components" if draft.data.transform.components else "genes",
            input_words=_input_words(draft),
            minimised=_minimised(draft),
            height=_height(draft),
        )
    if clicked is not None and rows[clicked]["layer"] != rows[now]["layer"]:
        session.keep(CHOSEN, rows[clicked]["layer"])
        st.rerun()


def number_cards(draft: RunSpec, known: Sizes, against: Sequence[Obstacle]) -> None:
    """What the network costs, and how many warnings there are."""
    network, objective = known.network(draft), draft.objective
    weights = known.weights(draft)
    memory = memory_bytes(
        network,
        objective,
        known.inputs,
        known.classes,
        batch_size=draft.training.batch_size,
        optimiser=draft.training.optimiser,
    )
    mixtures = isinstance(draft.analysis, DeconvolveSpec)
    ratio = f"{known.examples / weights:.2g}" if known.examples else "unknown"
    show.number_cards(
        [
            show.Number(
                "Inputs",
                f"{known.inputs:,}",
                f"{'components' if draft.data.transform.components else 'genes'}{', assumed' if known.assumed else ''}",
                help=f"The numbers assume {' and '.join(known.assumed)}." if known.assumed else None,
            ),
            show.Number("Weights", _short(weights), help="Numbers that training adjusts."),
            show.Number("Memory while training", f"{memory / 1e6:,.1f}", "MB", help="Beside the data; an estimate."),
            show.Number(
                "Mixtures per weight" if mixtures else "Cells per weight",
                ratio,
                help="Training examples for each number that is adjusted. Few are common; validation cells tell "
                "whether the network learns its cells by heart.",
            ),
            show.Number("Warnings", str(len(against)), "see below" if against else "all settings fit"),
        ]
    )


def warnings(against: Sequence[Obstacle]) -> None:
    """Each warning with its remedy."""
    for one in against:
        show.note(one.text, "failed" if one.refuses else "attention", page=one.page)


def _height(draft: RunSpec) -> int:
    """Height of the drawing: what the window leaves above the layer table."""
    return SPARE - ROW_HEIGHT * len(draft.network.hidden)


def _minimised(draft: RunSpec) -> list[tuple[str, float, str]]:
    """Kind of layer, weight and sentence of each term of the loss."""
    return [(SENTENCES[name][0], weight, SENTENCES[name][1]) for name, weight in draft.objective.terms.items()]


def _input_words(draft: RunSpec) -> str:
    transform = draft.data.transform
    words = [NORMALISED[transform.normalise], SCALED[transform.scale]]
    return ", ".join(word for word in words if word)


def _short(count: int) -> str:
    return f"{count / 1e6:,.2f} M" if count >= 1e6 else f"{count / 1e3:,.0f} k" if count >= 1e4 else f"{count:,}"
