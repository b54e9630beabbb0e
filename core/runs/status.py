"""The state of a run, and whether the process behind it still lives."""

from __future__ import annotations

import dataclasses
import os
import socket
from dataclasses import dataclass
from typing import Any, Literal

import psutil

State = Literal["queued", "running", "finished", "stopped", "failed", "lost"]
ACTIVE = ("queued", "running")


@dataclass(frozen=True)
class Status:
    """What a run is doing. Times are seconds since 1970; ``error_kind`` names the class of the error."""

    state: State
    phase: str = ""
    created: float = 0.0
    started: float = 0.0
    finished: float = 0.0
    epoch: int = 0
    epochs: int = 0
    seconds_left: float | None = None
    cells_per_second: float = 0.0
    device: str = ""
    pid: int = 0
    pid_started: float = 0.0
    host: str = ""
    job: str = ""
    notes: tuple[str, ...] = ()
    error: dict[str, Any] | None = None
    error_kind: str = ""

    def changed(self, **values: Any) -> Status:
        return dataclasses.replace(self, **values)

    def to_json(self) -> dict[str, Any]:
        return dataclasses.asdict(self)

    @property
    def active(self) -> bool:
        return self.state in ACTIVE


def this_process() -> dict[str, Any]:
    """The fields of a status that name the process writing it."""
    return process_fields(os.getpid())


def process_fields(pid: int) -> dict[str, Any]:
    """The fields of a status that name process ``pid`` of this machine."""
    return {"pid": pid, "pid_started": psutil.Process(pid).create_time(), "host": socket.gethostname()}


def alive(status: Status) -> bool:
    """Whether the process of ``status`` runs; one on another machine is believed as long as its heart beats."""
    if status.host != socket.gethostname() or not status.pid:
        return True
    try:
        process = psutil.Process(status.pid)
        same = abs(process.create_time() - status.pid_started) < 1.0
        return same and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
