"""Weights of the orthogonality penalty tried one after another, in a process that outlives the page."""

from __future__ import annotations

import streamlit as st

from core.errors import AppError
from core.figures.code_checks import sweep_curves
from core.tasks import check_words as words
from core.tasks import sweep, sweep_worker
from core.tasks.sweep import Sweep
from pages.ui import session, show, theme
from pages.ui.explore.codes_desk import Desk
from pages.ui.watch import watch

HEIGHT, TABLE = 272, 150
CURVES = {"norm": "Norm of the code", "validation_loss": "Validation loss", "off_orthonormal": "Weights off by"}
HELP = (
    "The same network is trained for a few epochs with each weight of the penalty, from the same start. Over: how far "
    "the validation loss is above that without the penalty, as a share of the latter's distance to the lowest loss "
    "that any network could have; the zero of a Poisson loss means nothing. Chosen: the largest weight that is over by "
    "1 % at most. Faster: by how much more the norm falls per epoch, over epochs 1 to 5, than without the penalty."
)
COLUMNS = {
    "weight": show.Column("Weight", "number", "g"),
    "fall": show.Column("Norm falls", "number", ".3g", help="Per epoch, over epochs 1 to 5; below 0 it rises."),
    "extra": show.Column("Faster", "number", help="A dash where the norm does not fall without the penalty."),
    "above": show.Column("Over", "number"),
    "off_orthonormal": show.Column("Off by", "number", ".2g"),
    "likeness": show.Column("|r|", "number", ".2f", help="Mean of two units over cells."),
}


def card(at: Desk) -> None:
    """The card with the sweep, its button, or how far it is."""
    folder, kept = sweep.folder_of(at.run), sweep.stored(at.run, at.checks)
    active = folder.status_path.exists() and folder.status.active
    subtitle = "" if kept is None else f"{int(kept.epochs['epoch'].max())} epochs each"
    with show.card("What would another weight do?", help=HELP, subtitle=subtitle) as panel:
        value = "norm"
        if kept is not None and not active:
            value = panel.actions.selectbox(
                "Shown",
                list(CURVES),
                format_func=CURVES.__getitem__,
                label_visibility="collapsed",
                width=160,
                key="sweep-value",
            )
        with panel.actions:
            _buttons(at, kept, active)
        if active:
            watch(lambda: _progress(at), lambda: folder.status.active)
        elif kept is not None:
            _drawn(kept, str(value))
        else:
            _progress(at)
            number = 1 + len(at.checks.weights)
            why = sweep.refusal(at.run)
            show.text(
                why
                or f"Trains this network {number} times for {at.checks.epochs} epochs, in the background: without the "
                f"penalty and with a weight of {', '.join(f'{weight:g}' for weight in at.checks.weights)}.",
                muted=True,
            )


def _buttons(at: Desk, kept: Sweep | None, active: bool) -> None:
    folder = sweep.folder_of(at.run)
    if active:
        if st.button("Stop", icon=":material/stop:", key="sweep-stop", disabled=folder.stop_requested):
            folder.request_stop()
            st.rerun()
        return
    disabled = kept is not None or bool(sweep.refusal(at.run))
    if st.button("Try the weights", icon=":material/play_arrow:", key="sweep-start", disabled=disabled):

        def begin() -> bool:
            sweep_worker.launch(at.run, at.checks)
            return True

        if session.attempt(begin):
            st.rerun()


def _progress(at: Desk) -> None:
    folder = sweep.folder_of(at.run)
    if not folder.status_path.exists():
        return
    status = folder.status
    if status.active:
        share = status.epoch / status.epochs if status.epochs else 0.0
        show.progress(status.phase or "Starting", share, f"{status.epoch} of {status.epochs}")
    elif status.state == "failed" and status.error:
        show.error(AppError(status.error["what"], status.error["value"], status.error["remedy"]))
    elif status.state in ("stopped", "lost"):
        show.note(f"It was {'stopped' if status.state == 'stopped' else 'cut off'} at: {status.phase or 'the end'}.")


def _drawn(kept: Sweep, value: str) -> None:
    left, right = st.columns([1, 1.1], gap=12)
    with left:
        figure = sweep_curves(kept.epochs, theme.current(), value=value, title=CURVES[value])
        alt = f"{CURVES[value]} in each epoch, for each weight"
        show.figure(figure, f"sweep_{value}", table=kept.epochs, height=HEIGHT, alt=alt, key="sweep")
    with right:
        rows = [
            {
                **row,
                "extra": "–" if row["extra"] != row["extra"] else words.signed_percent(float(row["extra"]), 0),
                "above": words.signed_percent(float(row["above"]), 2),
            }
            for row in kept.weights.to_dict("records")
        ]
        chosen = [number for number, row in enumerate(rows) if row["chosen"]]
        best = {"weight": chosen[0]} if chosen else {}
        show.table(rows, COLUMNS, key="sweep-table", height=TABLE, best=best)
        show.text(words.sweep_words(kept.weights))
