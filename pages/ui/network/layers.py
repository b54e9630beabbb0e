"""The same layers as a table whose cells can be edited."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.project import Project
from core.specs import NetworkSpec, RunSpec
from core.specs.layers import with_hidden, with_mirror
from core.tasks.readiness import Sizes
from pages.ui import layer_table as table
from pages.ui import show, widgets
from pages.ui.diagram.shapes import named
from pages.ui.network import write

PARTS = {"Encoder and code": ("encoder", "code"), "Decoder": ("decoder",), "Class head": ("class",)}
SUBTITLES = ("The same settings as a table. Edit any cell.", "Edit any cell.")
SHORTEN_FROM = 3
"""Parts beside which only the shorter subtitle has room."""


def layers_card(project: Project, draft: RunSpec, known: Sizes, rows: Sequence[dict[str, Any]]) -> None:
    """One part of the network at a time; ``rows`` are those of ``core.networks.shape.layer_table``."""
    objective = draft.objective
    there = (True, bool(objective.reconstruction), bool(objective.classes))
    parts = [part for part, has in zip(PARTS, there, strict=True) if has]
    with show.card("Layers", subtitle=SUBTITLES[len(parts) >= SHORTEN_FROM]) as panel:
        with panel.actions:
            if objective.reconstruction:
                _mirror(project, draft.network)
            part = parts[0]
            if len(parts) > 1:
                part = st.segmented_control(
                    "Part", parts, default=part, key="network.part", label_visibility="collapsed", required=True
                )
        shown = draft.model_copy(update={"network": known.network(draft)})
        _part(project, shown, part, _called(rows, PARTS[part]))


def _mirror(project: Project, network: NetworkSpec) -> None:
    mirror = network.decoder == "mirror"
    widgets.seed("network.mirror", mirror, mirror)
    if st.toggle("Decoder mirrors encoder", key="network.mirror") != mirror:
        write.change(project, lambda now: _with_network(now, with_mirror(now.network, not mirror)))


def _part(project: Project, draft: RunSpec, part: str, called: dict[str, int]) -> None:
    """The table of one part; ``called`` gives the name of each of its layers and its learned numbers.

    ``draft`` has the first layer as wide as its gene sets make it.
    """
    network, classes = draft.network, draft.objective.classes
    names, weights = list(called), list(called.values())
    if part == "Class head" and classes:
        made = table.layer_table(classes.hidden, "network.table.head", names, weights)
        write.settings(project, "objective.classes", classes, classes.model_copy(update={"hidden": made}))
    elif part == "Decoder" and network.decoder == "mirror":
        _mirrored(network, names, weights)
    elif part == "Decoder":
        made = table.layer_table(network.decoder_layers, "network.table.decoder", names, weights)
        if made != network.decoder_layers:
            write.change(project, lambda now: _with_network(now, now.network.model_copy(update={"decoder": made})))
    else:
        made = table.layer_table(network.hidden, "network.table.hidden", names, weights)
        if made != network.hidden:
            write.change(project, lambda now: _with_network(now, with_hidden(network, made)))


def _mirrored(network: NetworkSpec, names: Sequence[str], weights: Sequence[int]) -> None:
    frame = table.frame(network.decoder_layers, names, weights).replace({"init": table.INIT_WORDS})
    columns = {
        table.PLACE: show.Column("Place", "number"),
        table.NAME: "Layer",
        "units": show.Column("Units", "number"),
        "activation": "Activation",
        "dropout": show.Column("Dropout", "number", ".2f"),
        "norm": "Norm",
        "init": "Start weights",
        table.WEIGHTS: show.Column("Weights", "number"),
    }
    show.table(frame, columns, key="network.mirrored", empty="The code leads straight to the genes.")


def _called(rows: Sequence[dict[str, Any]], kinds: Sequence[str]) -> dict[str, int]:
    """Name of each layer of these kinds that has settings, as the diagram calls it, and its learned numbers."""
    before = sum(row["kind"] == "encoder" for row in rows) if "decoder" in kinds else 0
    part = [row for row in rows if row["kind"] in kinds and row["layer"] != "classes"]
    return {named(row, before + place).capitalize(): row["weights"] for place, row in enumerate(part, 1)}


def _with_network(draft: RunSpec, network: NetworkSpec) -> RunSpec:
    return draft.model_copy(update={"network": network})
