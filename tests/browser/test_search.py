"""A search in the browser: set up, watched, and its best trial taken over."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.project import Project
from core.search.folder import searches
from core.search.trial import best
from core.specs import SearchSpec, parse, replaced_all
from pages.ui.search import plan
from tests.browser import prepared, steps
from tests.browser.conftest import APP

pytestmark = [pytest.mark.browser, pytest.mark.slow]
MINUTES = 3 * steps.MINUTE
QUICK = {"training.epochs": 3, "features.target": 200, "training.replay_frames": 0}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    workspace = tmp_path_factory.mktemp("searched")
    made = prepared.project_of(workspace, "Demo", prepared.demo_files(workspace / "demo"))
    made.edit(lambda draft: replaced_all(draft, QUICK))
    return made


def test_a_search_is_started_watched_and_its_best_trial_is_used(project: Project, serve, look, tmp_path: Path):
    search = {
        "dimensions": [{"path": "training.learning_rate", "low": 2e-3, "high": 2e-2, "log": True}],
        "trials": 3,
        "metric": "macro_f1",
        "present_first": False,
    }
    plan.keep(project, parse(SearchSpec, search))
    server = serve(APP, project.root.parent.parent)
    watched = look(steps.address(server, "search", project.root.name))
    page = watched.page
    steps.settled(page)
    assert page.get_by_text("Nothing has been searched yet").count()
    box = page.get_by_role("combobox", name="Add a setting")
    box.click()
    box.fill("layer 1 dropout")
    page.wait_for_timeout(500)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Layer 1 dropout").wait_for()
    steps.button(page, "More settings")
    page.keyboard.press("Escape")
    steps.settled(page)
    kept = plan.plan(project, project.draft)
    assert kept.pruning is not None and kept.pruning.startup_trials == 5  # looking at settings changes none
    assert kept.paths == ("training.learning_rate", "network.encoder.0.dropout")

    page.get_by_role("button", name="Start the search").click()
    page.get_by_text("of 3 trials").first.wait_for(timeout=MINUTES)
    page.get_by_text("Finished: 3 of 3 trials").wait_for(timeout=MINUTES)
    steps.settled(page)
    (made,) = searches(project)
    assert [trial.state for trial in made.trials()] == ["complete"] * 3
    table = steps.card(page, "Trials")
    assert table.get_by_text("Complete").count() == 3
    assert page.get_by_text("Search 1").count()
    page.screenshot(path=tmp_path / "search.png")

    found = best(made.trials(), made.spec)
    assert found is not None
    steps.button(page, "Use this one")
    assert project.draft.training.learning_rate == found.settings["training.learning_rate"]
    assert project.draft.network.encoder[0].dropout == found.settings["network.encoder.0.dropout"]
    assert page.get_by_role("button", name="Use this one").is_disabled()
    other = next(trial for trial in made.trials() if trial.number != found.number)
    table.get_by_role("row").nth(other.number).get_by_role("cell").nth(3).click()
    page.get_by_role("heading", name=f"Trial {other.number}", exact=True).wait_for()
    steps.settled(page)
    steps.button(page, "Open run")
    page.get_by_role("heading", level=1, name=f"Search 1, trial {other.number}").wait_for()
    steps.settled(page)
    assert page.get_by_text("Resume it to go on to its results").count()
    assert not steps.exceptions(watched)
    assert steps.overflow(page) <= 0
    watched.assert_clean()
