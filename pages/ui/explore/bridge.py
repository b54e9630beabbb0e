"""What became of the bridge's cells: a chart, and beside it how far both ways of calling them can be trusted."""

from __future__ import annotations

import streamlit as st

from core.annotation.bridge import FATES
from core.figures.bridge import bridge_fates
from pages.ui import show, theme
from pages.ui.explore.labels import Choice

MOST_TYPES = 7
"""Bars that fit; the table beside them holds all types."""
CHART_HEIGHT, TABLE_HEIGHT, ROW_HEIGHT = 238, 206, 24
RNA_RIGHT = "Of held-out reference cells of this type, the share that the classifier of the RNA calls so."
PEAKS_AGREE = (
    "Of the bridge's cells of this type, by their RNA, the share that their peaks call so when held out. It says how "
    "far peaks and RNA agree, not how many labels are right."
)


def bridge(choice: Choice) -> None:
    """The bars, the numbers and a sentence."""
    table, name = choice.results.table("bridge_types"), choice.results.run.directory.name
    left, right = st.columns([1, 1.16], gap=12)
    with left:
        figure = bridge_fates(table.head(MOST_TYPES), FATES, theme.current(), row=ROW_HEIGHT)
        show.figure(figure, "bridge_cells", table=table, height=CHART_HEIGHT, alt="Bridge cells of each type by fate")
    with right:
        columns = {
            "cell_type": "Cell type",
            FATES[0]: show.Column("Used", "number", help="Cells that lent their peaks this type."),
            "probability": show.Column("Probability", "number", ".2f", help="Mean, of the label by RNA."),
            "rna_right": show.Column("RNA right", "number", ".2f", help=RNA_RIGHT),
            "peaks_agree": show.Column("Peaks agree", "number", ".2f", help=PEAKS_AGREE),
        }
        show.table(table, columns, key=f"bridge-{name}", height=TABLE_HEIGHT)
        cells = int(table[list(FATES)].to_numpy().sum())
        taught = int(table[FATES[0]].sum())
        show.text(f"{taught:,} of {cells:,} bridge cells taught the peaks their type.", muted=True)
