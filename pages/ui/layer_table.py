"""The layers of a network as a table: every cell can be edited, rows can be added, moved and removed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from core.errors import AppError
from core.specs import LayerSpec, content_key, parse
from pages.ui.fields import settings, worded
from pages.ui.show import notes

PLACE, NAME, WEIGHTS = "place", "layer", "weights"
SHOWN = ("units", "activation", "dropout", "norm", "init")
INIT_WORDS = {"xavier": "Xavier", "he": "He", "identity": "identity", "pca": "PCA"}
ROW_HEIGHT = 30
WIDTHS = {PLACE: 64, NAME: 104, "units": 86, "dropout": 100, "norm": 84, WEIGHTS: 84}
"""Pixels of the columns that need no more."""


def layer_table(
    layers: Sequence[LayerSpec], key: str, names: Sequence[str], weights: Sequence[int]
) -> tuple[LayerSpec, ...]:
    """Edit ``layers`` and return them as the table says.

    Parameters
    ----------
    layers
        The layers as they are, in the order of the data.
    key
        Path of the layers and the recipe's content key.
    names
        What each layer is called.
    weights
        Learned numbers of each layer.

    Returns
    -------
    The changed layers; ``layers`` themselves where a value does not fit, which is said below the table.
    """
    # the key carries the content: Streamlit would apply an added row again to a table that already holds it
    edited = st.data_editor(
        frame(layers, names, weights),
        key=f"{key}.{content_key(*layers)}",
        num_rows="dynamic",
        hide_index=True,
        column_config=_columns(),
        width="stretch",
        row_height=ROW_HEIGHT,
    )
    try:
        return read(edited, layers)
    except AppError as problem:
        notes.error(problem)
        return tuple(layers)


def frame(layers: Sequence[LayerSpec], names: Sequence[str], weights: Sequence[int]) -> pd.DataFrame:
    """One row for each layer: its place, counted from one, its name, its settings and its learned numbers."""
    rows = [
        {PLACE: place, NAME: name, **{field: getattr(layer, field) for field in SHOWN}, WEIGHTS: f"{count:,}"}
        for place, (layer, name, count) in enumerate(zip(layers, names, weights, strict=True), 1)
    ]
    return pd.DataFrame(rows, columns=pd.Index([PLACE, NAME, *SHOWN, WEIGHTS]))


def read(table: pd.DataFrame, layers: Sequence[LayerSpec]) -> tuple[LayerSpec, ...]:
    """The layers of an edited table: sorted by place, new rows last; cells left empty keep the layer's default.

    Raises
    ------
    SpecError
        If a value does not fit; the message names the layer.
    """
    origin = {number: layer for number, layer in enumerate(layers, 1)}
    rows = table.to_dict("records")
    made = []
    for index, row in enumerate(rows):
        known = index < len(layers) and table.index[index] == index
        base = origin[index + 1] if known else LayerSpec()
        values = {name: row[name] for name in SHOWN if not _empty(row[name])}
        layer = parse(LayerSpec, {**base.model_dump(), **_whole(values)}, where=f"layer {index + 1}")
        made.append((_place(row.get(PLACE), index, known), index, layer))
    return tuple(layer for _, _, layer in sorted(made, key=lambda entry: entry[:2]))


def _place(value: Any, index: int, known: bool) -> float:
    """Where a row goes: before the row of that place when it moves up, behind it when it moves down."""
    if _empty(value):
        return float("inf")
    place = float(value)
    moved = known and place != index + 1
    return place + (0.5 if place > index + 1 else -0.5) if moved else place


def _empty(value: Any) -> bool:
    return value is None or (isinstance(value, float) and value != value)


def _whole(values: dict[str, Any]) -> dict[str, Any]:
    return {name: int(value) if name == "units" else value for name, value in values.items()}


def _columns() -> dict[str, Any]:
    known = settings(LayerSpec)
    made: dict[str, Any] = {
        PLACE: st.column_config.NumberColumn(
            "Place", help="Change it to move the layer.", width=WIDTHS[PLACE], step=1, min_value=1
        ),
        NAME: st.column_config.TextColumn("Layer", width=WIDTHS[NAME], disabled=True),
    }
    for name in SHOWN:
        setting = known[name]
        default, width = LayerSpec.model_fields[name].default, WIDTHS.get(name)
        if setting.kind == "choice":
            made[name] = st.column_config.SelectboxColumn(
                setting.title,
                help=setting.help,
                width=width,
                options=list(setting.options),
                default=default,
                required=True,
                format_func=_worded,
            )
        else:
            whole = setting.kind == "integer"
            made[name] = st.column_config.NumberColumn(
                setting.title,
                help=setting.help,
                width=width,
                min_value=setting.low,
                max_value=setting.high,
                step=1 if whole else 0.01,
                format="%d" if whole else "%.2f",
                default=default,
                required=True,
            )
    made[WEIGHTS] = st.column_config.TextColumn(
        "Weights", help="Numbers that training adjusts.", width=WIDTHS[WEIGHTS], disabled=True, alignment="right"
    )
    return made


def _worded(option: Any) -> str:
    return INIT_WORDS.get(option, worded(option))
