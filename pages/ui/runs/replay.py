"""The replay of a run: its frames along fixed axes, in the browser's own player, and as a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from core.embedding.formation import along_fixed_axes
from core.export.replay import SCRIPTS, player, replay_page
from core.runs.frames import Frame, Frames
from core.runs.run import Run
from core.runs.status import Status
from core.specs import RunSpec, content_key
from pages.ui import cache
from pages.ui.component import component
from pages.ui.runs import read

PART = ("replay", *(f"scatter/{name}.js" for name in SCRIPTS), "replay/player.js", "replay/main.js")
HELP = (
    "The code of a fixed sample of cells, kept while the run's first network trained. All moments lie along the same "
    "two axes: those in which the code of the kept network, or of the newest, varies most. Nothing is laid out anew in "
    "between, so what moves on screen moved in the code. What lies across the two axes is not seen; the Embedding page "
    "has the whole picture."
)
FRAMES_KEPT = 256
ROW, LETTER, ITEM, LINE, WIDTH, GAP = 34, 6.4, 26, 18, 440, 16
"""Pixels: a row of the player's controls, a letter and a mark of its legend, a line of it, the card, the rest."""


def draw(run: Run, height: int) -> None:
    """The player, ``height`` pixels high with its controls."""
    data = player_data(run)
    letters = sum(LETTER * len(label) + ITEM for label in data["labels"])
    lines = -(-int(letters) // WIDTH) if data["labels"] else 0
    rows = 2 if data.get("called") or len(data["parts"]) > 1 else 1
    picture = max(height - ROW * rows - LINE * lines - GAP, 120)
    component(*PART)(key=f"replay-{run.directory.name}", data={**data, "name": "replay", "height": picture})


def save(run: Run) -> None:
    """A button that saves the replay as a page of its own."""
    if Frames.of(run.directory).epochs:
        st.download_button(
            "Save as HTML",
            data=lambda: replay_page(player_data(run), f"{read.name(run)}: how the picture formed"),
            file_name=f"{run.directory.name}-replay.html",
            mime="text/html",
            key="replay-save",
            icon=":material/download:",
            on_click="ignore",
        )


def why_none(spec: RunSpec, status: Status) -> str:
    """Why there is nothing to replay."""
    if spec.task == "evaluate":
        return "An evaluation trains many networks on parts of the cells, so there is no one picture to replay."
    if not spec.training.replay_frames:
        return "This run keeps no frames. Set the frames of the replay above 0 on the Network page, under Training."
    return "The first frame comes when training begins." if status.active else "This run kept no frames."


def player_data(run: Run) -> dict[str, Any]:
    """What the player needs, made once for these frames."""
    frames = Frames.of(run.directory)
    epochs, kept = frames.epochs, frames.kept_epoch
    key = content_key("replay", str(run.directory), epochs, kept)
    return cache.table(key, lambda: _made(run, frames, kept))


def _made(run: Run, frames: Frames, kept: int | None) -> dict[str, Any]:
    import numpy as np

    sample = frames.sample
    assert sample is not None
    read_back = frames.read_all(lambda epoch: _frame(str(frames.folder), epoch, frames.written(epoch)))
    epochs, codes = [frame.epoch for frame in read_back], [frame.code for frame in read_back]
    reference = codes[epochs.index(kept)] if kept in epochs else codes[-1]
    calls = [frame.called for frame in read_back if frame.called is not None]
    shares = [frame.probability for frame in read_back if frame.probability is not None]
    units = reference.shape[1]
    axes = {1: "The code's one unit", 2: "The code's two units"}.get(units, "Two fixed axes of the code")
    members = run.spec.training.members
    return player(
        along_fixed_axes(codes, reference),
        epochs,
        labels=sample.labels,
        part=sample.part,
        classes=sample.classes,
        called=np.stack(calls) if calls else None,
        probability=np.stack(shares) if shares else None,
        kept=kept,
        caption=f"{axes}, network 1 of {members}" if members > 1 else axes,
    )


@st.cache_resource(max_entries=FRAMES_KEPT, show_spinner=False)
def _frame(folder: str, epoch: int, written: int) -> Frame:
    """One frame, read once: a run that trains adds one at a time."""
    return Frames(Path(folder)).read(epoch)
