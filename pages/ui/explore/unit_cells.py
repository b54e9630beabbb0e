"""The cells that drive a unit: those with its highest or lowest values, and a way to keep them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from core.interpretation.unit import top_cells
from core.results import Results
from pages.ui import show
from pages.ui.explore import selection

NUMBERS = (20, 50, 200, 1000)
ENDS = ("Highest", "Lowest")
SHOWN = 50
HEIGHT = 304
COLUMNS = {
    "cell": show.Column("Cell", "code"),
    "value": show.Column("Value", "number", ".3g"),
    "type": show.Column("Type"),
    "batch": show.Column("Batch"),
}


def driving(results: Results, unit: int) -> None:
    """The button with the table behind it."""
    with st.popover("Cells", icon=":material/bubble_chart:", width="stretch", key="driving-cells"):
        end = st.segmented_control("Values", ENDS, default=ENDS[0], required=True, key="driving-end")
        most = [number for number in NUMBERS if number < len(results.obs)] or [len(results.obs)]
        number = int(st.selectbox("Cells", most, index=min(1, len(most) - 1), key="driving-number"))
        table = cells_of(results, unit, number, lowest=end == ENDS[1])
        columns = {name: column for name, column in COLUMNS.items() if name in table}
        name = f"unit_{unit + 1}_{str(end).lower()}_cells"
        show.table(table.head(SHOWN), columns, key=f"{name}-{results.run.directory.name}-{number}", height=HEIGHT)
        left, right = st.columns(2, gap=8)
        if left.button("Select them", icon=":material/lasso_select:", width="stretch", key="driving-select"):
            _select(results, table)
        right.download_button(
            "CSV",
            data=table.to_csv(index=False),
            file_name=f"{name}.csv",
            mime="text/csv",
            icon=":material/download:",
            width="stretch",
            key="cells-csv",
            on_click="ignore",
        )
        show.text("Selected cells are shown on the Embedding page, where they can be named and saved.", muted=True)


def cells_of(results: Results, unit: int, number: int, *, lowest: bool) -> pd.DataFrame:
    """cell, value, and type and batch where the cells have them; the most extreme first."""
    cells = [str(name) for name in results.obs.index]
    table = top_cells(results.code.iloc[:, unit].to_numpy(), cells, number, lowest=lowest)
    rows = table.pop("row").to_numpy()
    for name, column in (("type", results.label_column), ("batch", batch_column(results))):
        if column:
            table[name] = results.obs[column].astype(str).to_numpy()[rows]
    return table


def batch_column(results: Results) -> str:
    """The column that names the cells' batches; empty where the file has none."""
    data = results.run.spec.data
    source = data.query if results.run.spec.task == "annotate" else data.reference
    column = source.batch_column if source else None
    return column if column and column in results.obs else ""


def _select(results: Results, table: pd.DataFrame) -> None:
    mask = np.asarray(results.obs.index.astype(str).isin(table["cell"]))
    selection.choose(results, mask)
    st.toast(f"{int(mask.sum()):,} cells are selected on the Embedding page.")
