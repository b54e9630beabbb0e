"""A search is a directory: what it varies, its trials as a journal, and the state of its process."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import RunError
from core.files import write_json
from core.project import Project
from core.runs.run import Run
from core.runs.status import Status
from core.runs.worked import Worked
from core.search.trial import Trial, best, is_judged
from core.specs import RunSpec, SearchSpec, parse, replaced_all

SEARCHES = "searches"


@dataclass(frozen=True)
class Search(Worked):
    """One directory with one writer, the search's process; a project's lies in its folder ``searches``."""

    @classmethod
    def create(cls, directory: Path, search: SearchSpec, base: RunSpec) -> Search:
        """A new search of ``base`` that waits for its process.

        Raises
        ------
        SpecError
            If ``base`` cannot be searched so.
        RunError
            If the directory already holds a search.
        """
        search.check(base)
        made = cls(directory)
        if made.spec_path.exists():
            raise RunError("The folder already holds a search", str(directory), "Choose another folder")
        record = {"search": search.model_dump(mode="json"), "base": base.model_dump(mode="json")}
        write_json(made.spec_path, record)
        made.write_status(Status(state="queued", created=time.time()))
        return made

    @classmethod
    def of_project(cls, project: Project, search: SearchSpec) -> Search:
        """A new search of the project's draft, in the next folder of its own."""
        numbers = [int(each.directory.name.split("-")[-1]) for each in searches(project)]
        folder = project.root / SEARCHES / f"search-{max(numbers, default=0) + 1:04d}"
        return cls.create(folder, search, project.draft.opened())

    @property
    def spec_path(self) -> Path:
        return self.directory / "search.json"

    @property
    def journal_path(self) -> Path:
        return self.directory / "trials.jsonl"

    @property
    def importance_path(self) -> Path:
        return self.directory / "importance.json"

    @property
    def name(self) -> str:
        """What the search is called on screen: by its number in a project, else by its folder."""
        stem, _, number = self.directory.name.rpartition("-")
        return f"Search {int(number)}" if stem == "search" and number.isdigit() else self.directory.name

    @property
    def spec(self) -> SearchSpec:
        return parse(SearchSpec, self._read()["search"])

    @property
    def base(self) -> RunSpec:
        """The settings that all trials share."""
        return parse(RunSpec, self._read()["base"])

    @property
    def project(self) -> Project | None:
        """The project that the search lies in, whose runs its trials are."""
        root = self.directory.parent.parent
        inside = self.directory.parent.name == SEARCHES and (root / "project.json").exists()
        return Project(root) if inside else None

    @property
    def importance(self) -> dict[str, Any]:
        """How much each dimension matters, by path, and from how many trials: ``{shares, trials}``; empty before."""
        return json.loads(self.importance_path.read_text()) if self.importance_path.exists() else {}

    @property
    def can_resume(self) -> bool:
        """Whether a new process could go on with what is left."""
        return self.status.state in ("lost", "stopped", "failed")

    def trials(self) -> list[Trial]:
        """Every trial as it was written last, in order."""
        if not self.journal_path.exists():
            return []
        found: dict[int, Trial] = {}
        for line in self.journal_path.read_text(encoding="utf-8").splitlines():
            try:
                trial = Trial.from_json(json.loads(line))
            except ValueError:
                continue  # the last line of a process that was killed while writing
            found[trial.number] = trial
        return [found[number] for number in sorted(found)]

    def write(self, trial: Trial) -> None:
        """Add the present state of ``trial`` to the journal, on disk before this returns."""
        with self.journal_path.open("a+b") as file:
            if file.tell() and not _ends_line(file):
                file.write(b"\n")
            file.write(json.dumps(trial.to_json()).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())

    def run_of(self, trial: Trial) -> Run | None:
        """The run of ``trial``; ``None`` where it has none, or it was removed."""
        run = Run((self.directory / trial.run).resolve())
        return run if trial.run and run.spec_path.exists() else None

    def new_run(self, trial: Trial, spec: RunSpec) -> Run:
        """A run for ``trial``, not started yet; the one already made for it where the search was cut off just then."""
        name = f"{self.name}, trial {trial.number}"
        project = self.project
        if project is None:
            folder = Run(self.directory / "trials" / f"trial-{trial.number:04d}")
            return (
                folder
                if folder.spec_path.exists()
                else Run.create(folder.directory, spec.model_copy(update={"name": name}))
            )
        newest = next((run for run in project.runs()[: self.spec.parallel + 1] if run.spec.name == name), None)
        return newest or project.new_run(spec, name)

    def relative(self, run: Run) -> str:
        """The folder of ``run`` as ``Trial.run`` keeps it, so that a project can be moved."""
        return os.path.relpath(run.directory, self.directory)

    def keep_importance(self, shares: Mapping[str, float], trials: Sequence[Trial]) -> None:
        """Keep how much each dimension matters, as ``importance`` gives it back."""
        write_json(self.importance_path, {"shares": dict(shares), "trials": sum(is_judged(trial) for trial in trials)})

    def repeat(self, times: int) -> None:
        """Ask for ``times`` runs of the best trial with other seeds in all; the process makes them when it goes on.

        Raises
        ------
        RunError
            If the search is at work, or has no best trial.
        """
        if self.status.active:
            raise RunError("The search is at work", self.name, "Wait for it, or stop it")
        if best(self.trials(), self.spec) is None:
            raise RunError("No trial has completed, so there is none to repeat", self.name, "Resume the search")
        record = self._read()
        search = replaced_all(self.spec, {"repeats": times})
        write_json(self.spec_path, {**record, "search": search.model_dump(mode="json")})

    def _read(self) -> dict[str, Any]:
        try:
            return json.loads(self.spec_path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            what = "This folder holds no readable search"
            raise RunError(what, str(self.directory), f"Choose another: {error}") from None


def searches(project: Project) -> Sequence[Search]:
    """All searches of ``project``, the newest first."""
    found = [Search(path.parent) for path in (project.root / SEARCHES).glob("*/search.json")]
    return sorted(found, key=lambda search: search.directory.name, reverse=True)


def _ends_line(file: Any) -> bool:
    """Whether the file opened for appending ends with a whole line."""
    file.seek(-1, os.SEEK_END)
    return file.read(1) == b"\n"
