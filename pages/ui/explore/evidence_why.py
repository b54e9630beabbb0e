"""Why one cell is called what it is, and what would change the call."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from core.figures.attributions import call_bars, margin_line
from core.interpretation.why import for_and_against
from core.tasks import evidence_kept
from core.tasks import evidence_words as words
from core.tasks.evidence import why_not
from core.tasks.evidence_kept import Why
from pages.ui import background, cache, session, show, theme
from pages.ui.explore import finished
from pages.ui.explore.evidence import Desk

CHART_HEIGHT, DECIDED_HEIGHT, EACH, FEWEST = 290, 44, 8, 5
"""Pixels of the charts and of a sentence under them, and genes for and against, fewer of each beside a sentence."""
LABEL, OTHER = "For its label", "Against another"
HELP = (
    "Integrated gradients of the members' mean logit. For its label: against the mean logit of all other types, on the "
    "way from an average reference cell to this one. Against another: on the way from that type's average cell. "
    "The line replaces gene after gene by the other type's mean until the call changes."
)


def why(desk: Desk, cell: str | None) -> None:
    """The card of one cell."""
    with show.card("Why this cell", help=HELP, subtitle=cell or "", key="why-cell") as card:
        refused = why_not(desk.results.run)
        if refused:
            show.text(f"{refused} Choose the run that trained the model.", muted=True)
            return
        if cell is None:
            show.text("Choose a cell in the table.", muted=True)
            return
        called = str(desk.choice.annotation.loc[cell, "cell_type"])
        shares = desk.results.table("probabilities").loc[cell].sort_values(ascending=False, kind="stable")
        others = [str(name) for name in shares.index if str(name) != called]
        other = str(
            card.actions.selectbox(
                "Compared with",
                others,
                format_func=lambda name: f"against {name}",
                label_visibility="collapsed",
                width=170,
                key=f"why-other-{cell}",
            )
        )
        way = card.actions.segmented_control(
            "Show", [LABEL, OTHER], default=OTHER, required=True, label_visibility="collapsed", key="why-shown"
        )
        found = _found(desk, cell, other)
        if found is None:
            _ask(desk, cell, other)
        else:
            _drawn(found, str(way))


def _found(desk: Desk, cell: str, other: str) -> Why | None:
    run = desk.results.run
    made = session.kept(f"why-{desk.name}-{cell}-{other}", 0)
    return cache.shared(finished.key(run, "why", cell, other, made), lambda: evidence_kept.stored_why(run, cell, other))


def _ask(desk: Desk, cell: str, other: str) -> None:
    show.text(f"All genes are followed through every network, against **{other}**. It takes some seconds.")
    if not st.button("Explain this cell", icon=":material/search_insights:", key="explain-cell"):
        return
    arguments: dict[str, Any] = {"run": desk.folder, "cell": cell, "other": other}
    with st.spinner("Following every gene of this cell"):
        done = session.attempt(lambda: background.call("core.tasks.evidence_cell:why", **arguments))
    if done is not None:
        session.keep(f"why-{desk.name}-{cell}-{other}", 1)
        st.rerun()


def _drawn(found: Why, way: str) -> None:
    facts = found.facts
    called, other = facts["cell_type"], facts["other"]
    by, spread = ("for_label", "spread") if way == LABEL else ("against_other", "spread_other")
    title = f"Added to the logit of {called}" if way == LABEL else f"Logit of {called} minus {other}"
    decided = words.decision_words(facts)
    speaks_for, speaks_against = for_and_against(found.genes, by, max(EACH - 2 * len(decided), FEWEST))
    shown = pd.concat([speaks_for, speaks_against.iloc[::-1]])
    height = CHART_HEIGHT - DECIDED_HEIGHT * len(decided)
    left, right = st.columns([1.15, 1], gap=12)
    with left:
        show.figure(
            call_bars(shown, theme.current(), by=by, spread=spread, x_title=title),
            "why_this_cell",
            table=found.genes,
            height=height,
            alt="Genes for and against the call",
        )
    with right:
        changed = facts["genes_to_change"]
        show.figure(
            margin_line(found.margins, theme.current(), changed=changed),
            "what_would_change_the_call",
            table=found.margins,
            height=height,
            alt="Lead of the call by genes replaced",
        )
    show.text(words.why_words(facts, [str(gene) for gene in found.margins["gene"].iloc[1:]]))
    for said in decided:
        show.text(said, muted=True)
