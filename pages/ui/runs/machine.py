"""Where a run's worker is, and what it wrote last."""

from __future__ import annotations

import socket
import time
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import psutil
import streamlit as st

from core.runs.run import Run
from core.runs.status import Status
from pages.ui import show
from pages.ui.runs import precision, read
from pages.ui.runs.progress import duration, is_training

EPOCHS_SHOWN = 12
LINES_SHOWN = 5
WHOLE_LOG = 1000
EPOCH_HEAD = "epoch     train       val"


def where(run: Run, status: Status) -> None:
    """Machine, process, memory and the last checkpoint."""
    spec, measured = read.spec(run), read.measured(run)
    here = status.host in ("", socket.gethostname())
    waiting = status.job and not status.host
    rows = {"Machine": "waiting for a node" if waiting else "This machine" if here else status.host}
    if status.job:
        rows["Cluster job"] = status.job
    if status.active and status.pid:
        rows["Process"] = str(status.pid)
        memory = _memory(status.pid) if here else None
        if memory:
            rows["Memory"] = f"{memory / 2**30:.1f} of {psutil.virtual_memory().total / 2**30:.0f} GB"
    rows["Precision"] = precision.words(spec.training.precision, measured)
    rows["Seed"] = str(spec.seed)
    if status.started:
        rows["Started"] = time.strftime("%-d %b, %H:%M", time.localtime(status.started))
    if status.state != "finished":
        saved = max((file.stat().st_mtime for file in run.checkpoint.rglob("*.safetensors")), default=None)
        rows["Last checkpoint"] = "none yet" if saved is None else f"{duration(max(time.time() - saved, 0))} ago"
    with show.card(
        "Where it runs",
        help="The worker is a process of its own. It goes on when the browser or the app is closed.",
        height="content",
    ) as panel:
        if measured is not None:
            with panel.actions.popover("Precision", key="run-precision"):
                precision.report(measured)
        show.key_values(rows)


def log(run: Run, status: Status, epochs: Sequence[Mapping[str, Any]]) -> None:
    """The last epochs and the last lines of the log, the newer of them last; the whole log behind a button."""
    with show.card("Log") as panel:
        with panel.actions.popover("Whole log", key="run-log"):
            st.code("\n".join(run.log_tail(WHOLE_LOG)) or "Nothing was written yet.", language=None, height=420)
        table = "\n".join(map(_epoch_line, epochs[-EPOCHS_SHOWN:]))
        parts = [f'<div><p class="cd-log-head">{EPOCH_HEAD}</p><pre>{table}</pre></div>' if epochs else ""]
        lines = run.log_tail(LINES_SHOWN) or ([] if epochs else ["Nothing was written yet."])
        parts.append("".join(f"<p>{escape(line)}</p>" for line in lines))
        with st.container(key="run-log-tail"):
            st.html("".join(reversed(parts) if is_training(status) else parts))


def _epoch_line(record: Mapping[str, Any]) -> str:
    validation = f"{record['validation']['loss']:10.4f}" if record.get("validation") else " " * 10
    best = "  best" if record.get("best") else ""
    return f"{record['number']:5d}{record['train']['loss']:10.4f}{validation}{best}".replace("-", "−")


def _memory(pid: int) -> int | None:
    try:
        return psutil.Process(pid).memory_info().rss
    except psutil.NoSuchProcess:
        return None
