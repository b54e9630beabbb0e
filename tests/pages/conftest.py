"""A project that has represented cells and evaluated on them, made once, and a way to open a page on it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.project import Project
from pages.ui import registry, session
from tests.finished import make


@pytest.fixture(scope="session")
def represented_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run 1 represents, run 2 evaluates."""
    return make(tmp_path_factory.mktemp("represented")).root


@pytest.fixture
def represented(represented_folder: Path, workspace: Path) -> Project:
    return Project(Path(shutil.copytree(represented_folder, workspace / "projects" / "demo")))


@pytest.fixture
def look() -> Callable[[Project, str], AppTest]:
    """Opens a page on a project."""

    def open_page(project: Project, name: str) -> AppTest:
        test = AppTest.from_file(str(registry.PAGES / "shell.py"), default_timeout=120)
        test.session_state[session.PROJECT] = str(project.root)
        test.run().switch_page(str(registry.page(name).file)).run()
        assert not test.exception, test.exception
        return test

    return open_page
