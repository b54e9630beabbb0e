"""The level switch of the Annotation page: fine, coarser, as deep as is safe."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from core.annotation.backoff import SAFE
from tests.browser import prepared, steps
from tests.browser.conftest import APP, Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SETTINGS = {
    "training.epochs": 3,
    "analysis.groups": (2, 4),
    "analysis.voting.over": "clusters",
    "analysis.embedding.epochs": 30,
}


@pytest.fixture(scope="module")
def levelled(serve, tmp_path_factory: pytest.TempPathFactory) -> tuple[Server, str]:
    workspace: Path = tmp_path_factory.mktemp("levels")
    project = prepared.project_of(workspace, "Demo", prepared.demo_files(workspace / "demo"))
    prepared.train(project, {"deepscore": SETTINGS}, workspace)
    return serve(APP, workspace), project.root.name


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_switch_changes_labels_curve_and_table(levelled: tuple[Server, str], dark: bool, look):
    server, project = levelled
    watched = look(steps.address(server, "annotation", project), dark=dark)
    page = watched.page
    steps.settled(page)
    legend = steps.card(page, "Query cells")
    fine = legend.inner_text()
    assert "2 groups" in page.inner_text("[class*='st-key-levels-bar']")
    page.get_by_role("radio", name="2 groups", exact=True).click()
    steps.settled(page)
    coarse = legend.inner_text()
    assert coarse != fine
    assert len(re.findall(r"\d+", coarse)) < len(re.findall(r"\d+", fine))
    page.get_by_role("radio", name=SAFE).click()
    steps.settled(page)
    assert "get a label" in page.inner_text("[class*='st-key-levels-bar']")
    page.get_by_role("radio", name="Levels", exact=True).click()
    steps.settled(page)
    assert "Hierarchical F1" in steps.card(page, "Per type").inner_text()
    page.get_by_role("radio", name="Clusters", exact=True).click()
    steps.settled(page)
    assert not steps.exceptions(watched)
    assert steps.overflow(page) <= 0
    tall = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
    assert tall <= 900
    watched.assert_clean()
