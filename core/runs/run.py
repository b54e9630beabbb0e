"""A run is a directory: what it holds, and how it is read back."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import AppError, RunError
from core.files import write_json, write_text
from core.runs import slurm
from core.runs.status import ACTIVE, Status, alive
from core.specs import RunSpec, parse

if TYPE_CHECKING:
    import pandas as pd

HEARTBEAT_SECONDS = 1.0
LOST_AFTER_SECONDS = 8.0
WRITTEN = ("run.json", "status.json", "metrics.jsonl", "log.txt", "model.safetensors", "results.h5ad", "summary.json")
SIGNALS = ("heartbeat", "stop", ".writer")


@dataclass(frozen=True)
class Run:
    """One directory with one writer, the worker; everybody else reads, or leaves a ``stop`` file."""

    directory: Path

    @classmethod
    def create(cls, directory: Path, spec: RunSpec) -> Run:
        """A new run directory that holds ``spec`` and waits for a worker.

        Raises
        ------
        RunError
            If the directory already holds a run.
        """
        run = cls(directory)
        if run.spec_path.exists():
            raise RunError("The folder already holds a run", str(directory), "Choose another folder")
        write_json(run.spec_path, spec.model_dump(mode="json"))
        run.write_status(Status(state="queued", created=time.time()))
        return run

    @property
    def spec_path(self) -> Path:
        return self.directory / "run.json"

    @property
    def status_path(self) -> Path:
        return self.directory / "status.json"

    @property
    def metrics_path(self) -> Path:
        return self.directory / "metrics.jsonl"

    @property
    def log_path(self) -> Path:
        return self.directory / "log.txt"

    @property
    def model_path(self) -> Path:
        return self.directory / "model.safetensors"

    @property
    def results_path(self) -> Path:
        return self.directory / "results.h5ad"

    @property
    def summary_path(self) -> Path:
        return self.directory / "summary.json"

    @property
    def checkpoint(self) -> Path:
        return self.directory / "checkpoint"

    @property
    def heartbeat_path(self) -> Path:
        return self.directory / "heartbeat"

    @property
    def stop_path(self) -> Path:
        return self.directory / "stop"

    @property
    def name(self) -> str:
        """What the run is called on screen: its own name, or its folder's."""
        return self.spec.name or self.directory.name

    @property
    def spec(self) -> RunSpec:
        """What the run was asked to do."""
        try:
            return parse(RunSpec, json.loads(self.spec_path.read_text()))
        except (OSError, ValueError) as error:
            raise RunError(
                "This folder holds no readable run", str(self.directory), f"Choose another: {error}"
            ) from None

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

    @property
    def summary(self) -> dict[str, Any]:
        """What the finished run found; empty before."""
        return json.loads(self.summary_path.read_text()) if self.summary_path.exists() else {}

    @property
    def can_resume(self) -> bool:
        """Whether a new worker could go on from a checkpoint, or start over where there is none."""
        return self.status.state in ("lost", "stopped", "failed")

    def write_status(self, status: Status) -> None:
        """Replace the status in one step; for the worker and the launcher before it."""
        write_json(self.status_path, status.to_json())

    def beat(self) -> None:
        """Say that the worker lives."""
        self.heartbeat_path.touch()

    def append(self, record: Mapping[str, Any]) -> None:
        """Add one epoch to the metrics."""
        with self.metrics_path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")

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

    def epochs(self) -> list[dict[str, Any]]:
        """Every epoch once, in order; an epoch repeated after a resume counts as it was written last."""
        if not self.metrics_path.exists():
            return []
        seen: dict[tuple, dict[str, Any]] = {}
        for line in self.metrics_path.read_text(encoding="utf-8").splitlines():
            try:
                record = json.loads(line)
            except ValueError:
                continue  # the last line of a worker that was killed while writing
            seen[(record.get("stage", ""), record.get("member", 0), record["number"])] = record
        return list(seen.values())

    def metrics(self) -> pd.DataFrame:
        """One row for each epoch, split and loss term: stage, member, epoch, split, term, value."""
        import pandas as pd

        rows = [
            (record.get("stage", ""), record.get("member", 0), record["number"], split, term, value)
            for record in self.epochs()
            for split in ("train", "validation")
            for term, value in record.get(split, {}).items()
        ]
        return pd.DataFrame(rows, columns=pd.Index(["stage", "member", "epoch", "split", "term", "value"]))

    def forget(self) -> None:
        """Remove what a worker wrote, and the spec, so that the same run can be made again; other files stay."""
        for name in (*WRITTEN, *SIGNALS):
            (self.directory / name).unlink(missing_ok=True)
        shutil.rmtree(self.checkpoint, ignore_errors=True)

    def forget_checkpoints(self, keep_own: bool) -> None:
        """Remove checkpoints that nothing can go on from: all of a finished run, those of folds after a stop."""
        for path in self.checkpoint.glob("*"):
            if path.is_dir():
                shutil.rmtree(path)
            elif not keep_own:
                path.unlink()

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
        self.write_status(self.status.changed(state="failed", error=error_parts, finished=time.time()))

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
