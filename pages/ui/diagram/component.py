"""The drawing as a widget: a click on a bar answers with its layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from pages.ui.component import component, heard
from pages.ui.diagram.drawing import USUAL_HEIGHT, diagram_svg
from pages.ui.diagram.thumbnail import diagram_thumbnail


def diagram(
    layers: Sequence[Mapping[str, Any]],
    *,
    key: str,
    chosen: int | None = None,
    inputs: str = "genes",
    input_words: str = "log1p",
    minimised: Sequence[tuple[str, float, str]] = (),
    height: float = USUAL_HEIGHT,
    file_name: str = "network",
) -> int | None:
    """Draw the network and return the layer clicked last.

    Parameters
    ----------
    layers
        Rows of ``core.networks.shape.layer_table``.
    key
        Key of the widget.
    chosen
        Row chosen before the user has clicked.
    inputs, input_words
        What goes in, and how it is scaled.
    minimised
        Kind of the layer (``decoder``, ``class``, ``proportion``, ``code``), weight and sentence of each loss.
    height
        Height to fill, where the drawing is 840 wide.
    file_name
        Name of the saved SVG, without ending.

    Returns
    -------
    Index into ``layers``, or ``None`` where nothing is chosen.
    """
    kept = st.session_state.get(key, {}).get("layer", chosen)
    now = kept if kept is not None and kept < len(layers) else chosen
    svg = diagram_svg(layers, chosen=now, inputs=inputs, input_words=input_words, minimised=minimised, height=height)
    data = {"svg": svg, "name": file_name}
    answer = component("diagram", "diagram.js")(key=key, data=data, on_layer_change=heard).get("layer")
    return now if answer is None else min(int(answer), len(layers) - 1)


def thumbnail(layers: Sequence[Mapping[str, Any]], *, key: str) -> None:
    """A small drawing of the network without words, as wide as its place."""
    component("diagram", "diagram.js")(key=key, data={"svg": diagram_thumbnail(layers), "name": ""})
