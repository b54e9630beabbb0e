"""A project whose runs are finished, made once by real workers and copied for every test."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.data.demo import LABEL_COLUMN, write_demo
from core.project import Project
from core.recipes import recipe
from core.specs import RunSpec, SourceSpec, replaced
from core.workspace import worker_environment
from pages.ui import registry, session

Open = Callable[[str], AppTest]
SETTINGS = {"deepscore": {}, "digital_sorter": {"analysis.mixtures": 200}}


@pytest.fixture(scope="session")
def finished_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run 1 labels the demonstration's query, run 2 takes its bulk samples apart and knows their true shares."""
    folder = tmp_path_factory.mktemp("finished")
    paths = write_demo(folder / "demo")
    project = Project.create("Demo", recipe("deepscore").spec, folder / "projects" / "demo")
    for name, more in SETTINGS.items():
        asked = _spec(name, paths, {"training.epochs": 2, **more})
        run = project.new_run(asked)
        environment = {**worker_environment(1), "CELLDESK_WORKSPACE": str(folder)}
        arguments = [sys.executable, "-m", "core.tasks.worker", str(run.directory)]
        subprocess.run(arguments, cwd=registry.ROOT, env=environment, check=True, capture_output=True)
        project.edit(lambda _, spec=asked: spec)
    return project.root


@pytest.fixture
def finished(finished_folder: Path, workspace: Path) -> Project:
    return Project(Path(shutil.copytree(finished_folder, workspace / "projects" / "demo")))


@pytest.fixture
def opened(workspace: Path) -> Open:
    """Opens a page on the project in the workspace."""
    assert os.environ["CELLDESK_WORKSPACE"] == str(workspace)

    def open_page(name: str) -> AppTest:
        test = AppTest.from_file(str(registry.PAGES / "shell.py"), default_timeout=90)
        test.session_state[session.PROJECT] = str(workspace / "projects" / "demo")
        return test.run().switch_page(str(registry.page(name).file)).run()

    return open_page


def words(test: AppTest) -> str:
    """All that the page says in its own pieces of HTML."""
    return " ".join(block.proto.body for block in test.get("html"))


def _spec(name: str, paths: dict[str, Path], settings: dict[str, int]) -> RunSpec:
    spec = recipe(name).spec
    data = {
        "reference": SourceSpec(path=str(paths["reference"]), label_column=LABEL_COLUMN),
        "query": SourceSpec(path=str(paths["query"]), label_column="hidden_truth"),
        "bulk": SourceSpec(path=str(paths["bulk"])),
        "truth": str(paths["truth"]),
    }
    spec = spec.model_copy(update={"data": spec.data.model_copy(update=data)})
    for path, value in settings.items():
        spec = replaced(spec, path, value)
    return spec
