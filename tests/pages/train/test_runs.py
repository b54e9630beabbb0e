"""Runs, with real workers on the demonstration: start, watch, stop, resume, compare."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.project import Project
from core.recipes import recipe
from core.runs.frames import Frames
from core.runs.run import Run
from core.specs import replaced
from core.tasks import worker
from core.tasks.admit import admit_demo
from pages.ui import registry

SHELL = str(registry.PAGES / "shell.py")
PATIENCE = 120.0


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with the demonstration's data and a short recipe; its workspace is each test's own."""
    folder = tmp_path_factory.mktemp("demo")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CELLDESK_WORKSPACE", str(folder))
        project = Project.create("Demo", replaced(recipe("deepscore").spec, "training.epochs", 2))
        admit_demo(str(project.root))
    return project.root


@pytest.fixture
def project(demo: Path) -> Project:
    return Project.open(demo)


def opened() -> AppTest:
    return AppTest.from_file(SHELL, default_timeout=90).run().switch_page(str(registry.PAGES / "train/runs.py")).run()


def words(test: AppTest) -> str:
    return " ".join(block.proto.body for block in test.get("html"))


def ended(run: Run) -> Run:
    until = time.monotonic() + PATIENCE
    while run.status.active and time.monotonic() < until:
        time.sleep(0.2)
    return run


def wait_for_epoch(run: Run) -> None:
    until = time.monotonic() + PATIENCE
    while not run.epochs() and run.status.active and time.monotonic() < until:
        time.sleep(0.1)


def test_without_a_project_the_page_says_where_to_begin():
    page = opened()
    assert not page.exception and "No project is open" in words(page)


def test_before_the_first_run_the_page_says_what_a_run_is_and_refuses_without_data():
    project = Project.create("Empty", recipe("deepscore").spec)
    page = opened()
    assert "Nothing is trained yet" in words(page)
    page.button(key="run-start").click().run()
    assert not page.exception and not project.runs()
    assert "This task needs a reference" in words(page) and "Bring them on the Data page" in words(page)


def test_a_failed_run_is_shown_in_its_three_parts():
    project = Project.create(
        "Broken", replaced(recipe("funnel_autoencoder").spec, "data.reference.path", "/nothing.h5ad")
    )

    run = project.new_run()
    assert worker.main([str(run.directory)]) == 2
    page = opened()
    assert not page.exception
    assert "/nothing.h5ad" in words(page) and "Failed" in words(page)
    assert page.button(key="run-resume").label == "Resume Run 1"


def test_a_run_whose_worker_is_gone_is_lost_and_can_be_resumed():
    project = Project.create("Gone", recipe("deepscore").spec)
    run = project.new_run()
    run.write_status(run.status.changed(created=1.0))
    page = opened()
    assert not page.exception and "ended without a word" in words(page)
    assert page.button(key="run-resume")


@pytest.mark.slow
def test_a_run_is_started_watched_and_compared(project: Project):
    page = opened()
    page.button(key="run-start").click().run()
    assert not page.exception
    first = ended(project.runs()[0])
    assert first.status.state == "finished", first.log_tail()
    page.run()
    assert not page.exception
    shown = words(page)
    assert "Finished after 2 epochs" in shown and "Cells per second" in shown and "units of the code" in shown
    page.segmented_control(key="run.scale").set_value("Log").run()
    page.selectbox(key="run.curve").set_value("cells_per_second").run()
    assert not page.exception and "Cells per second" in words(page)
    assert "Of measured peak" in shown and len(Frames.of(first.directory).epochs) >= 2
    page.segmented_control(key="run.view").set_value("Replay").run()
    assert not page.exception and "The first frame comes" not in words(page)
    project.change("training.batch_size", 64)
    project.change("training.precision", "auto")
    project.change("training.replay_frames", 0)
    page.button(key="run-start").click().run()
    second = ended(project.runs()[0])
    assert second != first and second.status.state == "finished"
    page.run()
    assert not page.exception and "Run 2" in words(page)
    assert "This run keeps no frames" in words(page) and "by measuring" in words(page)
    assert second.summary["precision"] in ("fp32", "medium", "bf16") and not Frames.of(second.directory).epochs


@pytest.mark.slow
def test_a_run_is_stopped_with_its_best_epoch_and_resumed(project: Project):
    project.change("training.epochs", 2000)
    project.change("training.patience", None)
    page = opened()
    page.button(key="run-start").click().run()
    run = project.runs()[0]
    wait_for_epoch(run)
    page = opened()  # another tab, or the page loaded again
    assert "Epoch" in words(page) and run.name in words(page)
    page.button(key="run-stop").click().run()
    assert not page.exception
    assert ended(run).status.state == "stopped" and run.model_path.exists()
    done = len([each for each in run.epochs() if not each["stage"]])
    page = opened()
    assert "Stopped after" in words(page)
    page.button(key="run-resume").click().run()
    until = time.monotonic() + PATIENCE
    while len([each for each in run.epochs() if not each["stage"]]) <= done and time.monotonic() < until:
        time.sleep(0.2)
    run.request_stop()
    assert ended(run).status.state == "stopped"
    assert len([each for each in run.epochs() if not each["stage"]]) > done
