"""The settings of the chosen layer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from core.project import Project
from core.specs import LayerSpec, RunSpec, at
from core.specs.layers import duplicated, layer_path, removed, with_mirror
from core.tasks.readiness import Sizes
from pages.ui import forms, session, show
from pages.ui.layer_table import INIT_WORDS
from pages.ui.network import write
from pages.ui.network.drawing import CHOSEN
from pages.ui.network.fold import unfolded

HEADS = {
    "classes": "One unit for each cell type; softmax turns them into probabilities.",
    "proportions": "One unit for each cell type; softmax turns them into proportions that add up to one.",
}
DRAWN = ("units", "activation", "dropout", "norm")
FURTHER = ("init", "norm_after", "max_norm", "non_negative")
OUTPUT = ("output_activation", "library_size")


def inspector(project: Project, draft: RunSpec, known: Sizes, row: dict[str, Any]) -> None:
    """The chosen layer's settings; what it shares with the encoder or its head is said in place of widgets."""
    name = row["layer"]
    with show.card(_title(row), state="selected", key="inspector", height="content", gap=6) as panel:
        path = layer_path(draft, name)
        if path is None:
            _without_settings(project, draft, name)
            return
        layer: LayerSpec = at(draft, path)
        key = f"{path}.{draft.recipe}"
        first = path == layer_path(draft, "encoder.0" if draft.network.encoder else "code")
        of_sets = first and draft.network.gene_sets is not None
        if of_sets:
            show.text(_sets_words(draft, known), muted=True)
        made = forms.edit(layer, key, DRAWN[of_sets:])
        if unfolded(panel, "layer-more", help="How its weights start, and rarer settings."):
            made = forms.edit(made, key, FURTHER, words={"init": INIT_WORDS})
            if first:
                network = forms.edit(draft.network, f"network.first.{draft.recipe}", ["gene_sets"])
                write.settings(project, "network", draft.network, network)
        copy, remove = st.columns(2, gap=8)
        asked_copy = copy.button("Duplicate", icon=":material/content_copy:", width="stretch", key="layer-duplicate")
        asked_remove = remove.button("Remove", icon=":material/delete:", width="stretch", key="layer-remove")
        if asked_copy:
            write.change(project, lambda now: duplicated(now, path))
        elif asked_remove:
            session.keep(CHOSEN, "code")
            write.change(project, lambda now: removed(now, path))
        else:
            write.settings(project, path, layer, made)


def _without_settings(project: Project, draft: RunSpec, name: str) -> None:
    if name in HEADS:
        show.text(HEADS[name], muted=True)
    elif name == "output":
        show.text("One value back for each input. Its loss is set in the objective.", muted=True)
        made = forms.edit(draft.network, f"network.{draft.recipe}", OUTPUT)
        write.settings(project, "network", draft.network, made)
    else:
        show.text("This layer mirrors one of the encoder and changes with it.", muted=True)
        if st.button("Give the decoder its own layers", key="layer-own", width="stretch"):
            write.change(
                project, lambda now: now.model_copy(update={"network": with_mirror(now.network, mirror=False)})
            )


def _sets_words(draft: RunSpec, known: Sizes) -> str:
    """What decides the units of a first layer of gene sets, and what is still needed for it."""
    if not draft.data.gene_sets:
        return "A unit for each gene set; bring a gene-set file on the Data page."
    count = f"{known.sets:,} units, one" if known.sets else "One unit"
    return f"{count} for each gene set of {Path(draft.data.gene_sets).name}, joined to its own genes alone."


def _title(row: dict[str, Any]) -> str:
    group, _, number = row["layer"].partition(".")
    if number:
        words = {"encoder": "Hidden", "decoder": "Decoder", "classes": "Head"}
        return f"{words[group]} layer {int(number) + 1}"
    return {"code": "Code layer", "output": "Genes back", "classes": "Cell types"}.get(group, "Proportions")
