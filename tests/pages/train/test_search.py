"""Search: set up, refused where it is typed, shown once trials are there, and one of them taken over."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.project import Project
from core.recipes import recipe
from core.search.folder import Search, searches
from core.search.trial import Trial
from core.specs import SearchSpec, parse, replaced
from pages.ui import registry
from pages.ui.search import plan

RATE = {"path": "training.learning_rate", "low": 1e-4, "high": 1e-2, "log": True}
UNITS = {"path": "network.code.units", "kind": "choices", "choices": [16, 32]}


def opened() -> AppTest:
    test = AppTest.from_file(str(registry.PAGES / "shell.py"), default_timeout=90).run()
    return test.switch_page(str(registry.page("search").file)).run()


def words(test: AppTest) -> str:
    return " ".join(block.proto.body for block in test.get("html"))


@pytest.fixture
def project(tmp_path: Path) -> Project:
    spec = recipe("pathway_autoencoder").spec
    return Project.create("Cells", replaced(spec, "data.reference.path", str(tmp_path / "cells.h5ad")))


@pytest.fixture
def search(project: Project) -> Search:
    """Three trials as a process would have left them."""
    made = Search.of_project(project, parse(SearchSpec, {"dimensions": [RATE, UNITS], "trials": 3, "repeats": 1}))
    settings = [
        {"training.learning_rate": rate, "network.code.units": units} for rate, units in ((1e-3, 32), (5e-3, 16))
    ]
    made.write(Trial(1, settings[0], "complete", 0.5, 4, 2.0, values=(0.7, 0.5)))
    made.write(Trial(2, settings[1], "complete", 0.25, 4, 2.0, values=(0.6, 0.25)))
    made.write(Trial(3, settings[0], "refused", reason="They cannot go together."))
    made.write(Trial(4, settings[1], "complete", 0.375, 4, 2.0, repeats=2, seed=1))
    made.write_status(made.status.changed(state="finished"))
    return made


def test_without_data_the_page_leads_to_the_data():
    Project.create("Empty", recipe("deepscore").spec)
    page = opened()
    assert not page.exception and "Nothing has been searched yet" in words(page)
    page.button(key="search-start").click().run()
    assert not page.exception and "This task needs a reference" in words(page)


def test_settings_are_added_changed_and_removed_and_kept_in_the_project(project: Project):
    page = opened()
    assert plan.plan(project, project.draft).paths == ("training.learning_rate",)
    page.selectbox(key="search.add").set_value("network.code.dropout").run()
    assert not page.exception
    assert plan.plan(project, project.draft).paths == ("training.learning_rate", "network.code.dropout")
    key = "search.cells-pathway_autoencoder.network.code.dropout"
    page.number_input(key=f"{key}.high").set_value(0.75).run()
    assert plan.plan(project, project.draft).dimensions[1].high == 0.75
    page.number_input(key=f"{key}.high").set_value(0.99).run()
    assert "Use a value from 0 to 0.95" in words(page)
    assert plan.plan(project, project.draft).dimensions[1].high == 0.75
    page.button(key=f"{key}.remove").click().run()
    assert plan.plan(project, project.draft).paths == ("training.learning_rate",)


def test_a_range_becomes_a_list_and_a_grid_has_a_size(project: Project):
    page = opened()
    key = "search.cells-pathway_autoencoder"
    page.segmented_control(key=f"{key}.sampler").set_value("grid").run()
    assert "A grid needs steps" in words(page)
    page = opened()
    page.segmented_control(key=f"{key}.training.learning_rate.kind").set_value("List").run()
    assert plan.plan(project, project.draft).dimensions[0].choices == (0.0001, 0.001, 0.01)
    page.text_input(key=f"{key}.training.learning_rate.list").set_value("0.001, 0.002").run()
    page.segmented_control(key=f"{key}.sampler").set_value("grid").run()
    assert not page.exception and "2 combinations" in words(page)


def test_what_cannot_be_compared_is_said_before_the_start(project: Project):
    plan.keep(project, parse(SearchSpec, {"dimensions": [{"path": "features.target", "low": 100, "high": 900}]}))
    page = opened()
    assert "it changes the values that are rebuilt" in words(page)
    page.button(key="search-start").click().run()
    assert not page.exception and not searches(project)


def test_trials_are_shown_and_the_best_is_taken_over(project: Project, search: Search):
    page = opened()
    assert not page.exception, page.exception
    said = words(page)
    assert "Finished: 4 of 4 trials" in said and "<h1>Search 1</h1>" in said
    assert "best loss 0.25 in trial 2" in said and "the best so far" in said and "too good" in said
    assert "0.375" in said
    page.button(key="search-use").click().run()
    assert not page.exception
    assert project.draft.training.learning_rate == 5e-3 and project.draft.network.code_units == 16
    assert page.button(key="search-use").disabled


def test_a_setting_changed_since_is_said(project: Project, search: Search):
    project.change("training.batch_size", 77)
    page = opened()
    assert "The draft has changed since this search: training.batch_size" in words(page)
    assert json.loads(search.spec_path.read_text())["base"]["training"]["batch_size"] != 77


def test_a_search_whose_process_is_gone_can_be_resumed(project: Project, search: Search):
    search.write_status(search.status.changed(state="running", created=1.0, pid=2**22 + 1, host="elsewhere"))
    search.heartbeat_path.touch()
    os.utime(search.heartbeat_path, (1, 1))
    page = opened()
    assert "ended without a word" in words(page) and page.button(key="search-resume")
