"""What became of the bridge's cells: a chart, and beside it how far both ways of calling them can be trusted."""

from __future__ import annotations

import streamlit as st

from core.annotation.bridge import FATES
from core.figures.bridge import bridge_fates
from pages.ui import show, theme
from pages.ui.explore.labels import Choice

MOST_TYPES = 7
"""Bars that fit; the table beside them holds all types."""
CHART_HEIGHT, TABLE_HEIGHT, ROW_HEIGHT = 268, 188, 24
TRUST = (
    "RNA right: of held-out reference cells of the type. Peaks agree: of held-out bridge cells, the share called so by "
    "their peaks too; this is not the share of right labels."
)


def bridge(choice: Choice) -> None:
    """The bars, the numbers and what they mean."""
    table, name = choice.results.table("bridge_types"), choice.results.run.directory.name
    cells, taught = int(table[list(FATES)].to_numpy().sum()), int(table[FATES[0]].sum())
    left, right = st.columns(2, gap=12)
    with left:
        figure = bridge_fates(table.head(MOST_TYPES), FATES, theme.current(), row=ROW_HEIGHT)
        show.figure(figure, "bridge_cells", table=table, height=CHART_HEIGHT, alt="Bridge cells of each type by fate")
    with right:
        columns = {
            "cell_type": "Cell type",
            FATES[0]: show.Column("Used", "number"),
            "rna_right": show.Column("RNA right", "number", ".2f"),
            "peaks_agree": show.Column("Peaks agree", "number", ".2f"),
        }
        show.table(table, columns, key=f"bridge-{name}", height=TABLE_HEIGHT)
        show.text(f"{taught:,} of {cells:,} bridge cells taught the peaks their type. {TRUST}", muted=True)
