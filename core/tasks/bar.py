"""A run's progress as lines and a bar in the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TextIO

BAR_WIDTH = 24


class Bar:
    """Writes to ``echo`` what a run is doing; the line of epochs is written over, other lines stay."""

    def __init__(self, echo: TextIO) -> None:
        self.echo = echo
        self._open = False

    def say(self, text: str) -> None:
        """A line of its own."""
        self.echo.write(("\n" if self._open else "") + f"{text}\n")
        self.echo.flush()
        self._open = False

    def epoch(self, record: Mapping[str, Any], epochs: int) -> None:
        """How far training is after the epoch in ``record``, of at most ``epochs``."""
        number = int(record["number"])
        done = round(BAR_WIDTH * number / epochs)
        loss = record.get("validation") or record["train"]
        bar = "#" * done + "." * (BAR_WIDTH - done)
        self.echo.write(f"\r  [{bar}] epoch {number} of {epochs}, loss {loss['loss']:.4g}  ")
        self.echo.flush()
        self._open = True
