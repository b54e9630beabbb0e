"""What a task tells the outside while it works."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, TextIO

from core.runs.run import Run
from core.tasks.bar import Bar
from core.tasks.notice import Leaving, Notice

STATUS_EVERY_SECONDS = 0.5


class Stopped(Exception):
    """Raised where a run was stopped before it learned anything that could become a result."""


class Trained(Exception):
    """Raised where a run that only trains has trained its own networks: their checkpoint is kept."""


class Progress:
    """Writes phases, notes and epochs of a task into its run, and a bar on ``echo`` if there is one."""

    def __init__(
        self, run: Run, echo: TextIO | None = None, notice: Notice | None = None, *, training_only: bool = False
    ) -> None:
        self.run = run
        self.status = run.status
        self._bar = Bar(echo) if echo else None
        self._notice = notice or Notice()
        self._training_only = training_only
        self._written = 0.0

    def trained(self) -> None:
        """Say that the run's own networks are trained.

        Raises
        ------
        Trained
            If that was all the run is to do for now.
        """
        if self._training_only:
            raise Trained

    def phase(self, text: str) -> None:
        """Say what is being done now.

        Raises
        ------
        Leaving
            If the cluster told the worker to leave.
        """
        self.leave_if_told()
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
        if self._bar:
            self._bar.epoch(record, epochs)

    def changed(self, **values: Any) -> None:
        """Change fields of the status."""
        self.status = self.status.changed(**values)
        self._write()

    def stopping(self) -> bool:
        """Whether somebody asked for a stop, so that what there is becomes the result.

        Raises
        ------
        Leaving
            If the cluster told the worker to leave.
        """
        self.leave_if_told()
        return self.run.stop_requested

    def leaving(self) -> bool:
        """Whether the cluster told the worker to leave."""
        return self._notice.given

    def pausing(self) -> bool:
        """Whether training should end after the step it is in, for whichever reason."""
        return self._notice.given or self.run.stop_requested

    def leave_if_told(self) -> None:
        """Break off if the cluster told the worker to leave.

        Raises
        ------
        Leaving
            If it did.
        """
        if self._notice.given:
            raise Leaving

    def _write(self) -> None:
        self.run.write_status(self.status)
        self._written = time.monotonic()

    def _say(self, text: str) -> None:
        if self._bar:
            self._bar.say(text)
