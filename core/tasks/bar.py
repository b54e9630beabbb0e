"""A run's progress as lines and a bar in the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TextIO

BAR_WIDTH = 24


class Bar:
    """Writes to ``echo`` what a run is doing; the line of epochs is written over, other lines stay.

    Where ``echo`` is a file or a pipe nothing can be written over: only the last line of epochs is written there.
    """

    def __init__(self, echo: TextIO) -> None:
        self.echo = echo
        self._line = ""

    def say(self, text: str) -> None:
        """A line of its own."""
        self.end()
        self.echo.write(f"{text}\n")
        self.echo.flush()

    def end(self) -> None:
        """Close the line of epochs, if there is one."""
        if self._line:
            self.echo.write("\n" if self.echo.isatty() else f"{self._line}\n")
            self.echo.flush()
        self._line = ""

    def epoch(self, record: Mapping[str, Any], epochs: int) -> None:
        """How far training is after the epoch in ``record``, of at most ``epochs``."""
        number = int(record["number"])
        done = round(BAR_WIDTH * number / epochs)
        loss = record.get("validation") or record["train"]
        bar = "#" * done + "." * (BAR_WIDTH - done)
        self._line = f"  [{bar}] epoch {number} of {epochs}, loss {loss['loss']:.4g}"
        if self.echo.isatty():
            self.echo.write(f"\r{self._line}  ")
            self.echo.flush()
