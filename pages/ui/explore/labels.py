"""How many query cells get a label: the picture of the cells, the slider and the curve behind it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import streamlit as st

from core import keys
from core.annotation.agreement import agreement
from core.annotation.refusal import Cut, cut_at, reassigned, refused, with_band
from core.annotation.rejection import KEPT_HELD_OUT
from core.errors import DataError
from core.figures.annotation import coverage_curve
from core.figures.palette import NOT_ASSIGNED
from core.results import Results
from core.saved import Saved
from pages.ui import show, theme
from pages.ui.explore import colouring, finished
from pages.ui.explore.colouring import Colouring
from pages.ui.scatter import scatter

MOST_REFUSED = 50
LEAST_COVERAGE = 0.5
HEIGHT, CURVE_HEIGHT, FACT_HEIGHT = 366, 254, 22
"""Pixels of the picture, of the curve beside it, and of a further fact under the slider."""
COLOUR, COLUMN = "query-colour", "Column"
RATE_HELP = (
    "Of cells whose type the reference knows, this share may be left without a label by mistake. A larger share leaves "
    "out more strange cells. Nothing is trained again: the cut-off moves on scores that were learned on held-out cells."
)


@dataclass(frozen=True)
class Choice:
    """The labels at the cut-off chosen now."""

    results: Results
    cut: Cut

    @cached_property
    def annotation(self) -> pd.DataFrame:
        """annotation.csv with ``assigned`` as chosen, cells as index."""
        return reassigned(self.results.table("annotation"), self.cut)

    @cached_property
    def labels(self) -> pd.Series:
        """Best type of each cell, or not assigned."""
        table = self.annotation
        names = np.where(table["assigned"], table["cell_type"], NOT_ASSIGNED)
        return pd.Series(pd.Categorical(names), table.index)

    @cached_property
    def refused(self) -> pd.DataFrame:
        """The cells without a label, and what speaks against one."""
        return refused(self.annotation, self.results.table("coverage"), self.results.counts)


def choose(results: Results, saved: Saved) -> Choice:
    """The slider, and what it means for the query."""
    curve, summary = results.table("coverage"), results.run.summary
    start = saved.rate if saved.rate is not None else float(summary["false_reject_rate"])
    with show.card(key="refuse", gap=6):
        key = f"refuse-rate-{results.run.directory.name}"
        shown = st.session_state.get(key, round(100 * cut_at(curve, start).rate))
        with st.container(key="slider-refuse", gap=None):
            st.html(f'<div class="cd-slider-value" aria-hidden="true">{shown} %</div>')
            percent = st.slider(
                "Known cells wrongly refused, at most", 0, MOST_REFUSED, shown, 1, "%d %%", key=key, help=RATE_HELP
            )
        choice = Choice(results, cut_at(curve, percent / 100))
        labelled, n = int(choice.annotation["assigned"].sum()), len(choice.annotation)
        error = summary["calibration"]
        numbers = {
            "Labelled": f"**{labelled:,} cells, {100 * labelled / n:.1f} %**",
            "Not assigned": f"**{n - labelled:,} cells** ({n * choice.cut.rate:,.0f} expected of known types)",
            "Probability is off by": f"**{100 * error['error_after']:.1f} % on average**"
            f" ({100 * error['error_before']:.1f} % before calibration)",
            **_own_labels(choice),
        }
        show.key_values(numbers)
    return choice


def curve(choice: Choice) -> None:
    """How many labels are right on held-out reference cells when only so many cells get one."""
    results, cut = choice.results, choice.cut
    held_out = min(int(results.table("per_type")["support"].sum()), KEPT_HELD_OUT)
    table = with_band(results.table("coverage"), held_out)
    fig = coverage_curve(
        table.loc[table["coverage"] >= min(LEAST_COVERAGE, cut.coverage), :],
        theme.current(),
        labelled=cut.coverage,
        right=cut.accuracy,
    )
    height = CURVE_HEIGHT - FACT_HEIGHT * len(_own_labels(choice))
    with show.card(
        "How many cells to label",
        help="Cells of the reference that were kept apart while training. The band is the 95 % range of the share.",
        subtitle="Held-out reference cells",
    ):
        show.figure(fig, "coverage", table=table, height=height, alt="Share of right labels by share of labelled cells")


def query(choice: Choice, lit: np.ndarray | None) -> None:
    """The query cells, coloured as chosen; ``lit`` cells stand out."""
    results = choice.results
    drawn = [picture for picture in results.pictures.values() if picture.title.endswith("code")]
    picture = drawn[0] if drawn else next(iter(results.pictures.values()))
    n = f"{len(choice.annotation):,} cells"
    subtitle = n if st.session_state.get(COLOUR) == COLUMN else f"{n}, {picture.title}"
    with show.card("Query cells", subtitle=subtitle) as card:
        colour = _colouring(choice, card.actions)
        scatter(
            picture.points.assign(**{colour.title: colour.values.to_numpy()}).astype(
                {} if colour.numeric else {colour.title: colour.values.dtype}
            ),
            key="query-cells",
            content=finished.key(results.run, colour.key),
            colour=colour.title,
            colours=colour.colours,
            selected=lit,
            legend=True,
            caption=picture.caption,
            height=HEIGHT,
        )


def _colouring(choice: Choice, slot) -> Colouring:
    results = choice.results
    own = [
        str(name) for name in results.obs if name not in colouring.WORDS and colouring.shown(results.column(str(name)))
    ]
    ways = ["Label", "Probability", "Open-set score", *([COLUMN] if own else [])]
    column = slot.empty()
    way = slot.segmented_control(
        "Colour", ways, default="Label", required=True, label_visibility="collapsed", key=COLOUR
    )
    if way == "Label":
        return Colouring("Label", choice.labels, f"label/{choice.cut.rate}")
    if way == COLUMN:
        name = column.selectbox("Column", own, label_visibility="collapsed", width=130, key="query-column")
        return colouring.column(results, str(name))
    return colouring.column(results, keys.PROBABILITY if way == "Probability" else keys.OPEN_SET_SCORE)


def _own_labels(choice: Choice) -> dict[str, str]:
    """Agreement with the query's own labels: on all cells, with the share that keeps a label beside it."""
    run, table = choice.results.run, choice.annotation
    name = run.summary.get("agreement_with_own_labels", {}).get("column")
    if name not in choice.results.obs:
        return {}
    own = choice.results.obs[name].astype(str).to_numpy()
    try:
        found = agreement(own, table["cell_type"].to_numpy(), run.summary["classes"], table["assigned"].to_numpy())
    except DataError:
        return {f"Own labels, {name}": "no type in common with the reference"}
    row = found.iloc[0]
    words = f"**{100 * row['accuracy']:.1f} % of all cells**"
    if row["coverage"] > 0:
        words += f" ({100 * row['accuracy_assigned']:.1f} % of the {100 * row['coverage']:.1f} % labelled)"
    return {f"As in its own column {name}": words}
