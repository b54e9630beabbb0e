"""What a run's files say, read once and then only where they have grown or changed: a page looks every second."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import streamlit as st

from core.project import Project
from core.runs import measured as probe
from core.runs.measured import Measured
from core.runs.run import Run
from core.runs.status import Status
from core.specs import RunSpec

RUNS_KEPT = 512


class Epochs:
    """The records of a run's metrics file; each look reads what was added since the last one."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.place = 0
        self.records: dict[tuple, dict[str, Any]] = {}

    def read(self, run: Run) -> list[dict[str, Any]]:
        """Every epoch once, in order; an epoch repeated after a resume counts as it was written last."""
        with self.lock:
            path = run.metrics_path
            size = path.stat().st_size if path.exists() else 0
            if size < self.place:
                self.place, self.records = 0, {}
            if size > self.place:
                with path.open("rb") as file:
                    file.seek(self.place)
                    added = file.read()
                whole = added.rfind(b"\n") + 1  # the last line may still be on its way
                self.place += whole
                for line in added[:whole].splitlines():
                    self._take(line)
            return list(self.records.values())

    def _take(self, line: bytes) -> None:
        try:
            record = json.loads(line)
        except ValueError:
            return  # broken off by a worker that was killed while writing
        self.records[(record.get("stage", ""), record.get("member", 0), record["number"])] = record


def epochs(run: Run) -> list[dict[str, Any]]:
    """As ``run.epochs()``, at the cost of what is new; never change the records."""
    return _epochs(str(run.directory)).read(run)


def spec(run: Run) -> RunSpec:
    """As ``run.spec``, read again only where its file changed."""
    return _spec(str(run.directory), run.spec_path.stat().st_mtime_ns)


def name(run: Run) -> str:
    """What the run is called on screen."""
    return spec(run).name or run.directory.name


def measured(run: Run) -> Measured | None:
    """What the start-up probe of the run measured, once it has."""
    path = run.directory / probe.FILE
    return _measured(str(run.directory), path.stat().st_mtime_ns) if path.exists() else None


def status(run: Run) -> Status:
    """As ``run.status``; that of a run which has ended is read again only where its file changed."""
    path = run.status_path
    found = _ended(str(run.directory), path.stat().st_mtime_ns) if path.exists() else None
    return found or run.status


def states(project: Project) -> list[str]:
    """The state of every run, the newest first."""
    return [status(run).state for run in project.runs()]


def stamp(run: Run) -> list[str | int]:
    """What changes when the settings of a run do."""
    return [str(run.directory), run.spec_path.stat().st_mtime_ns]


@st.cache_resource(max_entries=RUNS_KEPT, show_spinner=False)
def _epochs(folder: str) -> Epochs:
    return Epochs()


@st.cache_resource(max_entries=RUNS_KEPT, show_spinner=False)
def _spec(folder: str, changed: int) -> RunSpec:
    return Run(Path(folder)).spec


@st.cache_resource(max_entries=RUNS_KEPT, show_spinner=False)
def _ended(folder: str, changed: int) -> Status | None:
    found = Run(Path(folder)).status
    return None if found.active or found.state == "lost" else found


@st.cache_resource(max_entries=RUNS_KEPT, show_spinner=False)
def _measured(folder: str, changed: int) -> Measured | None:
    return probe.measured(Path(folder))
