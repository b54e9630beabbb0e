"""Where things lie on this machine; the only module that reads the environment."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path

from core.errors import ProjectError
from core.files import write_json

RECENT_SHOWN = 50


@dataclass(frozen=True)
class Workspace:
    """The folder that holds projects, uploads and caches."""

    root: Path

    @property
    def uploads(self) -> Path:
        """Files that came through the browser."""
        return self.root / "uploads"

    @property
    def cache(self) -> Path:
        """What can be made again: compiled functions, probe results, cells that memory does not hold."""
        return self.root / "cache"

    @property
    def environments(self) -> Path:
        """Programs that runs are compared with, each with packages of its own."""
        return self.root / "environments"

    @property
    def projects(self) -> Path:
        return self.root / "projects"

    def project_folders(self) -> list[Path]:
        """Folders of all known projects, the last changed first; opened folders elsewhere included."""
        inside = self.projects.glob("*/project.json") if self.projects.exists() else ()
        known = {path.parent for path in inside} | {Path(path) for path in self._opened()}
        present = [folder for folder in known if (folder / "project.json").exists()]
        return sorted(present, key=lambda folder: (folder / "project.json").stat().st_mtime, reverse=True)

    def new_folder(self, name: str) -> Path:
        """A folder for a project called ``name`` that does not exist yet."""
        stem = slug(name)
        folder, number = self.projects / stem, 2
        while folder.exists():
            folder, number = self.projects / f"{stem}-{number}", number + 1
        return folder

    def remember(self, folder: Path) -> None:
        """Keep an opened folder outside the workspace in the list of recent projects."""
        if folder.parent == self.projects:
            return
        kept = [path for path in self._opened() if path != str(folder)]
        write_json(self.root / "opened.json", [str(folder), *kept][:RECENT_SHOWN])

    def _opened(self) -> list[str]:
        path = self.root / "opened.json"
        return json.loads(path.read_text()) if path.exists() else []


def workspace() -> Workspace:
    """The workspace in use: ``CELLDESK_WORKSPACE`` or ``~/.celldesk``."""
    named = os.environ.get("CELLDESK_WORKSPACE")
    return Workspace(Path(named).expanduser().resolve() if named else Path.home() / ".celldesk")


def worker_environment(threads: int) -> dict[str, str]:
    """The environment of a worker process: capped threads and a lasting cache of compiled functions."""
    return {**os.environ, **_process_settings(threads)}


def prepare_process(threads: int) -> None:
    """Set this process up as a worker; before numpy, torch or numba are imported."""
    os.environ.update(_process_settings(threads))


@dataclass(frozen=True)
class ClusterJob:
    """The job of a cluster that a worker is: its number, and how often it was put back into the queue."""

    number: str
    restarts: int


def cluster_job() -> ClusterJob | None:
    """The job that was queued to be this process; none for a process that merely runs inside some other job."""
    number = os.environ.get("CELLDESK_JOB")
    return ClusterJob(number, int(os.environ.get("CELLDESK_RESTARTS", "0"))) if number else None


def compiled_functions() -> Path:
    """The folder in which compiled functions outlast the process that compiled them."""
    return Path(_process_settings(1)["NUMBA_CACHE_DIR"])


def named_python(program: str) -> Path | None:
    """The Python that has ``program``, if it is named: by ``CELLDESK_CELLTYPIST`` for celltypist."""
    named = os.environ.get(f"CELLDESK_{program.upper()}")
    return Path(named).expanduser() if named else None


def browser() -> str | None:
    """The browser named by ``BROWSER_PATH``, used to draw figures into files."""
    return os.environ.get("BROWSER_PATH")


def _process_settings(threads: int) -> dict[str, str]:
    count = str(threads)
    caps = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), count)
    return {**caps, "NUMBA_CACHE_DIR": os.environ.get("NUMBA_CACHE_DIR", str(workspace().cache / "numba"))}


def slug(name: str) -> str:
    """``name`` as a folder name: lower case, digits and hyphens."""
    stem = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    if not stem:
        raise ProjectError("A project needs a name", name, "Use at least one letter or digit")
    return stem[:60]
