"""What a task tells the outside while it works."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, TextIO

from core.runs.run import Run

STATUS_EVERY_SECONDS = 0.5
BAR_WIDTH = 24


class Progress:
    """Writes phases, notes and epochs of a task into its run, and a bar on ``echo`` if there is one."""

    def __init__(self, run: Run, echo: TextIO | None = None) -> None:
        self.run = run
        self.echo = echo
        self.status = run.status
        self._written = 0.0
        self._bar_open = False

    def phase(self, text: str) -> None:
        """Say what is being done now."""
        self.status = self.status.changed(phase=text, seconds_left=None)
        self.run.log(text)
        self._write()
        self._say(text)

    def note(self, text: str) -> None:
        """Say something that the user should read beside the results."""
        self.status = self.status.changed(notes=(*self.status.notes, text))
        self.run.log(f"note: {text}")
        self._write()
        self._say(f"note: {text}")

    def epoch(self, record: Mapping[str, Any], epochs: int) -> None:
        """Keep one epoch's record and say how far training is."""
        self.run.append(record)
        number = int(record["number"])
        left = (epochs - number) * float(record["seconds"])
        self.status = self.status.changed(
            epoch=number, epochs=epochs, seconds_left=left, cells_per_second=float(record["cells_per_second"])
        )
        if time.monotonic() - self._written > STATUS_EVERY_SECONDS:
            self._write()
        if self.echo:
            done = round(BAR_WIDTH * number / epochs)
            loss = record.get("validation") or record["train"]
            bar = "#" * done + "." * (BAR_WIDTH - done)
            self.echo.write(f"\r  [{bar}] epoch {number} of {epochs}, loss {loss['loss']:.4g}  ")
            self.echo.flush()
            self._bar_open = True

    def changed(self, **values: Any) -> None:
        """Change fields of the status."""
        self.status = self.status.changed(**values)
        self._write()

    def stopping(self) -> bool:
        """Whether somebody asked for a stop."""
        return self.run.stop_requested

    def _write(self) -> None:
        self.run.write_status(self.status)
        self._written = time.monotonic()

    def _say(self, text: str) -> None:
        if self.echo:
            self.echo.write(("\n" if self._bar_open else "") + f"{text}\n")
            self.echo.flush()
            self._bar_open = False
