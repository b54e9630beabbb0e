"""Loss curves: the total, each term, and the health of the code's units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from core.figures.curves import loss_curves, loss_terms
from core.figures.units import STATES, unit_health
from core.runs import history
from core.runs.run import Run
from core.runs.status import Status
from core.specs import RunSpec
from pages.ui import session, show, theme

SCALES = ("Linear", "Log")
SQUARES = 256
"""Width of the grid of units in pixels."""
WAITING = "No epoch is finished."
Epochs = Sequence[Mapping[str, Any]]


def of_network(run: Run, epochs: Epochs) -> list[Mapping[str, Any]]:
    """The epochs of the network that is looked at; of the last one trained where none was chosen."""
    return history.chosen(epochs, history.stage_shown(epochs), session.kept(f"run.member.{run.directory.name}"))


def total_loss(run: Run, status: Status, epochs: Epochs, overlaid: Sequence[Run], height: int) -> None:
    """The total loss of the run, with the ticked runs over it, ``height`` pixels high."""
    stage = history.stage_shown(epochs)
    with show.card("Total loss", subtitle=stage, help="What training makes small; the sum of the terms.") as panel:
        with panel.actions:
            _network_box(run, epochs, stage)
            log = _remembered("run.scale", SCALES[0]) == "Log"
            smoothing = _smoothing()
        shown = of_network(run, epochs)
        if not shown:
            _waiting(height)
            return
        best = history.best_epoch(shown)
        table = history.losses(shown)
        others = [history.losses(_of(other)).assign(run=other.name) for other in overlaid]
        if others:
            table = pd.concat([table.assign(run=run.name), *others])
        figure = loss_curves(
            table,
            theme.current(),
            log=log,
            smoothing=smoothing,
            epochs=status.epochs if status.active and not others else None,
            best=int(best["number"]) if best and not others else None,
        )
        show.figure(figure, "loss", table=table, height=height, alt="Total loss in each epoch")


def loss_parts(spec: RunSpec, epochs: Epochs, height: int) -> None:
    """Each term of the loss beside the others, ``height`` pixels high."""
    with show.card("Loss terms", subtitle="Each before its weight.", help="The total is their weighted sum."):
        table = history.terms(epochs, list(spec.objective.terms))
        if table.empty:
            _waiting(height)
            return
        figure = loss_terms(table, theme.current(), weights=spec.objective.terms)
        show.figure(figure, "loss-terms", table=table, height=height, alt="Each term of the loss in each epoch")


def health(spec: RunSpec, epochs: Epochs) -> None:
    """A square for each code unit, and what to do about those that do nothing."""
    units = spec.network.code_units
    with show.card(
        "Unit health",
        help="A silent unit gives every cell the same value; a saturated one lies at a bound in nearly all of them.",
        subtitle=f"{units:,} units of the code",
        height="content",
    ):
        if not epochs:
            show.text(WAITING, muted=True)
            return
        columns = 16 if units <= 128 else 32 if units <= 512 else 64
        table = history.unit_states(epochs[-1], units)
        colours = theme.current()
        figure = unit_health(table, colours, columns=columns)
        figure.update_layout(showlegend=False, margin={"b": 0})
        height = -(-units // columns) * max(SQUARES // columns, 1)
        show.figure(figure, "units", table=table, height=height, alt="State of each code unit")
        counts = table["state"].value_counts()
        marks = (f"<span>{show.swatch(getattr(colours, s))}{counts.get(s, 0)} {s}</span>" for s in STATES)
        st.html(f'<div class="cd-legend">{"".join(marks)}</div>')
        show.text(history.unit_advice(epochs[-1], units), muted=True)


def _waiting(height: int) -> None:
    """A sentence as high as the chart that will take its place."""
    with st.container(height=height, border=False):
        show.text(WAITING, muted=True)


def _of(run: Run) -> list[Mapping[str, Any]]:
    epochs = run.epochs()
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
        width=120,
        label_visibility="collapsed",
        on_change=lambda: session.keep(name, st.session_state[key]),
    )


def _remembered(name: str, default: str) -> str:
    """A choice that outlives the redrawing part of the page, which may lose the state of its widgets."""
    st.session_state[name] = session.kept(name, default)
    st.segmented_control(
        "Scale",
        SCALES,
        key=name,
        label_visibility="collapsed",
        required=True,
        on_change=lambda: session.keep(name, st.session_state[name]),
    )
    return st.session_state[name]


def _smoothing() -> float:
    name = "run.smoothing"
    st.session_state[name] = session.kept(name, 0.0)
    with st.popover("Smooth", key="run-smooth"):
        st.slider(
            "Smoothing",
            0.0,
            0.95,
            step=0.05,
            key=name,
            help="Each value is averaged with those before it. The values as they are stay visible behind.",
            on_change=lambda: session.keep(name, st.session_state[name]),
        )
    return float(st.session_state[name])
