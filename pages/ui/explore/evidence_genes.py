"""Genes: which genes raise each type's logit in the networks, beside networks that learned nothing."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.figures.attributions import attribution_bars, recall_dots
from core.tasks import evidence_words as words
from core.tasks.evidence import Evidence
from pages.ui import show, theme
from pages.ui.explore import evidence
from pages.ui.explore.evidence import Desk

GENES_SHOWN, STRONGEST_SHOWN = 30, 5
BARS_HEIGHT, TABLE_HEIGHT, RECALL_HEIGHT, RIGHT_HEIGHT, STAND_IN_HEIGHT = 690, 690, 272, 526, 60
"""Pixels; at the right, dots and table together."""
LEAST_STRONGEST = 3
"""Rows of the table that stay in sight however many types there are."""
BARS_HELP = (
    "Integrated gradients: how much a gene adds to the type's logit, against the mean logit of the other types, on "
    "the way from an average reference cell to cells of the type. Mean over cells and networks; the whisker is the "
    "standard deviation over networks. The mark shows the same for networks of the same shape that learned nothing: "
    "what they find, the data show by themselves."
)
RECALL_HELP = (
    "Markers are found from expression alone, without a network. Networks with random weights find markers too, since "
    "an attribution is the larger the further a cell lies from the average; only what lies beyond them was learned."
)
COLUMNS = {
    "gene": show.Column("Gene", "gene"),
    "attribution": show.Column("Attribution", "number", "+.3f", help="Logits."),
    "spread": show.Column("Spread", "number", ".3f", help="Standard deviation over the networks."),
    "linear": show.Column("Linear model", "number", "+.3f", help="The same for the logistic regression beside them."),
    "boosted": show.Column("Trees", "number", "+.3f", help="Shapley values of the boosted trees beside them."),
    "untrained": show.Column("Untrained", "number", "+.3f", help="Mean of networks that learned nothing."),
    "marker_rank": show.Column("Marker", "number", ".0f", help="Place among the type's markers; empty for none."),
}


def view(desk: Desk) -> None:
    """The genes of one type, and how many of them are markers in each."""
    found = desk.part("genes")
    if found is None:
        evidence.missing(evidence.GENES)
        return
    left, right = st.columns([660, 512], gap=12)
    with left:
        _genes(desk, found)
    with right:
        _recall(found)


def _genes(desk: Desk, found: Evidence) -> None:
    table, recall = found.tables["attributions"], found.tables["marker_recall"]
    with show.card("Genes behind a type", help=BARS_HELP, key="type-genes") as card:
        names = list(recall["cell_type"].astype(str))
        name = str(
            card.actions.selectbox(
                "Type", names, label_visibility="collapsed", width=140, key=f"genes-type-{desk.name}"
            )
        )
        way = card.actions.segmented_control(
            "Show", ["Chart", "Table"], default="Chart", required=True, label_visibility="collapsed", key="genes-shown"
        )
        part = pd.DataFrame(table.loc[table["cell_type"] == name])
        if way == "Chart":
            top = part.sort_values("attribution", ascending=False, kind="stable").head(GENES_SHOWN)
            figure = attribution_bars(top, theme.current(), type_name=name)
            show.figure(
                figure, "attributions", table=table, height=BARS_HEIGHT, alt=f"Genes that raise the logit of {name}"
            )
        else:
            columns = {key: column for key, column in COLUMNS.items() if key in part}
            show.table(part, columns, key=f"attributions-{desk.name}-{name}", height=TABLE_HEIGHT)
        row = recall.loc[recall["cell_type"] == name].iloc[0]
        evidence.reading(words.recall_words(row))


def _recall(found: Evidence) -> None:
    recall = found.tables["marker_recall"]
    top = int(recall["top"].iloc[0])
    with show.card(
        "Are these the types' markers?", help=RECALL_HELP, subtitle=f"{top} genes of each type", key="recall"
    ):
        figure = recall_dots(recall, theme.current())
        height = evidence.dots_height(RECALL_HEIGHT, len(recall))
        show.figure(figure, "marker_recall", table=recall, height=height, alt="Markers among the strongest genes")
        better = int((recall["recall"] > recall["untrained_recall"]).sum())
        evidence.reading(
            f"In {better} of {len(recall)} types the trained networks find more markers than untrained ones do. "
            "A type near the average cell has few genes that set it apart, so its row says least."
        )
    table, spare = found.tables["attributions"], RIGHT_HEIGHT - height
    if words.reference_words(found.facts):
        spare -= STAND_IN_HEIGHT
    with show.card("Strongest genes of every type", key="strongest-genes"):
        show.table(
            strongest(table),
            {"cell_type": show.Column("Type", strong=True), "genes": show.Column("Genes", "gene")},
            key="strongest-genes",
            height=max(spare, show.table_height(LEAST_STRONGEST)),
        )
        cells = table.drop_duplicates("cell_type")["cells"]
        show.key_values(
            {
                "Cells of each type": f"**{int(cells.min()):,} to {int(cells.max()):,}**",
                "Networks, and untrained ones beside them": f"**{found.facts['networks']}, {found.facts['controls']}**",
                "Genes that the networks see": f"**{found.facts['genes']:,}**",
            }
        )
        show.text(words.complete_words(found.facts), muted=True)
        evidence.stand_in(found)


def strongest(attributions: pd.DataFrame) -> pd.DataFrame:
    """The genes that raise each type's logit most, in one row per type: cell_type, genes."""
    ordered = attributions.sort_values("attribution", ascending=False, kind="stable")
    rows = [
        {"cell_type": name, "genes": ", ".join(map(str, part["gene"].head(STRONGEST_SHOWN)))}
        for name, part in ordered.groupby("cell_type", sort=True)
    ]
    return pd.DataFrame(rows)
