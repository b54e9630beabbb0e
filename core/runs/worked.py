"""A folder in which a process works: its state, its heartbeat, its log, and the wish that it stop."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path

from core.errors import AppError
from core.files import write_json, write_text
from core.runs import slurm
from core.runs.status import ACTIVE, Status, alive

HEARTBEAT_SECONDS = 1.0
LOST_AFTER_SECONDS = 8.0


@dataclass(frozen=True)
class Worked:
    """One directory with one writer; everybody else reads, or leaves a ``stop`` file."""

    directory: Path

    @property
    def status_path(self) -> Path:
        return self.directory / "status.json"

    @property
    def log_path(self) -> Path:
        return self.directory / "log.txt"

    @property
    def heartbeat_path(self) -> Path:
        return self.directory / "heartbeat"

    @property
    def stop_path(self) -> Path:
        return self.directory / "stop"

    @property
    def status(self) -> Status:
        """The state as its worker wrote it; ``lost`` where the worker, or its cluster job, is gone without a word."""
        if not self.status_path.exists():
            return Status(state="queued")
        status = Status(**json.loads(self.status_path.read_text()))
        if status.state not in ACTIVE:
            return status
        if status.job:
            return self._on_cluster(status)
        return status if self._has_worker(status) else status.changed(state="lost")

    def write_status(self, status: Status) -> None:
        """Replace the status in one step; for the worker and the launcher before it."""
        write_json(self.status_path, status.to_json())

    def beat(self) -> None:
        """Say that the worker lives."""
        self.heartbeat_path.touch()

    def log(self, line: str) -> None:
        """Add one line to the log, with the time."""
        with self.log_path.open("a", encoding="utf-8") as file:
            file.write(f"{time.strftime('%H:%M:%S')}  {line}\n")

    def log_tail(self, lines: int = 20) -> list[str]:
        """The last lines of the log."""
        return self.log_path.read_text(encoding="utf-8").splitlines()[-lines:] if self.log_path.exists() else []

    def request_stop(self) -> None:
        """Ask the worker to stop after the step it is in, and to keep the best epoch."""
        write_text(self.stop_path, "")

    @property
    def stop_requested(self) -> bool:
        return self.stop_path.exists()

    def failed(self, error: AppError, trace: str = "") -> None:
        """Record why the run could not go on."""
        if trace:
            self.log(trace.rstrip())
        self.log(f"failed: {error}")
        error_parts = {
            "what": error.what,
            "value": None if error.value is None else str(error.value),
            "remedy": error.remedy,
        }
        self.write_status(
            self.status.changed(
                state="failed", error=error_parts, error_kind=type(error).__name__, finished=time.time()
            )
        )

    def _has_worker(self, status: Status) -> bool:
        if self._seconds_since_beat() > LOST_AFTER_SECONDS:
            return False
        if not status.pid:
            return time.time() - status.created < LOST_AFTER_SECONDS
        return alive(status)

    def _on_cluster(self, status: Status) -> Status:
        """The state by the worker's own word while its heart beats, else by SLURM's."""
        beats = self._seconds_since_beat() <= LOST_AFTER_SECONDS and alive(status)
        if status.state == "running" and beats:
            return status
        place = slurm.place(status.job)
        if place.gone or (place.unknown and status.state == "running"):
            return status.changed(state="lost")
        if place.waiting:  # for its first turn, or again after SLURM took its node away
            return status.changed(state="queued", phase=f"job {status.job} waits in SLURM's queue ({place.reason})")
        return status

    def _seconds_since_beat(self) -> float:
        return time.time() - self.heartbeat_path.stat().st_mtime if self.heartbeat_path.exists() else 0.0
