"""A project: a folder with a draft of the next run, its data, its runs and its results. The disk is the truth."""

from __future__ import annotations

import fcntl
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import ProjectError
from core.files import whole_folder, write_json
from core.runs.run import Run
from core.specs import RunSpec, Spec, content_key, parse, replaced
from core.workspace import workspace

STEP_VERSIONS = {
    **{"data": 1, "quality": 1, "features": 1, "impact": 1, "audit": 1, "markers": 1, "activity": 1, "gene_sets": 1},
    **{"units": 2, "unit_ranks": 1, "unit_stability": 1},
}
"""Raised when a step computes something else from the same settings, so that older results count as missing."""


@dataclass(frozen=True)
class Project:
    """WORKSPACE/projects/NAME/{project.json, datasets, runs, results, export}, or any folder of that form."""

    root: Path

    @classmethod
    def create(cls, name: str, draft: RunSpec, root: Path | None = None) -> Project:
        """A new project called ``name`` whose next run is ``draft``.

        Raises
        ------
        ProjectError
            If the folder already holds a project or cannot be written.
        """
        project = cls(root or workspace().new_folder(name))
        if project.path.exists():
            raise ProjectError("The folder already holds a project", str(project.root), "Open it, or choose another")
        try:
            for folder in ("datasets", "runs", "results", "export"):
                (project.root / folder).mkdir(parents=True, exist_ok=True)
            write_json(project.path, {"name": name, "created": time.time(), "draft": draft.model_dump(mode="json")})
        except OSError as error:
            raise ProjectError(
                "The project cannot be written", str(project.root), f"{error.strerror}; choose another"
            ) from None
        workspace().remember(project.root)
        return project

    @classmethod
    def open(cls, root: Path) -> Project:
        """The project in folder ``root``.

        Raises
        ------
        ProjectError
            If the folder holds none or it cannot be read.
        """
        project = cls(root)
        if not project.path.exists():
            raise ProjectError("This folder holds no CellDesk project", str(root), "Choose a folder with project.json")
        project.draft  # noqa: B018  read once, so that an unreadable project is refused here
        workspace().remember(root)
        return project

    @property
    def path(self) -> Path:
        return self.root / "project.json"

    @property
    def datasets(self) -> Path:
        return self.root / "datasets"

    @property
    def export(self) -> Path:
        return self.root / "export"

    @property
    def name(self) -> str:
        return self._read()["name"]

    @property
    def draft(self) -> RunSpec:
        """The settings of the next run, as every page edits them."""
        return parse(RunSpec, self._read()["draft"])

    @property
    def changed(self) -> float:
        """When the project was last changed, seconds since 1970."""
        return self.path.stat().st_mtime

    def change(self, path: str, value: Any) -> RunSpec:
        """Set one setting of the draft, ``network.encoder.0.dropout``, and keep it.

        Raises
        ------
        SpecError
            If the value does not fit; the draft stays as it was.
        """
        return self.edit(lambda draft: replaced(draft, path, value.model_dump() if isinstance(value, Spec) else value))

    def edit(self, change: Callable[[RunSpec], RunSpec]) -> RunSpec:
        """Replace the draft by ``change(draft)`` while no other tab writes."""
        with self._locked():
            record = self._read()
            draft = change(parse(RunSpec, record["draft"]))
            checked = parse(RunSpec, draft)
            if record["draft"] != checked.model_dump(mode="json"):
                write_json(self.path, {**record, "draft": checked.model_dump(mode="json")})
        return checked

    def note(self, key: str, value: Any = None) -> Any:
        """A word of the project's own, such as the name given to a code unit; written where ``value`` is given."""
        with self._locked():
            record = self._read()
            notes = record.get("notes", {})
            if value is not None and notes.get(key) != value:
                write_json(self.path, {**record, "notes": {**notes, key: value}})
            return notes.get(key) if value is None else value

    def runs(self) -> list[Run]:
        """All runs, the newest first."""
        found = [Run(path.parent) for path in (self.root / "runs").glob("*/run.json")]
        return sorted(found, key=lambda run: run.directory.name, reverse=True)

    def new_run(self, spec: RunSpec | None = None, name: str = "") -> Run:
        """A run of the draft, or of ``spec``, in a folder of its own, not started yet; by its number where unnamed."""
        with self._locked():
            numbers = [int(run.directory.name.split("-")[-1]) for run in self.runs()]
            number = max(numbers, default=0) + 1
            named = (spec or self.draft).opened().model_copy(update={"name": name or f"Run {number}"})
            return Run.create(self.root / "runs" / f"run-{number:04d}", named)

    def run(self, folder: str) -> Run:
        """The run in ``runs/folder``."""
        run = Run(self.root / "runs" / folder)
        if not run.spec_path.exists():
            raise ProjectError("This project has no such run", folder, "Choose one from the Runs page")
        return run

    def key(self, step: str, *parts: Any) -> str:
        """The content key of ``step``: its name, its version and all it depends on."""
        return content_key(step, STEP_VERSIONS[step], *parts)

    def stored(self, step: str, key: str) -> Path | None:
        """The folder of a result, or ``None`` where it is missing."""
        folder = self.root / "results" / step / key
        return folder if folder.exists() else None

    def store(self, step: str, key: str, write: Callable[[Path], object]) -> Path:
        """Make a result in one step: ``write`` fills a folder that is then moved into place."""
        return whole_folder(self.root / "results" / step / key, write)

    def _read(self) -> dict[str, Any]:
        try:
            return json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ProjectError("The project cannot be read", str(self.path), f"Restore the file: {error}") from None

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with (self.root / ".lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
