"""How many query cells get a label: the picture of the cells, the slider and the curve behind it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import streamlit as st

from core import keys
from core.annotation.agreement import agreement
from core.annotation.backoff import SAFE
from core.annotation.refusal import Cut, cut_at, reassigned, refused, with_band
from core.annotation.rejection import KEPT_HELD_OUT
from core.errors import DataError
from core.figures.annotation import coverage_curve
from core.figures.palette import NOT_ASSIGNED
from core.results import Results
from core.saved import Saved
from core.tasks.colours import run_colours
from core.tasks.level_view import at_level, of_level
from pages.ui import show, theme
from pages.ui.explore import colouring, finished, levels, whole_query
from pages.ui.explore.colouring import Colouring
from pages.ui.scatter import scatter

MOST_REFUSED = 50
LEAST_COVERAGE = 0.5
HEIGHT, CURVE_HEIGHT, FACT_HEIGHT = 356, 254, 22
"""Pixels of the picture, of the curve beside it, and of a further fact under the slider."""
LEGEND_WIDTH, LEGEND_ROW, LEGEND_MARK, LETTER = 606, 22, 58, 6.6
"""Pixels of the legend, of one of its rows, of what stands beside a name, and of a letter."""
NONE_SAFE = "No label is safe"
COLOUR, COLUMN = "query-colour", "Column"
RATE_HELP = (
    "Of cells whose type the reference knows, this share may be left without a label by mistake. A larger share leaves "
    "out more strange cells. Nothing is trained again: the cut-off moves on scores that were learned on held-out cells."
)


@dataclass(frozen=True)
class Choice:
    """The labels at the cut-off and the level chosen now; ``level`` is empty where labels have one level."""

    results: Results
    cut: Cut
    level: str = ""

    @cached_property
    def annotation(self) -> pd.DataFrame:
        """annotation.csv with ``assigned`` as chosen, cells as index."""
        return reassigned(self.results.table("annotation"), self.cut)

    @cached_property
    def shown(self) -> pd.DataFrame:
        """The same with the labels of the level; without a safe label a cell is not ``assigned``."""
        if not self.level:
            return self.annotation
        table = self.results.table("label_levels")
        return at_level(self.annotation, table, levels.names(self.results), self.level)

    @cached_property
    def labels(self) -> pd.Series:
        """Label of each cell, or not assigned."""
        table = self.shown
        names = np.where(table["assigned"], table["cell_type"], NOT_ASSIGNED)
        return pd.Series(pd.Categorical(names), table.index)

    @cached_property
    def refused(self) -> pd.DataFrame:
        """The cells without a label, and what speaks against one."""
        table = refused(self.shown, self.results.table("coverage"), self.results.counts)
        if self.level != SAFE:
            return table
        known = self.annotation["assigned"].reindex(table.index)
        return table.assign(reason=table["reason"].where(~known, NONE_SAFE))


def choose(results: Results, saved: Saved, level: str = "") -> Choice:
    """The slider, and what it means for the query; ``level`` as the bar above has it."""
    curve, summary = results.table("coverage"), results.run.summary
    start = saved.rate if saved.rate is not None else float(summary["false_reject_rate"])
    with show.card(key="refuse", gap=6):
        key = f"refuse-rate-{results.run.directory.name}"
        shown = st.session_state.get(key, round(100 * cut_at(curve, start).rate))
        with st.container(key="slider-refuse", gap=None):
            st.html(f'<div class="cd-slider-value" aria-hidden="true">{shown} %</div>')
            told = " ".join([RATE_HELP, whole_query.remark(results, results.table("annotation"))])
            percent = st.slider(
                "Known cells wrongly refused, at most", 0, MOST_REFUSED, shown, 1, "%d %%", key=key, help=told
            )
        choice = Choice(results, cut_at(curve, percent / 100), level)
        labelled, n = int(choice.shown["assigned"].sum()), len(choice.shown)
        why = f"({whole_query.expected(results, choice.annotation, choice.cut)})"
        if level == SAFE:
            why = f"({int((~choice.annotation['assigned']).sum()):,} of them unlike the reference)"
        numbers = {
            "Labelled": f"**{labelled:,} cells, {100 * labelled / n:.1f} %**",
            "Not assigned": f"**{n - labelled:,} cell{'s' * (n - labelled != 1)}** {why}",
            "Probability is off by": _off_by(choice),
            **_further(choice),
        }
        show.key_values(numbers)
    return choice


def curve(choice: Choice) -> None:
    """How many labels are right on held-out reference cells when only so many cells get one."""
    results, cut = choice.results, choice.cut
    support = int(results.table("per_type")["support"].sum())
    held_out = min(support, KEPT_HELD_OUT)
    told, finest = results.table("coverage"), levels.names(results)[-1:]
    if choice.level and results.has("level_coverage"):
        told = results.table("level_coverage")
        told = told.loc[told["level"] == choice.level].drop(columns="level")
        cut = cut_at(told, cut.rate)
    table = with_band(told, held_out)
    fig = coverage_curve(
        table.loc[table["coverage"] >= min(LEAST_COVERAGE, cut.coverage), :],
        theme.current(),
        labelled=cut.coverage,
        right=cut.accuracy,
    )
    height = CURVE_HEIGHT - FACT_HEIGHT * len(_further(choice)) - (levels.HEIGHT if choice.level else 0)
    measured = f", {finest[0]}" if finest and told is results.table("coverage") else ""
    with show.card(
        "How many cells to label",
        help="Cells of the reference that were kept apart while training. The band is the 95 % range of the share.",
        subtitle=f"{_held_out_cells(support)}{measured}",
    ):
        show.figure(fig, "coverage", table=table, height=height, alt="Share of right labels by share of labelled cells")


def _held_out_cells(n: int) -> str:
    return "Held-out reference cells" if n <= KEPT_HELD_OUT else f"A sample, {KEPT_HELD_OUT:,} of {n:,} held-out cells"


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
            height=HEIGHT - LEGEND_ROW * _further_rows(colour) - (levels.HEIGHT if choice.level else 0),
        )


def _colouring(choice: Choice, slot) -> Colouring:
    results = choice.results
    own = [
        str(name) for name in results.obs if not keys.is_own(str(name)) and colouring.shown(results.column(str(name)))
    ]
    votes = ["Votes"] if results.has("votes") else []
    ways = ["Label", "Probability", *votes, "Open-set score", *([COLUMN] if own else [])]
    column = slot.empty()
    way = slot.segmented_control(
        "Colour", ways, default="Label", required=True, label_visibility="collapsed", key=COLOUR
    )
    if way == "Label":
        shades = run_colours(results, theme.current())
        return Colouring("Label", choice.labels, f"label/{choice.level}/{choice.cut.rate}", shades)
    if way == "Probability" and choice.level:
        sure = pd.Series(choice.shown["probability"].to_numpy(), choice.shown.index)
        return Colouring("Probability", sure, f"probability/{choice.level}")
    if way == "Votes":
        return colouring.column(results, keys.VOTE_FRACTION)
    if way == COLUMN:
        name = column.selectbox("Column", own, label_visibility="collapsed", width=130, key="query-column")
        return colouring.column(results, str(name))
    return colouring.column(results, keys.PROBABILITY if way == "Probability" else keys.OPEN_SET_SCORE)


def _further_rows(colour: Colouring) -> int:
    """Rows that the legend is likely to need beyond the two that fit."""
    if colour.numeric:
        return 0
    rows, used = 1, 0
    for name in colour.values.astype("category").cat.categories:
        wide = LEGEND_MARK + round(LETTER * len(str(name)))
        rows, used = (rows + 1, wide) if used and used + wide > LEGEND_WIDTH else (rows, used + wide)
    return max(rows - 2, 0)


def results_at(choice: Choice, name: str, column: str = "cell_type") -> pd.DataFrame:
    """A table of the run by level, its rows for the labels shown."""
    return of_level(choice.results.table(name), choice.shown, choice.level, column)


def _off_by(choice: Choice) -> str:
    error = choice.results.run.summary["calibration"]
    if choice.level in ("", SAFE, *levels.names(choice.results)[-1:]):
        before = f" ({100 * error['error_before']:.1f} % before calibration)"
        return f"**{100 * error['error_after']:.1f} % on average**{before}"
    return f"**{100 * levels.error(choice.results, choice.level):.1f} % on average**"


def _further(choice: Choice) -> dict[str, str]:
    """What only some runs have: how deep labels are, what a vote changed, and whether the query's own labels agree."""
    facts: dict[str, str] = {}
    table, summary = choice.shown, choice.results.run.summary
    if choice.level == SAFE:
        depth = table.loc[table["assigned"], "level"].value_counts()
        counts = [f"{depth.get(name, 0):,} at {name}" for name in reversed(levels.names(choice.results))]
        facts["Labels at each level"] = f"**{', '.join(counts)}**"
    if "changed_by_vote" in summary:
        changed = int(summary["changed_by_vote"])
        facts["Changed by the vote"] = f"**{changed:,} cells, {100 * changed / len(table):.1f} %**"
    return facts | whole_query.facts(choice.results, choice.annotation, choice.cut) | _own_labels(choice)


def _own_labels(choice: Choice) -> dict[str, str]:
    """Agreement with the query's own labels: on all cells, with the share that keeps a label beside it."""
    run, table = choice.results.run, choice.shown
    name = run.spec.data.query.label_column if run.spec.data.query else None
    if name not in choice.results.obs or choice.level == SAFE:
        return {}
    own = choice.results.obs[name].astype(str).to_numpy()
    types = list(run.summary["classes"])
    if choice.level:
        types = list(results_at(choice, "level_per_type")["cell_type"])
    try:
        found = agreement(own, table["cell_type"].to_numpy(), types, table["assigned"].to_numpy())
    except DataError:
        return {f"Own labels, {name}": "no type in common with the reference"}
    row = found.iloc[0]
    shared = int(row["cells_of_shared_types"])
    of = "all cells" if shared == row["cells"] else f"{shared:,} cells"
    words = f"**{100 * row['accuracy']:.1f} % of {of}**"
    if row["coverage"] > 0:
        words += f" ({100 * row['accuracy_assigned']:.1f} % of the {100 * row['coverage']:.1f} % labelled)"
    title = f"As in its own column {name}" if shared == row["cells"] else f"As in {name}, shared types"
    return {title: words}
