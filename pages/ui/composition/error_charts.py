"""The charts of the Errors view: spread, expected against predicted, Bland-Altman, mean error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from core.composition.agreement import LOG_OFFSET, By, agreement, error_summary
from core.figures.agreement import expected_against_predicted
from core.figures.agreement_panels import expected_panels
from core.figures.bland_altman import bland_altman
from core.figures.errors import error_bars, error_distribution
from pages.ui import show, theme

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

HEIGHT = 544
PLOT_WIDTH = 640
"""Pixels that a chart is likely to be wide."""
MOST_PANELS = 15
MANY = 2000
"""Rows from which a density says more than dots."""
SPREAD, EXPECTED, BLAND_ALTMAN, MEAN = "Spread", "Expected", "Bland–Altman", "Mean error"


@dataclass(frozen=True)
class Group:
    """What rows are grouped by: its words on a button, on an axis and in the head of a table."""

    button: str
    title: str
    axis: str = ""


GROUPS: dict[By, Group] = {
    "cell_type": Group("By type", "Cell type"),
    "nCellTypes": Group("By number of types", "Types", "Cell types in a sample"),
    "pBin": Group("By share", "Share up to", "True share, upper end of its tenth"),
}


@dataclass(frozen=True)
class Error:
    """One measure of error: its words, the title of its axis and what it is multiplied by there."""

    words: str
    axis: str
    scale: float


ERRORS = {
    "AbsErr": Error("Absolute", "absolute error (points)", 100),
    "ppAbsErr": Error("Absolute / share", "absolute error over the share's tenth", 1),
    "SqrErr": Error("Squared", "squared error (points²)", 10_000),
    "ppSqrErr": Error("Squared / share²", "squared error over the share's tenth, squared", 1),
}


@dataclass(frozen=True)
class Judged:
    """What is looked at.

    Attributes
    ----------
    source
        Name of the run's table.
    true
        What its true shares are, in a word: measured or true.
    table
        All of it: a row for each sample and type, with shares and errors.
    rows
        Those that are looked at.
    by
        Column of the groups.
    colours
        Of the types.
    """

    source: str
    true: str
    table: pd.DataFrame
    rows: pd.DataFrame
    by: By
    colours: Mapping[str, str]

    @property
    def real(self) -> bool:
        """Whether these are real samples."""
        return self.source == "measured"


def card(judged: Judged) -> None:
    """The chart that is chosen, with the controls that it has."""
    with show.card("Error by group", key="errors-chart") as panel:
        with panel.actions:
            shown = st.segmented_control(
                "Chart",
                [SPREAD, EXPECTED, BLAND_ALTMAN, MEAN],
                default=SPREAD,
                required=True,
                label_visibility="collapsed",
                key="errors-shown",
            )
        if judged.rows.empty:
            show.text("Nothing is left to draw. Switch on pure samples above.", muted=True)
            return
        draw = {SPREAD: _spread, EXPECTED: _expected, BLAND_ALTMAN: _bland_altman, MEAN: _mean}[str(shown)]
        draw(judged)


def _error_box() -> str:
    return st.segmented_control(
        "Error",
        list(ERRORS),
        default="AbsErr",
        required=True,
        format_func=lambda name: ERRORS[name].words,
        help="Absolute: |predicted − true| (AbsErr). Squared: its square (SqrErr). Over the share: divided by the "
        "upper end of the tenth that the true share lies in (ppAbsErr), or by its square (ppSqrErr), so that rare "
        "types count.",
        label_visibility="collapsed",
        key="errors-error",
    )


def _spread(judged: Judged) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap=12):
        error = _error_box()
        shape = st.segmented_control(
            "Shape",
            ["Violin", "Box"],
            default="Violin",
            required=True,
            label_visibility="collapsed",
            key="errors-shape",
        )
    figure = error_distribution(
        judged.rows,
        theme.current(),
        by=judged.by,
        error=error,
        title=_capital(ERRORS[error].axis),
        box=shape == "Box",
        scale=ERRORS[error].scale,
        group_title=GROUPS[judged.by].axis,
        colours=judged.colours,
    )
    show.figure(
        figure, f"errors_{judged.source}", table=judged.rows, height=HEIGHT, alt="Spread of errors", key="errors-spread"
    )


def _mean(judged: Judged) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap=12):
        error = _error_box()
        spread = st.segmented_control(
            "Bars",
            ["se", "sd"],
            default="se",
            required=True,
            format_func={"se": "± standard error", "sd": "± standard deviation"}.__getitem__,
            label_visibility="collapsed",
            key="errors-bars",
        )
    summary = error_summary(judged.rows, judged.by)
    part = summary.loc[summary["error"] == error, :]
    if judged.by == "cell_type":
        part = part.set_index("cell_type").loc[list(dict.fromkeys(judged.rows["cell_type"]))].reset_index()
    figure = error_bars(
        part,
        theme.current(),
        by=judged.by,
        spread="se" if spread == "se" else "sd",
        title=f"Mean {ERRORS[error].axis}",
        scale=ERRORS[error].scale,
        group_title=GROUPS[judged.by].axis,
        colours=judged.colours,
    )
    show.figure(
        figure,
        f"mean_errors_{judged.source}",
        table=summary,
        height=HEIGHT,
        alt="Mean error of each group",
        key="errors-mean",
    )


def _expected(judged: Judged) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap=12):
        facets = st.segmented_control(
            "Panels",
            ["One chart", "One for each group"],
            default="One chart",
            required=True,
            label_visibility="collapsed",
            key="errors-facets",
        )
    rows = judged.rows.rename(columns={"proportion": "expected"})
    words = "Measured share" if judged.real else "True share"
    if facets == "One chart":
        figure = expected_against_predicted(
            rows,
            theme.current(),
            title=_in_words(agreement(judged.rows).iloc[0]),
            colours=judged.colours,
            measured_by=words,
            width=PLOT_WIDTH,
        )
    else:
        figure = _panels(judged, rows, words)
    show.figure(
        figure,
        f"expected_against_predicted_{judged.source}",
        table=rows,
        height=HEIGHT,
        alt="Predicted against true shares",
        key="errors-expected",
    )


def _panels(judged: Judged, rows: pd.DataFrame, words: str) -> go.Figure:
    scores = agreement(judged.rows, judged.by).iloc[1:].set_index(judged.by)
    groups = [str(name) for name in scores.index[:MOST_PANELS]]
    if len(scores) > MOST_PANELS:
        show.text(f"The first {MOST_PANELS} of {len(scores)} groups; the table has all.", muted=True)
    said = {str(name): _in_words(row) for name, row in scores.iterrows()}
    names = {}
    if judged.by == "nCellTypes":
        names = {name: f"{name} {'type' if name == '1' else 'types'}" for name in groups}
    if judged.by == "pBin":
        names = {name: f"up to {100 * float(name):.0f} %" for name in groups}
    return expected_panels(
        rows,
        theme.current(),
        by=judged.by,
        groups=groups,
        words=said,
        names=names,
        colours=judged.colours,
        measured_by=words,
    )


def _bland_altman(judged: Judged) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap=12):
        scale = st.segmented_control(
            "Scale",
            ["Shares", "log2"],
            default="Shares",
            required=True,
            label_visibility="collapsed",
            key="errors-scale",
        )
        marks = st.segmented_control(
            "Marks",
            ["Dots", "Density"],
            default="Density" if len(judged.rows) > MANY else "Dots",
            required=True,
            label_visibility="collapsed",
            key=f"errors-marks-{judged.source}",
        )
    rows = judged.rows.rename(columns={"proportion": "expected"})
    figure = bland_altman(
        rows,
        theme.current(),
        colours=judged.colours,
        measured_by=judged.true,
        log_offset=LOG_OFFSET if scale == "log2" else None,
        density=marks == "Density",
        width=PLOT_WIDTH,
    )
    show.figure(
        figure,
        f"bland_altman_{judged.source}",
        table=rows,
        height=HEIGHT,
        alt="Difference against mean",
        key="errors-ba",
    )


def _in_words(scores: pd.Series) -> str:
    """Correlation and concordance, each left out where it cannot be told because nothing varies."""
    known = [f"{name} {scores[name]:.2f}" for name in ("r", "CCC") if scores[name] == scores[name]]
    return ", ".join(known).replace("-", "−")


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
