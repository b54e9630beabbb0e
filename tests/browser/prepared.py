"""Projects with finished runs, made by real workers before the browser opens them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from core.data.demo import write_demo
from core.project import Project
from core.recipes import recipe
from core.recipes.adopt import adopted
from core.runs.run import Run
from core.search.folder import Search
from core.specs import RunSpec, SearchSpec, replaced
from core.tasks import admit, feature_search
from core.workspace import worker_environment
from tests.browser.conftest import COMPILED, ROOT

Settings = Mapping[str, Mapping[str, Any]]
QUICK: Settings = {
    "cell_identity_code": {"training.epochs": 3, "analysis.folds": 2},
    "digital_sorter": {"training.epochs": 3, "analysis.mixtures": 300},
    "deepscore": {"training.epochs": 3},
    "pathway_autoencoder": {"training.epochs": 3, "training.batch_size": 32},
}
"""Recipes in the order of their runs, small enough for a test; the last one stays the draft."""
TASKS = {"cell_identity_code": "evaluate"}


def demo_files(folder: Path) -> dict[str, Path]:
    """The demonstration's files, as a person would have them; the query's own labels are hidden."""
    return write_demo(folder)


def project_of(workspace: Path, name: str, files: Mapping[str, Path], query_labels: str | None = None) -> Project:
    """A project in ``workspace`` with its files brought in, and nothing trained."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CELLDESK_WORKSPACE", str(workspace))
        made = Project.create(name, recipe("deepscore").spec)
        root = str(made.root)
        admit.admit(root, "reference", {"path": str(files["reference"]), "label_column": "cell_type"}, new=True)
        if "query" in files:
            admit.admit(root, "query", {"path": str(files["query"]), "label_column": query_labels}, new=True)
        if "bulk" in files:
            admit.admit(root, "bulk", {"path": str(files["bulk"])}, new=True)
        if "gene_sets" in files:
            admit.admit_gene_sets(root, str(files["gene_sets"]))
        if "truth" in files:
            admit.admit_truth(root, str(files["truth"]))
    return made


def with_recipe(draft: RunSpec, name: str, settings: Mapping[str, Any]) -> RunSpec:
    """``draft`` with the recipe called ``name`` and ``settings``."""
    spec = adopted(draft, recipe(name), TASKS.get(name))
    for path, value in settings.items():
        spec = replaced(spec, path, value)
    return spec


def train(project: Project, settings: Settings, workspace: Path) -> list[Run]:
    """Train every recipe of ``settings`` in turn, each in a worker of its own; the last one stays the draft."""
    return [_run(project, name, more, workspace) for name, more in settings.items()]


def find_genes(project: Project, workspace: Path) -> None:
    """Search for the draft's genes, so that the Features page has them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CELLDESK_WORKSPACE", str(workspace))
        feature_search.search(project_root=str(project.root))


def search(project: Project, name: str, settings: Mapping[str, Any], plan: SearchSpec, workspace: Path) -> None:
    """Search the settings of a recipe in a worker of its own; the draft stays what it is."""
    before = project.draft
    project.edit(lambda draft: with_recipe(draft, name, settings))
    made = Search.of_project(project, plan)
    project.edit(lambda _: before)
    _work("core.search.worker", made.directory, workspace)


def _run(project: Project, name: str, settings: Mapping[str, Any], workspace: Path) -> Run:
    run = project.new_run(project.edit(lambda draft: with_recipe(draft, name, settings)))
    _work("core.tasks.worker", run.directory, workspace)
    return run


def _work(module: str, directory: Path, workspace: Path) -> None:
    environment = {**worker_environment(1), **COMPILED, "CELLDESK_WORKSPACE": str(workspace)}
    arguments = [sys.executable, "-m", module, str(directory)]
    subprocess.run(arguments, cwd=ROOT, env=environment, check=True, capture_output=True)
