"""What gene sets share with each other: sets that share genes win together."""

from __future__ import annotations

from pathlib import Path

from core.data.wording import counted
from core.figures.set_names import plain_names
from core.figures.set_overlap import overlap_heatmap
from core.tasks.sets_step import Described
from pages.ui import show, theme
from pages.ui.explore import gene_sets

MAP, PAIRS = "Heat map", "Pairs"
HEIGHT, TABLE_HEIGHT = 700, 688
"""Pixels of the heat map and of the table of pairs, which fill the window."""
HELP = (
    "Genes of the data alone are counted. Jaccard: shared genes over the genes of either set. Contained: shared genes "
    "over those of the smaller set. The sets that share most are shown, those alike beside each other."
)
COLUMNS = {
    "first": show.Column("Set", strong=True),
    "second": show.Column("And"),
    "genes": show.Column("Genes", "number", help="Of either set in the data."),
    "shared": show.Column("Shared", "number", ",.0f"),
    "jaccard": show.Column("Jaccard", "number", ".2f"),
    "containment": show.Column("Contained", "number", ".2f"),
}


def card(path: Path | None, described: Described | None) -> None:
    """The heat map or the table of the file that is looked at."""
    subtitle = gene_sets.name(path) if path else ""
    with show.card("What the sets share", help=HELP, subtitle=subtitle, key="set-overlap") as panel:
        if described is None or described.refused or len(described.jaccard) < 2:
            show.text(_nothing(path, described), muted=True)
            return
        shown = panel.actions.segmented_control(
            "Shown", [MAP, PAIRS], default=MAP, required=True, label_visibility="collapsed", key="overlap-shown"
        )
        if shown == MAP:
            _map(described)
        else:
            _pairs(described)
        show.text(_words(described), muted=True)


def _map(described: Described) -> None:
    table = described.jaccard
    names = plain_names(map(str, table.index))
    figure = overlap_heatmap(table.rename(index=names, columns=names), theme.current())
    alt = "Genes that gene sets share"
    show.figure(figure, "gene_set_overlap", table=described.pairs, height=HEIGHT, alt=alt, key="overlap")


def _pairs(described: Described) -> None:
    pairs = described.pairs
    names = plain_names(dict.fromkeys([*pairs["first"], *pairs["second"]]))
    rows = [
        {
            **row,
            "first": names[row["first"]],
            "second": names[row["second"]],
            "genes": f"{row['genes_first']:,} and {row['genes_second']:,}",
        }
        for row in pairs.to_dict("records")
    ]
    show.table(rows, COLUMNS, key=f"set-pairs-{len(rows)}", height=TABLE_HEIGHT, empty="No two sets share a gene.")


def _words(described: Described) -> str:
    if not len(described.pairs):
        return "No two sets share a gene of the data."
    said = "Sets that share genes win together, so count them as one finding."
    if described.nearly:
        pairs = counted(described.nearly, "pair")
        return f"In {pairs}, at least 80 % of the smaller set lies in the other: nearly the same set. {said}"
    return f"In no pair do 80 % of the smaller set lie in the other. {said}"


def _nothing(path: Path | None, described: Described | None) -> str:
    if path is None:
        return "Add gene sets at the left; what they share with each other is shown here."
    if described is None:
        return "Bring cells on the Data page: genes that sets share are counted among those of the data."
    if described.refused:
        return "The sets of this file cannot be looked up in the data."
    return "Fewer than two sets have enough genes in the data."
