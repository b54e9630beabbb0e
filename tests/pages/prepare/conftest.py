"""A project with the demonstration's files, made once and copied for every test, and the page it is opened on."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.project import Project
from core.recipes import recipe
from core.tasks import admit
from pages.ui import registry, session

SHELL = str(registry.PAGES / "shell.py")
Open = Callable[[Project, str], AppTest]


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CELLDESK_WORKSPACE", str(folder / "workspace"))
        project = Project.create("Demo", recipe("deepscore").spec, folder / "project")
        admit.admit_demo(str(project.root))
    return project.root


@pytest.fixture
def demo(demo_folder: Path, tmp_path: Path) -> Project:
    return Project(Path(shutil.copytree(demo_folder, tmp_path / "project")))


@pytest.fixture
def empty(tmp_path: Path) -> Project:
    return Project.create("Empty", recipe("deepscore").spec, tmp_path / "project")


@pytest.fixture
def opened() -> Open:
    def open_page(project: Project, page: str) -> AppTest:
        test = AppTest.from_file(SHELL, default_timeout=90)
        test.session_state[session.PROJECT] = str(project.root)
        return test.run().switch_page(str(registry.page(page).file)).run()

    return open_page


def words(test: AppTest) -> str:
    """All that the page says in its own pieces of HTML."""
    return " ".join(block.proto.body for block in test.get("html"))
