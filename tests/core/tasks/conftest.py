"""Finished runs for the steps that begin where training ends."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from core.project import Project
from tests.finished import make


@pytest.fixture(scope="session")
def finished_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run 1 represents, run 2 evaluates."""
    return make(tmp_path_factory.mktemp("finished")).root


@pytest.fixture
def finished(finished_folder: Path, workspace: Path) -> Project:
    return Project(Path(shutil.copytree(finished_folder, workspace / "projects" / "demo")))


@pytest.fixture
def own_sets(finished: Project) -> Path:
    """The gene-set file of the finished run."""
    return Path(str(finished.draft.data.gene_sets))
