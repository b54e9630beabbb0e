"""Annotation where labels have levels and cells voted: the switch, the tables by level, the votes of clusters."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from core.annotation.backoff import SAFE
from core.data.demo import LABEL_COLUMN, write_demo
from core.project import Project
from core.recipes import recipe
from core.specs import SourceSpec, replaced_all
from core.workspace import worker_environment
from pages.ui import registry
from pages.ui.explore.evidence import CALLS, CELLS, VIEW
from tests.pages.explore.conftest import Open, words

pytestmark = pytest.mark.slow
LEVEL = "level-run-0001"
SETTINGS = {
    "training.epochs": 2,
    "training.threads": 1,
    "analysis.groups": (2, 4),
    "analysis.voting.over": "clusters",
    "analysis.embedding.epochs": 10,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("levels")
    paths = write_demo(root / "demo")
    made = recipe("deepscore").spec
    sources = {
        "reference": SourceSpec(path=str(paths["reference"]), label_column=LABEL_COLUMN),
        "query": SourceSpec(path=str(paths["query"]), label_column="hidden_truth"),
    }
    made = made.model_copy(update={"data": made.data.model_copy(update=sources)})
    made = replaced_all(made, SETTINGS)
    project = Project.create("Demo", made, root / "projects" / "demo")
    run = project.new_run(made)
    environment = {**os.environ, **worker_environment(1), "CELLDESK_WORKSPACE": str(root)}
    arguments = [sys.executable, "-m", "core.tasks.worker", str(run.directory)]
    subprocess.run(arguments, cwd=registry.ROOT, env=environment, check=True, capture_output=True)
    return project.root


@pytest.fixture
def levelled(folder: Path, workspace: Path) -> Project:
    return Project(Path(shutil.copytree(folder, workspace / "projects" / "demo")))


def test_labels_are_shown_at_the_level_chosen(levelled: Project, opened: Open):
    run = levelled.run("run-0001")
    labels = pd.read_csv(run.directory / "label_levels.csv")
    answers = pd.read_csv(run.directory / "level_answers.csv").set_index("answer")
    page = opened("annotation")
    assert not page.exception, page.exception
    for level in (LABEL_COLUMN, "2 groups", SAFE):
        page.segmented_control(key=LEVEL).set_value(level).run()
        assert not page.exception, page.exception
        assert f"{100 * answers.loc[level, 'accuracy']:.1f} % of all held-out reference cells are right" in words(page)
    threshold = pd.read_csv(run.directory / "coverage.csv")["threshold"][page.slider(key="refuse-rate-run-0001").value]
    known = pd.read_csv(run.directory / "annotation.csv")["open_set_score"] <= threshold
    told = int((known & (labels["safe_level"] != "none")).sum())
    assert f"{told:,} cells, {100 * told / len(labels):.1f} %" in words(page)
    assert "Labels at each level" in words(page)


@pytest.mark.parametrize("level", ["2 groups", SAFE])
def test_every_view_stands_at_every_level(levelled: Project, opened: Open, level: str):
    page = opened("annotation")
    page.segmented_control(key=LEVEL).set_value(level).run()
    for way in ("Confusion", "Reliability", "Levels", "Clusters"):
        page.segmented_control(key="types-shown").set_value(way).run()
        assert not page.exception, (way, page.exception)
    for colour in ("Probability", "Votes"):
        page.segmented_control(key="query-colour").set_value(colour).run()
        assert not page.exception, (colour, page.exception)


def test_what_the_vote_changed_is_said(levelled: Project, opened: Open):
    changed = levelled.run("run-0001").summary["changed_by_vote"]
    assert f"{changed:,} cells" in words(opened("annotation"))


def test_labels_kept_at_a_cut_off_are_exported_at_every_level(levelled: Project, opened: Open, tmp_path: Path):
    from core import keys
    from core.results import Results
    from core.saved import Saved
    from core.tasks.export_step import export, with_saved

    page = opened("annotation")
    page.slider(key="refuse-rate-run-0001").set_value(40).run()
    page.button(key="save-labels").click().run()
    run = levelled.run("run-0001")
    export(str(levelled.root), [("run-0001", "label_levels.csv"), ("run-0001", "annotation.csv")], str(tmp_path))
    written = pd.read_csv(tmp_path / "run-0001" / "label_levels.csv")
    assigned = pd.read_csv(tmp_path / "run-0001" / "annotation.csv")["assigned"]
    assert (written.loc[~assigned, "safe_label"] == "not assigned").all()
    results = Results(run)
    cells = with_saved(results.adata, Saved.of(levelled, run), results)
    assert cells.obs[keys.SAFE_LABEL].tolist() == written["safe_label"].tolist()


def test_evidence_for_calls_is_shown_at_the_level_chosen(levelled: Project, opened: Open):
    page = opened("evidence")
    page.segmented_control(key=VIEW).set_value(CALLS).run()
    assert not page.exception and "Probability of every label" in words(page) and "keep their label" in words(page)
    coarse = levelled.run("run-0001").summary["levels"][0]
    switch = page.segmented_control(key=LEVEL)
    switch.set_value(coarse).run()
    assert not page.exception and "have a label of probability 0.9" in words(page)
    page.segmented_control(key="known-shown").set_value("Per type").run()
    assert not page.exception and "Scores of each type" in words(page)
    page.segmented_control(key=LEVEL).set_value(SAFE).run()
    page.segmented_control(key="known-shown").set_value("Map").run()
    assert not page.exception and "or lie above it" in words(page)


def test_an_explained_cell_tells_its_levels_and_its_vote(levelled: Project, opened: Open):
    page = opened("evidence")
    page.segmented_control(key=VIEW).set_value(CELLS).run()
    page.segmented_control(key="browsed").set_value("Unsure").run()
    page.button(key="explain-cell").click().run(timeout=300)
    assert not page.exception
    said = words(page)
    assert "Down the levels: " in said and ("own best type" in said or "by itself" in said)
