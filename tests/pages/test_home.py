"""Home, as a person walks through it: make a project, change the recipe, load the demo, open another project."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.data.demo_gene_sets import GENE_SETS
from core.project import Project
from core.recipes import RECIPES, recipe
from core.specs import ROLES, Role
from core.tasks import stored_sets
from core.workspace import workspace
from pages.ui import registry
from pages.ui.home.start import DEMO_SETS

SHELL = str(registry.PAGES / "shell.py")


@pytest.fixture
def home() -> AppTest:
    return AppTest.from_file(SHELL, default_timeout=90).run()


def folders() -> list[Path]:
    return workspace().project_folders()


def words(test: AppTest) -> str:
    return " ".join(block.proto.body for block in test.get("html"))


def test_a_name_makes_a_project_and_without_one_the_reason_is_said(home: AppTest):
    home.button(key="home-make").click().run()
    assert "A project needs a name" in words(home) and not folders()
    home.text_input(key="home-name").set_value("Kidney pilot")
    home.button(key="home-make").click().run()
    assert not home.exception
    assert Project(folders()[0]).name == "Kidney pilot"
    assert "Where Kidney pilot stands" in words(home)


def test_a_project_lies_in_the_folder_that_was_written(home: AppTest, tmp_path: Path):
    home.text_input(key="home-name").set_value("Kidney pilot")
    home.text_input(key="home-folder").set_value(str(tmp_path / "mine"))
    home.button(key="home-make").click().run()
    assert (tmp_path / "mine" / "kidney-pilot" / "project.json").exists()


def test_a_recipe_keeps_the_data_and_goes_where_the_next_thing_is(home: AppTest):
    project = Project.create("Mine", recipe("deepscore").spec)
    project.change("data.reference", {"path": "/cells.h5ad"})
    home.run()
    home.button(key="use-funnel_autoencoder").click().run()
    draft = project.draft
    assert draft.recipe == "funnel_autoencoder" and draft.network == recipe("funnel_autoencoder").spec.network
    assert draft.data.reference and draft.data.reference.path == "/cells.h5ad"


@pytest.mark.parametrize("name", ["pathway_autoencoder", "mixer"])
def test_a_recipe_without_a_project_makes_one(home: AppTest, name: str):
    home.button(key=f"use-{name}").click().run()
    assert Project(folders()[0]).draft.recipe == name


def test_every_recipe_is_there_with_its_source(home: AppTest):
    for each in RECIPES.values():
        assert home.button(key=f"use-{each.name}").help == f"From: {each.citation}"


def test_a_folder_that_holds_no_project_is_refused_in_three_parts(home: AppTest, tmp_path: Path):
    home.text_input(key="home-open-path").set_value(str(tmp_path))
    home.run()
    home.button(key="home-open-now").click().run()
    assert "This folder holds no CellDesk project" in words(home)
    assert str(tmp_path) in words(home)


@pytest.mark.slow
def test_one_click_brings_the_demo_with_its_data(home: AppTest):
    home.button(key="home-demo").click().run()
    assert not home.exception
    project = Project(folders()[0])
    data = project.draft.data

    def folder(role: Role) -> Path | None:
        return stored_sets.stored(project, role, getattr(data, role))

    assert data.reference and data.reference.label_column == "cell_type" and data.reference.fingerprint
    assert data.query and data.bulk and data.gene_sets and data.truth
    known = {role: stored_sets.summary(found) for role in ROLES if (found := folder(role))}
    assert DEMO_SETS["Reference"] == f"{known['reference']['n_cells']} cells, {known['reference']['n_types']} types"
    assert DEMO_SETS["Query"] == f"{known['query']['n_cells']} cells, labels hidden"
    assert DEMO_SETS["Bulk"] == f"{known['bulk']['n_cells']} mixed samples"
    assert DEMO_SETS["Gene sets"].startswith(str(len(GENE_SETS)))
    assert "Demo</b> is open with its data in place" in words(home)
    home.button(key="home-demo").click().run()
    assert {Project(folder).name for folder in folders()} == {"Demo", "Demo 2"}


def test_before_the_first_project_the_three_states_are_explained(home: AppTest):
    said = words(home)
    assert all(state in said for state in ("Current", "Stale", "Missing")) and "One of them has changed since" in said
