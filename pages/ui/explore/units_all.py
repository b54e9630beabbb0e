"""All code units side by side: where each is high, its genes, its term, and the terms that units share."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.figures.set_names import plain_names
from core.interpretation.unit import highest_labels
from core.tasks import unit_stability, unit_words
from core.tasks.unit_step import Units, overview
from pages.ui import show
from pages.ui.explore import gene_sets, unit, unit_terms
from pages.ui.explore.codes_desk import Desk, look_at, term_settings, unit_settings

TABLE, DRAWING = 740, 720
HELP = "A click on a unit's number shows that unit. The term is the most certain one of its strongest genes."
GENES = 3
"""Genes named in a row; the file has five."""


def view(at: Desk) -> None:
    """Draw the view."""
    found = unit.current(at)
    if found is None:
        return
    table = rows(at, found)
    left, right = st.columns([1.3, 1], gap=12)
    with left:
        _table(at, table)
    with right, show.card("Units and the terms they share", help=unit_terms.LINKS_HELP) as panel:
        with panel.actions:
            gene_sets.box(at.project, at.run, "all-units-sets")
        unit_terms.network(found, found.links, "", unit_terms.MOST_OF_ALL, (330.0, 600.0), DRAWING)


def rows(at: Desk, found: Units) -> pd.DataFrame:
    """unit, name, highest (label of the highest mean), genes, term, p_adjusted, p_bonferroni, again."""
    table = overview(found)
    units = [str(name) for name in table["unit"]]
    names = [unit.name_of(at.project, at.run, number) for number in range(len(units))]
    if any(names):
        table["name"] = names
    column = at.results.label_column
    if column:
        highest = highest_labels(at.results.code.to_numpy(), at.results.obs[column].astype(str).to_numpy())
        table["highest"] = [highest[name] for name in units]
    matched = unit_stability.stored(at.project, at.run, at.units)
    if matched is not None and len(matched):
        again = unit_words.stable_units(matched)
        table["again"] = [again[name] for name in units]
    return table


def _table(at: Desk, table: pd.DataFrame) -> None:
    with show.card("All units", help=HELP) as panel:
        unit_settings(at, panel.actions)
        term_settings(at, panel.actions)
        panel.actions.download_button(
            "CSV",
            data=table.to_csv(index=False),
            file_name="units.csv",
            mime="text/csv",
            icon=":material/download:",
            key="units-csv",
            on_click="ignore",
        )
        terms = plain_names(dict.fromkeys(table["term"].dropna()))
        shown = [
            {
                **row,
                "unit": str(row["unit"]).removeprefix("unit_"),
                "genes": ", ".join(str(row["genes"]).split(", ")[:GENES]),
                "term": terms.get(row["term"], ""),
            }
            for row in table.to_dict("records")
        ]
        columns = {name: column for name, column in COLUMNS.items() if name in table}
        event = show.table(shown, columns, key=f"all-units-{at.name}", height=TABLE)
        if event.clicked is not None:
            look_at(at.run, int(event.clicked.label) - 1)


COLUMNS = {
    "unit": show.Column("Unit", "link"),
    "name": show.Column("Name"),
    "highest": show.Column("Highest in", help="The cell type with the highest mean value."),
    "genes": show.Column("Genes", "gene"),
    "term": show.Column("Term"),
    "p_adjusted": show.Column("Adjusted p", "number", ".1g", help="After Benjamini and Hochberg, within the unit."),
    "again": show.Column("Again", "number", help="Other trainings that found the unit again."),
}
