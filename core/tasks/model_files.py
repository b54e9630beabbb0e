"""Trained models that a project can use: those of its runs, and files brought from elsewhere."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from core.data.fingerprint import fingerprint
from core.data.peaks import are_peaks, overlapped, parse
from core.errors import DataError
from core.files import whole_folder
from core.model_header import ModelHeader
from core.project import Project
from core.runs.run import Run
from core.specs import ModelSourceSpec, Role, SourceSpec
from core.tasks import stored_sets
from core.tasks.with_model import BROUGHT

FOLDER = "models"
ENDED = ("finished", "stopped")


@dataclass(frozen=True)
class ModelFile:
    """One model.

    Attributes
    ----------
    path
        The file.
    run
        The run of this project that trained it; ``None`` for a file from elsewhere.
    """

    path: Path
    run: Run | None = None

    @property
    def key(self) -> str:
        """A word that stands for the model in this project: its run's folder, or the fingerprint of its file."""
        return self.run.directory.name if self.run else self.path.parent.name

    @property
    def title(self) -> str:
        """The name of its run, or of its file."""
        return self.run.name if self.run else self.path.name

    @property
    def source(self) -> ModelSourceSpec:
        """What a run that uses it is told."""
        return ModelSourceSpec(path=str(self.path), fingerprint=fingerprint(self.path))

    def trained(self, header: ModelHeader) -> float | None:
        """When it was trained, seconds since 1970; ``None`` where neither the file nor a run says so."""
        return header.trained or (self.run.status.finished if self.run else 0.0) or None


@dataclass(frozen=True)
class Fit:
    """How many of a model's ``genes`` (or peaks) a file has, and the names of those it lacks."""

    genes: int
    missing: tuple[str, ...]

    @property
    def shared(self) -> int:
        return self.genes - len(self.missing)

    @property
    def missing_share(self) -> float:
        """Share of the model's genes that the file lacks, 0 to 1."""
        return len(self.missing) / self.genes


def model_files(project: Project) -> list[ModelFile]:
    """Models of runs that trained them, newest first, then those brought, by name."""
    runs = [
        run
        for run in project.runs()
        if run.spec.task in BROUGHT
        and run.spec.data.reference is not None
        and run.status.state in ENDED
        and run.model_path.exists()
    ]
    brought = sorted((project.root / FOLDER).glob("[!.]*/*.safetensors"), key=lambda path: (path.name, str(path)))
    return [*(ModelFile(run.model_path, run) for run in runs), *(ModelFile(path) for path in brought)]


def admit(project_root: str, path: str) -> str:
    """Copy a model file into the project and return the word that stands for it.

    The whole file is read as a run would read it; no code in it can run.

    Parameters
    ----------
    project_root
        Folder of the project.
    path
        The file.

    Raises
    ------
    DataError
        If there is no such file.
    RunError
        If it is no model of CellDesk, is damaged, or was written by a newer version.
    SpecError
        If the model neither labels cells nor takes bulk samples apart.
    """
    from core.model import TrainedModel

    file = Path(path.strip().strip("\"'")).expanduser()
    if not path.strip() or not file.is_file():
        remedy = "Check the path; it is looked up on the machine that runs CellDesk"
        raise DataError("There is no file at this path", path.strip() or None, remedy)
    ModelHeader.read(file).require(*BROUGHT)
    TrainedModel.load(file)
    key = fingerprint(file)
    name = file.name if file.suffix == ".safetensors" else f"{file.name}.safetensors"
    whole_folder(Project(Path(project_root)).root / FOLDER / key, lambda folder: shutil.copyfile(file, folder / name))
    return key


def model_of(project: Project, run: Run) -> ModelFile | None:
    """The model that ``run`` used or trained; ``None`` where the project does not have it."""
    used = run.spec.data.model
    path = Path(used.path) if used else run.model_path
    return next((model for model in model_files(project) if model.path == path), None)


def forget(model: ModelFile) -> None:
    """Remove the project's copy of a model that was brought; runs that used it keep their own."""
    assert model.run is None
    shutil.rmtree(model.path.parent)


def fit(project: Project, header: ModelHeader, source: SourceSpec, role: Role = "query") -> Fit | None:
    """How a file fits a model, by names of genes or places of peaks; ``None`` where it was not read yet."""
    folder = stored_sets.stored(project, role, source)
    if folder is None:
        return None
    measured = pd.Index(stored_sets.genes(folder)["gene"].astype(str))
    wanted = pd.Index(header.genes)
    found = wanted.isin(measured)
    if stored_sets.summary(folder)["gene_kind"] == "peaks" and are_peaks(wanted) and not found.all():
        found = np.isin(np.arange(len(wanted)), overlapped(parse(measured), parse(wanted)))
    return Fit(len(wanted), tuple(map(str, wanted[~found])))
