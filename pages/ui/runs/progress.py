"""How far a run is, in words: the bar, six numbers, what was noted, what went wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from core.errors import RunError
from core.runs import history
from core.runs.measured import Measured
from core.runs.run import Run
from core.runs.status import Status
from core.specs import RunSpec
from pages.ui import show
from pages.ui.runs import head, read
from pages.ui.show import notes
from pages.ui.show.columns import formatted

TRAINING = ("Training", "Going on")
RESULT_PAGES = {
    "represent": ("embedding", "codes", "pathways"),
    "annotate": ("annotation", "embedding", "codes"),
    "deconvolve": ("composition",),
    "evaluate": ("evaluation",),
}
PEAK = (
    "Cells per second that this machine could reach if a step were its matrix products alone, measured on this network "
    "when the run began. Reading cells, activations, losses and the optimiser take the rest; sparse cells may beat it."
)
NOTE_HEIGHT = 48
END_HEIGHTS = {"failed": 88, "lost": 66}
"""Pixels of a note, and of what is said where a run did not end well, with the gap below."""
Epochs = Sequence[Mapping[str, Any]]


def progress_card(run: Run, status: Status, epochs: Epochs) -> None:
    """The bar with its words; behind a run with results, links to them."""
    text, share, remark = words(run, status, epochs)
    with (
        show.card(key="run-progress", height="content"),
        st.container(horizontal=True, vertical_alignment="center", gap=16, wrap=False, key="run-progress-row"),
    ):
        show.progress(text, share, remark)
        if run.summary_path.exists():
            for page in RESULT_PAGES[read.spec(run).task]:
                notes.link(page)


def words(run: Run, status: Status, epochs: Epochs) -> tuple[str, float, str]:
    """Text, filled share of the bar, remark."""
    done = len(history.chosen(epochs, history.stage_shown(epochs)))
    took = duration(status.finished - status.started) if status.finished and status.started else ""
    best = history.best_epoch(history.chosen(epochs, history.stage_shown(epochs)))
    kept = f"best epoch {best['number']}" if best else ""
    if status.state == "queued":
        return "Waiting for its worker", 0.0, status.phase
    if status.state != "running":
        ended = {"finished": "Finished", "stopped": "Stopped", "failed": "Failed", "lost": "Lost"}[status.state]
        share = 1.0 if status.state == "finished" else done / read.spec(run).training.epochs
        after = f" after {done} {'epoch' if done == 1 else 'epochs'}" if done else ""
        return f"{ended}{after}", share, ", ".join(part for part in (kept, took) if part)
    if not is_training(status):
        return status.phase or "Starting", 1.0 if done else 0.0, "Stopping" if run.stop_requested else ""
    which = status.phase.partition(" ")[2].removeprefix("on with ").removeprefix("the network").strip(", ")
    text = f"Epoch {status.epoch} of {status.epochs}" + (f", {which}" if which else "")
    return text, status.epoch / status.epochs, _left(run, status, epochs)


def number_cards(spec: RunSpec, status: Status, epochs: Epochs, measured: Measured | None = None) -> None:
    """Speed, its share of the machine's peak, rate, gradient, the best watched value and device."""
    now, monitor = epochs[-1] if epochs else {}, spec.training.monitor
    best = history.best_epoch(epochs)
    values = (best.get("validation") or best["train"]) if best else {}
    split = "validation" if spec.training.validation_share else "training"
    threads = spec.training.threads
    watched = monitor.replace("_", " ").replace("macro f1", "macro F1")
    share = measured.share_of_peak(now.get("cells_per_second")) if measured else None
    precision = measured.chosen if measured else spec.training.precision
    show.number_cards(
        [
            show.Number("Cells per second", _number(now.get("cells_per_second"), ",.0f")),
            show.Number(
                "Of measured peak",
                _number(share, ".0f%"),
                f"of {measured.peak:,.0f}" if measured and measured.peak and share is not None else "",
                help=PEAK,
            ),
            show.Number("Learning rate", _number(now.get("learning_rate"), ".2g"), help="Size of the last step."),
            show.Number(
                "Gradient size",
                _number(now.get("gradient_norm"), ".2g"),
                help="Length of the gradient. Values that grow from epoch to epoch ask for a lower learning rate.",
            ),
            show.Number(f"Best {split} {watched}", _number(values.get(monitor), ".4g")),
            show.Number(
                "Device",
                _device(spec, status),
                f"{threads} {'thread' if threads == 1 else 'threads'}, {precision}",
            ),
        ]
    )


def is_training(status: Status) -> bool:
    """Whether epochs went by when the worker last wrote."""
    return status.state in ("running", "lost") and status.phase.startswith(TRAINING) and status.epochs > 0


def height_of_messages(status: Status) -> int:
    """Pixels of what `messages` draws, with the gaps."""
    return NOTE_HEIGHT * len(set(status.notes)) + END_HEIGHTS.get(status.state, 0)


def messages(run: Run, status: Status) -> None:
    """What the run noted, and why it ended where it did not finish."""
    if status.state == "failed" and status.error:
        show.error(RunError(status.error["what"], status.error.get("value"), status.error.get("remedy", "")))
    elif status.state == "lost":
        text = "The process of this run ended without a word. Nothing that was saved is lost; it can go on from there."
        if show.note(text, "failed", actions=("Resume",), key="lost"):
            head.resume(run)
    for number, note in enumerate(dict.fromkeys(status.notes)):
        show.note(note, key=f"run-note-{number}")


def duration(seconds: float) -> str:
    """``48 s``, ``2 min 5 s``, ``1 h 3 min``."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600:,} h {whole % 3600 // 60} min"


def _left(run: Run, status: Status, epochs: Epochs) -> str:
    if run.stop_requested:
        return "Stopping after this step; the best epoch is kept"
    left = f"{duration(status.seconds_left)} left" if status.seconds_left is not None else ""
    patience = read.spec(run).training.patience
    if patience is None or not epochs:
        return left
    waited = epochs[-1].get("waited", 0)
    watched = "validation" if epochs[-1].get("validation") else "training"
    return f"{left}, or sooner if {watched} stops improving ({waited} of {patience} epochs waited)"


def _device(spec: RunSpec, status: Status) -> str:
    """``CPU``, or ``2 × CPU`` where several devices share each batch."""
    name, devices = status.device.upper() or spec.training.device, spec.training.devices
    return name if devices == 1 else f"{'all' if devices is None else devices} × {name}"


def _number(value: float | None, form: str) -> str:
    return "none yet" if value is None else formatted(value, form)
