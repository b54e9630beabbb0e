"""A run is a directory: what it holds, and how it is read back."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import RunError
from core.files import write_json
from core.runs.status import Status
from core.runs.worked import HEARTBEAT_SECONDS, LOST_AFTER_SECONDS, Worked
from core.specs import RunSpec, parse

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["HEARTBEAT_SECONDS", "LOST_AFTER_SECONDS", "Run"]

WRITTEN = (
    "run.json",
    "status.json",
    "metrics.jsonl",
    "log.txt",
    "precision.json",
    "model.safetensors",
    "results.h5ad",
    "summary.json",
)
SIGNALS = ("heartbeat", "stop", ".writer")


@dataclass(frozen=True)
class Run(Worked):
    """One directory with one writer, the worker; everybody else reads, or leaves a ``stop`` file."""

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
    def metrics_path(self) -> Path:
        return self.directory / "metrics.jsonl"

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
    def summary(self) -> dict[str, Any]:
        """What the finished run found; empty before."""
        return json.loads(self.summary_path.read_text()) if self.summary_path.exists() else {}

    @property
    def can_resume(self) -> bool:
        """Whether a new worker could go on from a checkpoint, or start over where there is none."""
        return self.status.state in ("lost", "stopped", "failed")

    def append(self, record: Mapping[str, Any]) -> None:
        """Add one epoch to the metrics."""
        with self.metrics_path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")

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
        kept = ("frames", "evidence", "groups", "checks")
        for folder in (self.checkpoint, *(self.directory / name for name in kept)):
            shutil.rmtree(folder, ignore_errors=True)

    def forget_checkpoints(self, keep_own: bool) -> None:
        """Remove checkpoints that nothing can go on from: all of a finished run, those of folds after a stop."""
        for path in self.checkpoint.glob("*"):
            if path.is_dir():
                shutil.rmtree(path)
            elif not keep_own:
                path.unlink()
