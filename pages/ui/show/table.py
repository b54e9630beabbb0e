"""Tables in the app's look: chips, links, bars and ranges in cells, rows to choose, columns to sort by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import streamlit as st

from pages.ui.component import component, heard
from pages.ui.show.columns import Column, Kind, cell, head, sortable

if TYPE_CHECKING:
    import pandas as pd

HEAD, ROW, BORDER = 28, 28, 2
"""Pixels of a table's head, of a row of one line, and of its border."""


@dataclass(frozen=True)
class Click:
    """A link that was clicked: row number, field and the link's label."""

    row: int
    column: str
    label: str


@dataclass(frozen=True)
class TableEvent:
    """What the user did.

    Attributes
    ----------
    selected
        Row numbers that are chosen, in the order of the rows given.
    clicked
        The link clicked since the last run of the page.
    """

    selected: tuple[int, ...] = ()
    clicked: Click | None = None


def table(
    rows: pd.DataFrame | Sequence[Mapping[str, Any]],
    columns: Mapping[str, Column | str] | None = None,
    *,
    key: str,
    select: Literal["none", "row", "rows"] = "none",
    selected: Sequence[int] = (),
    height: int | None = None,
    empty: str = "Nothing here yet.",
    best: Mapping[str, int] | None = None,
) -> TableEvent:
    """Show ``rows``.

    Parameters
    ----------
    rows
        A DataFrame, or one mapping for each row.
    columns
        Field -> how it is shown, in order; a plain string is the column's title. All fields where nothing is given.
    key
        Key of the widget; name what the rows are of (``f"runs-{project}"``), so that a choice never outlives them.
    select
        ``row``: a click chooses one row; ``rows``: tick boxes.
    selected
        Rows chosen before the user has chosen.
    height
        Largest height in pixels; longer tables scroll under their head.
    empty
        What stands in a table without rows.
    best
        Field -> row whose value is the best of its column, and shown so.
    """
    records = rows.to_dict("records") if hasattr(rows, "to_dict") else list(rows)  # type: ignore[union-attr]  DataFrame or sequence
    fields = _columns(records, rows, columns)
    kept = st.session_state.get(key, {}).get("selected")
    chosen = [row for row in (selected if kept is None else kept) if row < len(records)]
    data = {
        "columns": [{**head(name, column), "best": (best or {}).get(name)} for name, column in fields.items()],
        "rows": [
            {
                "cells": [cell(column, record.get(name), record) for name, column in fields.items()],
                "sort": [sortable(record.get(name)) for name in fields],
            }
            for record in records
        ],
        "select": select,
        "selected": chosen,
        "height": height,
        "empty": empty,
    }
    result = component("table", "table.js")(key=key, data=data, on_selected_change=heard, on_clicked_change=heard)
    answered = result.get("selected")
    final = chosen if answered is None else [int(row) for row in answered if row < len(records)]
    click = result.get("clicked")
    return TableEvent(tuple(final), Click(int(click["row"]), click["column"], click["label"]) if click else None)


def table_height(rows: int) -> int:
    """Pixels of a table that shows ``rows`` rows of one line whole."""
    return HEAD + ROW * rows + BORDER


def _columns(
    records: Sequence[Mapping[str, Any]], rows: object, columns: Mapping[str, Column | str] | None
) -> dict[str, Column]:
    names = columns or dict.fromkeys(getattr(rows, "columns", records[0] if records else ()), "")
    return {
        str(name): given if isinstance(given, Column) else Column(given, _kind(name, records))
        for name, given in names.items()
    }


def _kind(name: str, records: Sequence[Mapping[str, Any]]) -> Kind:
    values = [record.get(name) for record in records]
    numbers = all(
        isinstance(value, int | float) and not isinstance(value, bool) for value in values if value is not None
    )
    return "number" if numbers and any(value is not None for value in values) else "text"
