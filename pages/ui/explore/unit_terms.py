"""What the genes of a code unit have in common: enriched terms, units that share them, cells that drive the unit."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.figures.set_names import plain_names
from core.figures.term_network import unit_terms
from core.project import Project
from core.results import Results
from core.tasks.unit_step import Units
from pages.ui import show, theme
from pages.ui.explore import gene_sets

DRIVING = 200
MOST_LINKS = 20
LINKS_HEIGHT, TERMS_HEIGHT = 312, 226
"""Pixels of the drawing and of the table, which shows whole rows."""
TERMS = {
    "term": show.Column("Term"),
    "genes": show.Column("Genes", "number", help="The unit's genes in the set, of the set's genes in the network."),
    "p_adjusted": show.Column("Adjusted p", "number", ".1g"),
}


def links(found: Units, unit: int) -> None:
    """Units and the terms they share."""
    with show.card("Units and the terms they share", help=LINKS_HELP) as panel:
        scope = panel.actions.segmented_control(
            "Shown",
            ["This unit", "Linked units", "All"],
            default="Linked units",
            required=True,
            label_visibility="collapsed",
            key="links-scope",
        )
        edges = _edges(found.links, f"unit_{unit + 1}", str(scope))
        if not len(found.links):
            show.text("No unit has a term with an adjusted p below 0.05. Try other gene sets.", muted=True)
            return
        if not len(edges):
            show.text("This unit has no term with an adjusted p below 0.05; those of all units are shown.", muted=True)
            edges = found.links
        drawn = strongest(edges, f"unit_{unit + 1}")
        names = plain_names(dict.fromkeys(drawn["gene_set"]))
        table = drawn.assign(term=[names[name] for name in drawn["gene_set"]]).rename(columns={"overlap": "genes"})
        figure = unit_terms(table, theme.current(), selected=f"unit_{unit + 1}", of=len(set(edges["unit"])))
        alt = "Units and the gene sets they share"
        show.figure(figure, "units_and_terms", table=found.links, height=LINKS_HEIGHT, alt=alt, key="unit-links")


LINKS_HELP = (
    "A link joins a unit with a gene set that is enriched among its genes (adjusted p below 0.05, the five strongest "
    "of each unit). Units that share a term may stand for the same programme."
)


def _edges(table: pd.DataFrame, unit: str, scope: str) -> pd.DataFrame:
    if scope == "All":
        return table
    own = table.loc[table["unit"] == unit]
    if scope == "This unit":
        return own
    beside = table.loc[table["gene_set"].isin(list(own["gene_set"])), "unit"]
    return table.loc[table["unit"].isin([unit, *beside])] if len(own) else own


def strongest(edges: pd.DataFrame, unit: str) -> pd.DataFrame:
    """The links of as many units as can be read: the unit itself, then those with the strongest links."""
    units = edges["unit"].astype(str)
    first = {name: (name != unit, -float(edges.loc[units == name, "strength"].max())) for name in units.unique()}
    kept: list[str] = []
    for name in sorted(first, key=first.__getitem__):
        if units.isin([*kept, name]).sum() > MOST_LINKS:
            break
        kept.append(name)
    return edges.loc[units.isin(kept), :]


def terms(project: Project, results: Results, found: Units, unit: int) -> None:
    """Enriched gene sets of the unit, and which collection they come from."""
    with show.card("Enriched terms") as panel:
        with panel.actions:
            sets = gene_sets.box(project, results.run, "codes-sets")
        if sets is None:
            show.text("Bring a gene-set file to see what the unit's genes have in common.", muted=True)
            _cells(results, unit)
            return
        own = found.terms.loc[found.terms["unit"] == f"unit_{unit + 1}"]
        names = plain_names(own["gene_set"])
        shown = own.assign(
            term=[names[name] for name in own["gene_set"]],
            genes=[f"{a} of {b}" for a, b in zip(own["overlap"], own["size"], strict=True)],
        )
        beyond = int((own["p_adjusted"] <= 0.05).sum())
        show.table(shown.head(30), TERMS, key=f"terms-{results.run.directory.name}-{unit}", height=TERMS_HEIGHT)
        taken, background_genes = found.facts["taken"], found.facts["background"]
        show.text(
            f"{beyond} beyond chance. The unit's {taken} strongest genes, against the {background_genes:,} genes of "
            "the network. Correction: Benjamini and Hochberg.",
            muted=True,
        )
        slots = st.columns(2, gap=8)
        with slots[0]:
            _save(own, f"unit_{unit + 1}_terms", "Table as CSV", "terms-csv")
        with slots[1]:
            _cells(results, unit)


def _cells(results: Results, unit: int) -> None:
    """The cells in which the unit is highest."""
    with st.popover("Cells that drive it", icon=":material/bubble_chart:", width="stretch", key="driving-cells"):
        column = results.label_column
        order = results.code.iloc[:, unit].nlargest(DRIVING)
        table = pd.DataFrame({"cell": order.index, "value": order.to_numpy()})
        if column:
            table["type"] = results.obs.loc[order.index, column].astype(str).to_numpy()
        columns = {"cell": show.Column("Cell", "code"), "value": show.Column("Value", "number", ".3g"), "type": "Type"}
        kept = {name: column for name, column in columns.items() if name in table}
        show.table(table.head(20), kept, key=f"cells-{results.run.directory.name}-{unit}", height=300)
        _save(table, f"unit_{unit + 1}_cells", f"{len(table)} cells as CSV", "cells-csv")


def _save(table: pd.DataFrame, name: str, label: str, key: str) -> None:
    st.download_button(
        label,
        data=table.to_csv(index=False),
        file_name=f"{name}.csv",
        mime="text/csv",
        icon=":material/download:",
        width="stretch",
        key=key,
        on_click="ignore",
    )
