"""A small project with finished runs, made by the real worker: shared by tests that begin where training ends."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.data.demo import LABEL_COLUMN, write_demo
from core.project import Project
from core.recipes import recipe
from core.specs import RunSpec, SourceSpec, replaced
from core.tasks.worker import execute

FAST = {"training.epochs": 2, "training.threads": 1, "analysis.embedding.epochs": 10}
TRIED = {
    "training.epochs": 2,
    "training.threads": 1,
    "features.target": 100,
    "analysis.folds": 2,
    "analysis.experiments": ("reconstruction", "rank"),
}


def make(folder: Path) -> Project:
    """Run 1 represents the demonstration's reference, run 2 evaluates on it; the draft is that of run 1."""
    paths = write_demo(folder / "demo")
    first = spec(paths, "pathway_autoencoder", "represent", FAST)
    project = Project.create("Demo", first, folder / "projects" / "demo")
    execute(project.new_run(first))
    execute(project.new_run(spec(paths, "cell_identity_code", "evaluate", TRIED)))
    return project


def spec(paths: dict[str, Path], name: str, task: str, settings: dict[str, Any]) -> RunSpec:
    """A recipe on the demonstration's files with some settings changed."""
    made = recipe(name).for_task(task)
    data = {
        "reference": SourceSpec(path=str(paths["reference"]), label_column=LABEL_COLUMN),
        "gene_sets": str(paths["gene_sets"]),
    }
    made = made.model_copy(update={"data": made.data.model_copy(update=data)})
    for path, value in settings.items():
        made = replaced(made, path, value)
    return made
