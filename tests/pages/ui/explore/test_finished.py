"""What a page of Explore says before there is a run to look at: the next thing to do, and where."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.project import Project
from core.recipes import recipe
from core.specs import SourceSpec
from tests.pages.explore.conftest import words

Look = Callable[[Project, str], AppTest]
PAGES = ("embedding", "annotation", "composition", "pathways", "codes")


def leads_to(test: AppTest) -> list[str]:
    return [link.proto.page for link in test.get("page_link")]


@pytest.mark.parametrize("page", PAGES)
def test_without_a_file_a_page_names_it_and_leads_to_data(page: str, workspace: Path, look: Look):
    test = look(Project.create("Empty", recipe("deepscore").spec), page)
    assert "First bring a reference" in words(test) and leads_to(test) == ["data"]


@pytest.mark.parametrize(("page", "where"), [("annotation", "runs"), ("composition", "network")])
def test_with_its_files_a_page_leads_to_the_run_or_to_the_recipe(page: str, where: str, workspace: Path, look: Look):
    project = Project.create("Ready", recipe("deepscore").spec)
    for role in ("reference", "query", "bulk"):
        project.change(f"data.{role}", SourceSpec(path=f"{role}.h5ad", label_column="type"))
    assert leads_to(look(project, page)) == [where]
