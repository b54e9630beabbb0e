"""Checks of a code: do its clusters mean anything, is it orthogonal, are its units different?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from core.evaluation.code_clusters import summary
from core.figures.code_checks import agreement_dots, likeness_heatmap, singular_values
from core.tasks import check_words as words
from core.tasks import checks, impact_step
from core.tasks.checks import Checks
from pages.ui import background, forms, session, show, theme
from pages.ui.explore import code_sweep
from pages.ui.explore.codes_desk import Desk, keep

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

CLUSTERS, LIKENESS, SINGULAR = 296, 300, 196
SETTINGS = ("runs", "groups", "components", "cells")
CLUSTERS_HELP = (
    "k-means starts again and again from other centres; bars are standard deviations over its runs. NMI is 0 to 1, ARI "
    "about 0 for groups made by chance. As it is: the code itself. z-scored: every unit with the same spread. Per "
    "cell: each cell's values divided by their sum. Genes: principal components of log-normalised genes."
)
LIKENESS_HELP = (
    "Pearson correlation of every pair of units: of their values over cells, of what moving them does to the genes, or "
    "of how strongly the genes move them (guided saliency, averaged over cells). Like units lie beside each other."
)
ORTHOGONAL_HELP = (
    "Off by: Frobenius norm of I − WW′, where W holds the weights that lead into the units. Norm: length of all "
    "singular values of the code, which is its Frobenius norm."
)


def view(at: Desk, header: DeltaGenerator) -> None:
    """Draw the view."""
    spec = at.checks
    kept = checks.stored(at.run, spec)
    with header:
        _settings(at)
        again = st.button(
            "Check this code",
            type="primary",
            icon=":material/fact_check:",
            disabled=kept is not None,
            key="checks-compute",
            help=None if kept is None else "These checks belong to the run and the settings as they are.",
        )
    if again:
        arguments = {"run": str(at.run.directory), "settings": spec.model_dump(mode="json")}
        with st.spinner("Grouping the cells and comparing the units"):
            done = session.attempt(lambda: background.call("core.tasks.checks:compute", **arguments))
        if done is not None:
            st.rerun()
    if kept is None:
        text = "Press **Check this code** to group its cells and compare its units; it takes some seconds"
        show.empty("Not checked yet", text, icon="fact_check")
        return
    left, right = st.columns([1.1, 1], gap=12)
    with left:
        _clusters(kept)
    with right:
        _likeness(at, kept)
    left, right = st.columns([1, 1.9], gap=12)
    with left:
        _orthogonal(kept)
    with right:
        code_sweep.card(at)


def _settings(at: Desk) -> None:
    with st.popover("", icon=":material/tune:", key="checks-settings", help="Settings of the checks"):
        key = f"analysis.checks.{at.project.draft.recipe}"
        made = forms.edit(at.checks, key, (*SETTINGS, "epochs"), folded=True)
    keep(at.project, "checks", at.checks, made)


def _clusters(kept: Checks) -> None:
    facts = kept.facts
    subtitle = (
        f"{facts['groups']} groups, {kept.clusters['run'].nunique()} runs of k-means" if len(kept.clusters) else ""
    )
    with show.card("Do its clusters follow the labels?", help=CLUSTERS_HELP, subtitle=subtitle):
        if not len(kept.clusters):
            show.text("The cells have no labels. Set the number of groups to compare code and genes.", muted=True)
            return
        table = summary(kept.clusters)
        names = [words.comparison_name(pair, scale) for pair, scale in zip(table["pair"], table["scale"], strict=True)]
        table = table.assign(name=names)
        figure = agreement_dots(table, theme.current())
        alt = "Agreement of k-means groups of code, genes and labels"
        show.figure(figure, "code_clusters", table=table, height=CLUSTERS, alt=alt)
        show.text(words.cluster_words(table, int(facts["groups"])))


def _likeness(at: Desk, kept: Checks) -> None:
    with show.card("How different are its units?", help=LIKENESS_HELP) as card:
        names = [name for name in words.LIKENESS_WORDS if name in kept.likeness]
        way = card.actions.selectbox(
            "Compared by",
            names,
            format_func=words.LIKENESS_WORDS.__getitem__,
            label_visibility="collapsed",
            width=176,
            key="likeness-by",
        )
        table = kept.likeness[str(way)]
        figure = likeness_heatmap(table, theme.current())
        show.figure(
            figure,
            f"unit_likeness_{way}",
            table=table.rename_axis("unit").reset_index(),
            height=LIKENESS,
            alt="Correlation of every pair of units",
            key="unit-likeness",
        )
        show.text(f"{words.clean_words(kept.facts)} {_winners(at)}")


def _winners(at: Desk) -> str:
    found = (
        impact_step.stored(at.project, at.run, at.sets) if at.sets and not impact_step.refusal(at.run.spec) else None
    )
    if found is None:
        return "How many gene sets win is known once impact was computed on the Pathways page."
    facts = found.facts
    return f"{facts['winners']} different gene sets win {facts['units']} units."


def _orthogonal(kept: Checks) -> None:
    facts = kept.facts
    with show.card("Is it orthogonal?", help=ORTHOGONAL_HELP):
        show.facts(
            [
                show.Number("weights off by", f"{facts['off_orthonormal']:.3g}"),
                show.Number("mean |r| of units", f"{facts['mean_likeness']:.2f}"),
                show.Number("norm of the code", f"{facts['norm']:,.4g}"),
            ]
        )
        figure = singular_values(pd.DataFrame(kept.singular_values), theme.current())
        show.figure(
            figure, "singular_values", table=kept.singular_values, height=SINGULAR, alt="Singular values of the code"
        )
        show.text(words.orthogonal_words(facts))
