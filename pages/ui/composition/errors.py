"""Errors: how far predicted shares lie from measured ones, or from those of simulated mixtures."""

from __future__ import annotations

from functools import partial

import streamlit as st

from core.composition.agreement import ALL_TYPES, By, agreement, mean_type_r, without_pure
from core.composition.floor import constant_floor
from core.tasks.colours import run_colours
from pages.ui import show, theme
from pages.ui.composition import error_charts as charts
from pages.ui.composition import methods
from pages.ui.composition.desk import Desk
from pages.ui.composition.error_charts import GROUPS, Judged

SOURCES = {
    "measured": ("Measured samples", "measured"),
    "test_mixtures": ("Test mixtures", "true"),
    "even_mixtures": ("Even mixtures", "true"),
}
"""Tables of a run that hold true and predicted shares: what they are called, and what the true share is."""
SOURCE_HELP = (
    "Measured samples: the bulk samples whose shares somebody measured. Test mixtures: simulated like those that the "
    "network learned from, of cells it never saw. Even mixtures: simulated alike for every recipe, so that runs can be "
    "compared."
)
TABLE_HEIGHT = 464
MOST_SAMPLES = 200
"""Rows of the table by sample, the worst first."""
SCORES_HELP = (
    "r: Pearson's correlation. CCC: concordance, 1 where predicted equals true. MAE: mean absolute error. RMSE: root "
    "of the mean squared error. Bias: mean of predicted minus true. These three are in points. n: pairs of sample and "
    "type."
)
POINTS, CORRELATIONS = ("MAE", "RMSE", "bias"), ("r", "CCC")
SCORES = {
    "r": show.Column("r", "number", ".2f"),
    "CCC": show.Column("CCC", "number", ".2f"),
    "MAE": show.Column("MAE", "number", ".1f"),
    "RMSE": show.Column("RMSE", "number", ".1f"),
    "bias": show.Column("Bias", "number", "+.1f"),
    "n": show.Column("n", "number"),
}


def view(desk: Desk) -> None:
    """Draw the view."""
    if not any(desk.results.has(name) for name in SOURCES):
        show.empty("Nothing to judge the shares by", methods.WITHOUT, page="data")
        return
    judged = _asked(desk)
    left, right = st.columns([720, 452], gap=12)
    with left:
        charts.card(judged)
    with right:
        _scores(judged, desk.name)
    show.note(_reading(judged))


def _asked(desk: Desk) -> Judged:
    """What is judged, as the row of controls says."""
    results = desk.results
    present = [name for name in SOURCES if results.has(name)]
    with (
        show.card(key="errors-asked", height="content"),
        st.container(horizontal=True, vertical_alignment="center", gap=16),
    ):
        source = st.segmented_control(
            "Judged on",
            present,
            default=present[0],
            required=True,
            format_func=lambda name: SOURCES[name][0],
            help=SOURCE_HELP,
            label_visibility="collapsed",
            key=f"errors-source-{desk.name}",
        )
        by: By = st.segmented_control(
            "Groups",
            list(GROUPS),
            default="cell_type",
            required=True,
            format_func=lambda name: GROUPS[name].button,
            label_visibility="collapsed",
            key="errors-by",
        )
        pure = st.toggle(
            "With pure samples and absent types",
            value=True,
            key="errors-pure",
            help="Off: only pairs of a sample and a type whose true share lies between 0 and 1, both excluded.",
        )
    table = results.table(str(source)).reset_index()
    kept = table if pure else without_pure(table)
    shades = run_colours(results, theme.current())
    return Judged(str(source), SOURCES[str(source)][1], table, kept.reset_index(drop=True), by, shades)


def _scores(judged: Judged, name: str) -> None:
    """Agreement group by group, or sample by sample."""
    with show.card("Agreement", help=SCORES_HELP, subtitle=_size(judged)) as card:
        with card.actions:
            rows = st.segmented_control(
                "Rows",
                ["Groups", "Samples"],
                default="Groups",
                required=True,
                label_visibility="collapsed",
                key="errors-rows",
            )
        if judged.rows.empty:
            show.text("Every sample is pure: nothing lies between 0 and 1.", muted=True)
            return
        by: By = judged.by if rows == "Groups" else "sample"
        scores = agreement(judged.rows, by)
        shown = scores
        if by == "sample":
            shown = scores.sort_values("MAE", ascending=False, kind="stable").head(MOST_SAMPLES)
        first = show.Column(
            "Sample" if by == "sample" else GROUPS[by].title,
            "swatch" if by == "cell_type" else "text",
            colours=judged.colours,
        )
        # adding zero drops the sign of -0.0
        rounded = {name: (100 * shown[name]).round(1) + 0.0 for name in POINTS}
        rounded |= {name: shown[name].round(2) + 0.0 for name in CORRELATIONS}
        show.table(
            shown.replace({by: {ALL_TYPES: "All"}}).assign(**rounded),
            {by: first, **SCORES},
            key=f"errors-scores-{name}-{judged.source}-{by}",
            height=TABLE_HEIGHT,
        )
        st.download_button(
            f"Save all {len(scores):,} rows as CSV",
            partial(scores.to_csv, index=False),
            f"agreement_by_{by}.csv",
            "text/csv",
            type="tertiary",
            on_click="ignore",
            key="errors-save",
        )
        show.key_values(
            {
                "CCC of one answer for every sample (floor)": f"{constant_floor(judged.table):.2f}",
                "r within types, mean; 0 for one answer": f"{mean_type_r(judged.table):.2f}",
            }
        )


def _size(judged: Judged) -> str:
    n = judged.rows["sample"].nunique()
    return f"{n:,} {'sample' if n == 1 else 'samples'}, {judged.rows['cell_type'].nunique()} types"


def _reading(judged: Judged) -> str:
    """What the numbers mean, with those of this table."""
    floor, within = constant_floor(judged.table), mean_type_r(judged.table)
    pooled = float(agreement(judged.table)["CCC"].iloc[0])
    words = (
        f"**How to read this.** CCC over all types is {pooled:.2f}; one and the same answer for every sample would "
        f"already score {floor:.2f}. Within each type r is {within:.2f} on average; a constant scores 0 there."
    ).replace("-0.", "−0.")
    if judged.real:
        return f"{words} Only types measured under the reference's names are judged, scaled to sum to one."
    return (
        f"{words} **Simulated mixtures are easier than real samples**: they are made of cells of the same reference, "
        "so expect larger errors on your own bulk."
    )
