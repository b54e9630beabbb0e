"""Curves of a run over its epochs, and the health of the code's units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from core.figures.curves import TERM_TITLES, loss_curves, loss_terms
from core.figures.units import STATES, unit_health
from core.results import Results
from core.runs import history
from core.runs.run import Run
from core.runs.status import Status
from core.specs import RunSpec
from pages.ui import session, show, theme
from pages.ui.runs import read

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from core.figures.tokens import Theme

SCALES = ("Linear", "Log")
SQUARES = 256
"""Width of the grid of units in pixels."""
WAITING = "No epoch is finished."
CURVE, SCALE, SMOOTHING, HEALTH = "run.curve", "run.scale", "run.smoothing", "run.health"
TITLES = {
    "loss": "Total loss",
    **TERM_TITLES,
    "accuracy": "Accuracy",
    "macro_f1": "Macro F1",
    "proportion_mae": "Error of proportions",
    "proportion_ccc": "Concordance of proportions",
    "learning_rate": "Learning rate",
    "gradient_norm": "Gradient size",
    "cells_per_second": "Cells per second",
}
HELP = {
    "loss": "What training makes small; the sum of the terms.",
    "accuracy": "Share of labelled cells whose type is called right.",
    "macro_f1": "Mean F1 over the cell types, each counting alike.",
    "proportion_mae": "Mean absolute difference from the true proportions.",
    "proportion_ccc": "Lin's concordance with the true proportions; 1 is perfect.",
    "learning_rate": "Size of the last step of each epoch.",
    "gradient_norm": "Length of the gradient, the mean over steps of the epoch.",
    "cells_per_second": "Cells trained on, per second. The peak is what the matrix products alone would allow.",
}
AXES = {"loss": "Loss per cell", **dict.fromkeys(TERM_TITLES, "Loss per cell")}
Epochs = Sequence[Mapping[str, Any]]


def of_network(run: Run, epochs: Epochs) -> list[Mapping[str, Any]]:
    """The epochs of the network that is looked at; of the last one trained where none was chosen."""
    return history.chosen(epochs, history.stage_shown(epochs), session.kept(f"run.member.{run.directory.name}"))


def curves(run: Run, status: Status, epochs: Epochs, overlaid: Sequence[Run], height: int) -> None:
    """The chosen value of the run over its epochs, with the ticked runs over it, ``height`` pixels high."""
    stage, shown = history.stage_shown(epochs), of_network(run, epochs)
    names = history.curves(shown)
    name = session.kept(CURVE, "loss")
    name = name if name in names else "loss"
    with show.card(title(name), subtitle=stage, help=HELP.get(name), key="total-loss") as panel:
        with panel.actions:
            _scale()
            with st.popover("Curve", key="run-smooth"):
                _network_box(run, epochs, stage)
                _choices(names, name)
        if not shown:
            _waiting(height)
            return
        best, others = history.best_epoch(shown), [(read.name(other), _of(other)) for other in overlaid]
        tables = [history.curve(history.thinned(part), name) for part in (shown, *(part for _, part in others))]
        table = tables[0]
        if others:
            called = [read.name(run), *(other for other, _ in others)]
            table = pd.concat([part.assign(run=word) for part, word in zip(tables, called, strict=True)])
        measured = read.measured(run)
        peak = measured.peak if measured and name == "cells_per_second" else None
        figure = loss_curves(
            table,
            theme.current(),
            log=is_log(),
            smoothing=smoothing(),
            epochs=status.epochs if status.active and not others else None,
            best=int(best["number"]) if best and not others else None,
            value=name,
            y_title=AXES.get(name, title(name)),
            level=(peak, f"peak {peak:,.0f}") if peak else None,
        )
        show.figure(figure, "loss", table=table, height=height, alt=f"{title(name)} in each epoch")


def title(name: str) -> str:
    """A value of an epoch in words."""
    return TITLES.get(name, name.replace("_", " ").capitalize())


def loss_parts(spec: RunSpec, epochs: Epochs, height: int) -> None:
    """Each term of the loss beside the others, ``height`` pixels high."""
    table = history.terms(history.thinned(epochs), list(spec.objective.terms))
    if table.empty:
        _waiting(height)
        return
    figure = loss_terms(table, theme.current(), weights=spec.objective.terms, log=is_log(), smoothing=smoothing())
    show.figure(figure, "loss-terms", table=table, height=height, alt="Each term of the loss in each epoch")


def health(run: Run, spec: RunSpec, epochs: Epochs) -> None:
    """A square for each code unit, and what to do about those that do nothing."""
    units = len(Results(run).unit_sets) or spec.network.code_units
    with show.card(
        "Unit health",
        help="A silent unit gives every cell the same value; a saturated one lies at a bound in nearly all of them.",
        subtitle=f"{units:,} units of the code",
        height="content",
    ):
        if not epochs:
            show.text(WAITING, muted=True)
            return
        colours, table = theme.current(), history.unit_states(epochs[-1], units)
        show.figure(_squares(table, colours), "units", table=table, alt="State of each code unit")
        counts = table["state"].value_counts()
        marks = (f"<span>{show.swatch(getattr(colours, s))}{counts.get(s, 0)} {s}</span>" for s in STATES)
        st.html(f'<div class="cd-legend">{"".join(marks)}</div>')
        show.text(history.unit_advice(epochs[-1], units), muted=True)


def _squares(table: pd.DataFrame, colours: Theme) -> go.Figure:
    """The grid of units; kept in this tab until a unit changes its state, as it seldom does."""
    key = (colours.name, tuple(table["state"]))
    known, figure = session.kept(HEALTH, (None, None))
    if known == key:
        return figure
    columns = 16 if len(table) <= 64 else 32 if len(table) <= 512 else 64
    figure = unit_health(table, colours, columns=columns)
    height = -(-len(table) // columns) * max(SQUARES // columns, 1)
    figure.update_layout(showlegend=False, margin={"b": 0}, height=height)
    session.keep(HEALTH, (key, figure))
    return figure


def is_log() -> bool:
    """Whether values are drawn on a logarithmic axis."""
    return session.kept(SCALE, SCALES[0]) == "Log"


def smoothing() -> float:
    """0 for none to below 1 for much."""
    return float(session.kept(SMOOTHING, 0.0))


def _waiting(height: int) -> None:
    """A sentence as high as the chart that will take its place."""
    with st.container(height=height, border=False):
        show.text(WAITING, muted=True)


def _of(run: Run) -> list[Mapping[str, Any]]:
    epochs = read.epochs(run)
    return history.chosen(epochs, history.stage_shown(epochs))


def _network_box(run: Run, epochs: Epochs, stage: str) -> None:
    """Which of several networks is shown."""
    networks = history.members(epochs, stage)
    if len(networks) < 2:
        return
    name, key = f"run.member.{run.directory.name}", f"run-member-{run.directory.name}"
    st.session_state[key] = session.kept(name, networks[-1])
    st.selectbox(
        "Network",
        networks,
        format_func=lambda number: f"Network {number + 1}",
        key=key,
        on_change=lambda: session.keep(name, st.session_state[key]),
    )


def _scale() -> None:
    """Linear or log; the choice outlives the redrawing part of the page, which may lose the state of its widgets."""
    st.session_state[SCALE] = session.kept(SCALE, SCALES[0])
    st.segmented_control(
        "Scale",
        SCALES,
        key=SCALE,
        label_visibility="collapsed",
        required=True,
        on_change=lambda: session.keep(SCALE, st.session_state[SCALE]),
    )


def _choices(names: Sequence[str], now: str) -> None:
    """Which value is drawn, and how smooth."""
    st.session_state[CURVE] = now
    st.session_state[SMOOTHING] = smoothing()
    st.selectbox(
        "Value",
        names,
        format_func=title,
        key=CURVE,
        help="What is drawn over the epochs, of this run and of those ticked below.",
        on_change=lambda: session.keep(CURVE, st.session_state[CURVE]),
    )
    st.slider(
        "Smoothing",
        0.0,
        0.95,
        step=0.05,
        key=SMOOTHING,
        help="Each value is averaged with those before it. The values as they are stay visible behind.",
        on_change=lambda: session.keep(SMOOTHING, st.session_state[SMOOTHING]),
    )
