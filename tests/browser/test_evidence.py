"""The Evidence page in a real browser: every view is computed, drawn in full, and fits its window."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser import prepared, steps
from tests.browser.conftest import APP, Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]
VIEWS = {
    "Markers": ("Compare markers", ("Marker sets", "Best fit of each group", "Markers of the reference in both files")),
    "Calls": ("", ("From groups to labels", "Own labels against given ones", "Probability of every type")),
    "Genes": ("Follow the genes", ("Genes behind a type", "Are these the types' markers?")),
    "Cells": ("Explain this cell", ("Which cells", "Where they lie", "Why this cell")),
    "Both files": ("Draw both files", ("By the network's code", "By genes, without a network", "In words")),
}
FEW = {"cells": 6, "steps": 8, "controls": 1, "pictured": 120}
HEIGHT = "(document.querySelector('[data-testid=stMain]') || document.body).scrollHeight"
LONG = 240_000


@pytest.fixture(scope="module")
def labelled(serve, tmp_path_factory: pytest.TempPathFactory) -> tuple[Server, str]:
    """A server with one project whose query was labelled and names its own types."""
    workspace = tmp_path_factory.mktemp("evidence")
    files = prepared.demo_files(workspace / "demo")
    project = prepared.project_of(workspace, "Demo", files, query_labels="hidden_truth")
    settings = {f"analysis.evidence.{name}": value for name, value in FEW.items()}
    prepared.train(project, {"deepscore": {"training.epochs": 4, **settings}}, workspace)
    return serve(APP, workspace), project.root.name


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_view_is_computed_and_stands_in_the_window(
    labelled: tuple[Server, str], dark: bool, look, tmp_path: Path
):
    server, project = labelled
    watched = look(steps.address(server, "evidence", project), dark=dark)
    page = watched.page
    steps.settled(page)
    for name, (button, cards) in VIEWS.items():
        page.get_by_role("radio", name=name, exact=True).first.click()
        steps.settled(page)
        asked = page.get_by_role("button", name=button, exact=False) if button else None
        if asked is not None and asked.count() and asked.first.is_enabled():
            asked.first.click()
            page.wait_for_timeout(500)
            steps.settled(page, LONG)
        for title in cards:
            assert page.get_by_role("heading", name=title, exact=True).count(), title
        page.screenshot(path=tmp_path / f"{name}.png")
        assert not steps.exceptions(watched)
        assert page.evaluate(HEIGHT) <= 900, name
        assert steps.overflow(page) <= 0
    watched.assert_clean()


def test_a_chosen_cell_is_explained_against_another_type(labelled: tuple[Server, str], look):
    server, project = labelled
    watched = look(steps.address(server, "evidence", project))
    page = watched.page
    steps.settled(page)
    page.get_by_role("radio", name="Cells", exact=True).first.click()
    steps.settled(page)
    page.get_by_role("radio", name="Unsure", exact=True).click()
    steps.settled(page)
    browser = steps.card(page, "Which cells")
    row = browser.locator("tbody tr").nth(2)
    cell = row.locator("td").first.inner_text()
    row.click()
    steps.settled(page)
    card = steps.card(page, "Why this cell")
    assert card.get_by_text(cell, exact=True).count()
    steps.button(page, "Explain this cell")
    steps.settled(page, LONG)
    assert card.get_by_text("logits", exact=False).count()
    assert not steps.exceptions(watched)
