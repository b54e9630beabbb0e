"""What the genes of a code unit have in common: enriched terms by two tests, and the units that share them."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from core.figures.set_names import plain_names
from core.figures.term_network import unit_terms
from core.tasks import unit_ranks, unit_words
from core.tasks.unit_step import COLUMN, LEVEL, Units
from pages.ui import background, session, show, theme
from pages.ui.explore import gene_sets, unit_cells
from pages.ui.explore.codes_desk import Desk, term_settings
from pages.ui.explore.unit import note_of

TOP, RANKED = "Top genes", "All genes"
MOST_LINKS, MOST_OF_ALL = 20, 60
"""Links that can be read in a card, and on half a page."""
LINKS_HEIGHT, TERMS_HEIGHT = 292, 198
"""Pixels of the drawing and of the table, which shows whole rows."""
TERMS = {
    "term": show.Column("Term"),
    "genes": show.Column("Genes", "number", help="The unit's genes in the set, of the set's genes in the network."),
    "p_adjusted": show.Column("Adjusted p", "number", ".1g", help="After Benjamini and Hochberg."),
    "p_bonferroni": show.Column("Bonferroni", "number", ".1g", help="Times the number of sets: stricter."),
}
RANKED_TERMS = {
    "term": show.Column("Term"),
    "size": show.Column("Genes", "number", help="Of the set, in the network."),
    "normalised": show.Column("Score", "number", "+.2f", help="Positive: the set's genes go up, all in all."),
    "p_adjusted": show.Column("Adjusted p", "number", ".1g", help="After Benjamini and Hochberg."),
    "q": show.Column("FDR", "number", ".1g", help="False discovery rate as GSEA estimates it by itself."),
}
TERMS_HELP = (
    "Top genes: sets that hold more of the unit's strongest genes than chance would give (hypergeometric test against "
    "the network's genes). All genes: sets whose genes gather at one end when all genes are ordered by their change "
    "(GSEA), which needs no cut and keeps the sign."
)


def links(at: Desk, found: Units, unit: int) -> None:
    """Units and the terms they share, and which collection of gene sets these come from."""
    with show.card("Units and the terms they share", help=LINKS_HELP) as panel:
        with panel.actions:
            gene_sets.box(at.project, at.run, "codes-sets")
        scope = panel.actions.segmented_control(
            "Shown",
            ["This unit", "Linked units", "All"],
            default="Linked units",
            required=True,
            label_visibility="collapsed",
            key="links-scope",
        )
        edges = _edges(found.links, f"unit_{unit + 1}", str(scope))
        if len(found.links) and not len(edges):
            show.text("This unit has no term with an adjusted p below 0.05; those of all units are shown.", muted=True)
            edges = found.links
        network(found, edges, f"unit_{unit + 1}", MOST_LINKS, (500.0, 210.0), LINKS_HEIGHT)


def network(
    found: Units, edges: pd.DataFrame, selected: str, most: int, size: tuple[float, float], height: int
) -> None:
    """The drawing of some links, and the table of all of them behind it."""
    if not len(found.links):
        show.text("No unit has a term with an adjusted p below 0.05. Try other gene sets.", muted=True)
        return
    drawn = strongest(edges, selected, most)
    names = plain_names(dict.fromkeys(drawn["gene_set"]))
    table = drawn.assign(term=[names[name] for name in drawn["gene_set"]]).rename(columns={"overlap": "genes"})
    figure = unit_terms(table, theme.current(), selected=selected, of=len(set(edges["unit"])), size=size)
    alt = "Units and the gene sets they share"
    show.figure(figure, "units_and_terms", table=found.links, height=height, alt=alt, key="unit-links")


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


def strongest(edges: pd.DataFrame, unit: str, most: int = MOST_LINKS) -> pd.DataFrame:
    """The links of as many units as can be read: the unit itself, then those with the strongest links."""
    units = edges["unit"].astype(str)
    first = {name: (name != unit, -float(edges.loc[units == name, "strength"].max())) for name in units.unique()}
    kept: list[str] = []
    for name in sorted(first, key=first.__getitem__):
        if units.isin([*kept, name]).sum() > most:
            break
        kept.append(name)
    return edges.loc[units.isin(kept), :]


def terms(at: Desk, found: Units, unit: int) -> None:
    """Enriched gene sets of the unit by either test, and a name for it."""
    with show.card("Enriched terms", help=TERMS_HELP) as panel:
        with panel.actions:
            test = st.segmented_control(
                "Test", [TOP, RANKED], default=TOP, required=True, label_visibility="collapsed", key="terms-test"
            )
        term_settings(at, panel.actions)
        if at.sets is None:
            show.text("Add gene sets at the left to see what the unit's genes have in common.", muted=True)
            unit_cells.driving(at.results, unit)
            return
        own = found.terms.loc[found.terms["unit"] == f"unit_{unit + 1}"]
        table = _ranked(at, unit) if test == RANKED else _top(at, found, own, unit)
        with st.container(horizontal=True, gap=8):
            _save(table, f"unit_{unit + 1}_{'ranked' if test == RANKED else 'terms'}")
            unit_cells.driving(at.results, unit)
            _suggestion(at, own, unit)


def _top(at: Desk, found: Units, own: pd.DataFrame, unit: int) -> pd.DataFrame:
    """Sets that are over-represented among the strongest genes."""
    names = plain_names(own["gene_set"])
    shown = own.assign(
        term=[names[name] for name in own["gene_set"]],
        genes=[f"{a} of {b}" for a, b in zip(own["overlap"], own["size"], strict=True)],
    )
    show.table(shown.head(30), TERMS, key=f"terms-{at.name}-{unit}", height=TERMS_HEIGHT)
    beyond = int((own[COLUMN[at.units.correction]] <= LEVEL).sum())
    show.text(f"{beyond} beyond chance. {unit_words.tested_words(found.facts)}", muted=True)
    return own


def _ranked(at: Desk, unit: int) -> pd.DataFrame:
    """Sets whose genes gather at one end of all genes; computed in a child process where they are missing."""
    assert at.sets is not None
    table = unit_ranks.stored(at.project, at.run, at.sets, at.units, unit)
    if table is None:
        arguments: dict[str, Any] = {"project_root": str(at.project.root), "run": at.name, "gene_sets": str(at.sets)}
        arguments |= {"settings": at.units.model_dump(), "unit": unit}
        with st.spinner("Ordering all genes and testing every set"):
            session.attempt(lambda: background.call("core.tasks.unit_ranks:compute", **arguments))
        table = unit_ranks.stored(at.project, at.run, at.sets, at.units, unit)
    if table is None:
        return pd.DataFrame()
    names = plain_names(table["gene_set"])
    shown = table.assign(term=[names[name] for name in table["gene_set"]])
    show.table(shown.head(30), RANKED_TERMS, key=f"ranked-{at.name}-{unit}", height=TERMS_HEIGHT)
    beyond = int((table["p_adjusted"] <= LEVEL).sum())
    show.text(
        f"{beyond} beyond chance. All {len(found_genes(table)):,} genes that make a score lead their sets; "
        f"{at.units.permutations:,} permutations.",
        muted=True,
    )
    return table


def found_genes(table: pd.DataFrame) -> set[str]:
    """Genes that make the score of some set."""
    return {gene for genes in table["genes"] for gene in str(genes).split(";")}


def _suggestion(at: Desk, own: pd.DataFrame, unit: int) -> None:
    """A name from the most certain term, put into the box of the name and not saved."""
    column = COLUMN[at.units.correction]
    suggested = unit_words.suggested_name(own, column)
    key = f"name-{note_of(at.run, unit)}"
    help = "No term is beyond chance, so there is no name to suggest."
    if suggested:
        help = f"{suggested[0]}, adjusted p {suggested[1]:.1g}. It is put into the box above and saved by you alone."

    def take() -> None:
        assert suggested is not None
        st.session_state[key] = suggested[0]

    st.button(
        "Suggest a name",
        icon=":material/lightbulb:",
        help=help,
        disabled=suggested is None,
        key="suggest-name",
        on_click=take,
        width="stretch",
    )


def _save(table: pd.DataFrame, name: str) -> None:
    st.download_button(
        "CSV",
        data=table.to_csv(index=False),
        file_name=f"{name}.csv",
        mime="text/csv",
        icon=":material/download:",
        width="stretch",
        key="terms-csv",
        on_click="ignore",
    )
