"""What outlives what: a run its app, the app a run, the picture a reload, and two tabs each other's changes."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from core.project import Project
from core.runs.run import Run
from tests.browser import prepared, steps
from tests.browser.conftest import APP, Server
from tests.browser.steps import address, choose, settled

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SLOW = {"training.epochs": 400, "training.patience": None, "training.batch_size": 4, "training.validation_share": 0.1}
SHORT = {"training.epochs": 3}
LOST_SECONDS = 10


@pytest.fixture
def workspace_of(tmp_path: Path) -> Path:
    return tmp_path / "workspace"


def demo(workspace: Path, settings: dict) -> Project:
    """A project with the demonstration's cells and a short recipe with ``settings``."""
    files = prepared.demo_files(workspace / "files")
    project = prepared.project_of(workspace, "Demo", {"reference": files["reference"], "gene_sets": files["gene_sets"]})
    project.edit(lambda draft: prepared.with_recipe(draft, "funnel_autoencoder", settings))
    return project


def until(met: Callable[[], bool], seconds: float) -> float:
    """Seconds until ``met``."""
    began = time.monotonic()
    while not met():
        assert time.monotonic() - began < seconds, f"not within {seconds} s"
        time.sleep(0.1)
    return time.monotonic() - began


def start(server: Server, project: Project, look) -> tuple:
    """Train by the Network page's button; the window on the Runs page, and the run."""
    watched = look(address(server, "network", project.root.name))
    settled(watched.page)
    watched.page.get_by_role("button", name="Train this network").click()
    watched.page.wait_for_url("**/runs*")
    run = project.runs()[0]
    until(lambda: len(run.epochs()) >= 2, 60)
    return watched, run


def end(run: Run) -> None:
    """Ask the worker to stop and wait for it, so that no test leaves one behind."""
    run.request_stop()
    until(lambda: not run.status.active, 60)


def test_a_run_finishes_although_its_app_is_killed(workspace_of: Path, serve, look):
    project = demo(workspace_of, {**SLOW, "training.epochs": 12})
    server = serve(APP, workspace_of)
    _, run = start(server, project, look)
    for process in [*psutil.Process(server.pid).children(recursive=True), psutil.Process(server.pid)]:
        if process.pid != run.status.pid:
            process.send_signal(signal.SIGKILL)
    until(lambda: not psutil.pid_exists(server.pid) or psutil.Process(server.pid).status() == "zombie", 10)
    assert run.status.active
    until(lambda: run.status.state == "finished", 120)
    assert run.results_path.exists() and len(run.epochs()) == 12

    watched = look(address(serve(APP, workspace_of), "runs", project.root.name))
    watched.page.get_by_text("Finished after 12 epochs").wait_for(timeout=steps.MINUTE)
    watched.assert_clean()


def test_a_killed_run_is_called_lost_and_resumes_from_its_checkpoint(workspace_of: Path, serve, look):
    project = demo(workspace_of, SLOW)
    watched, run = start(serve(APP, workspace_of), project, look)
    page = watched.page
    page.get_by_text("Epoch ").first.wait_for()
    done = len(run.epochs())
    os.kill(run.status.pid, signal.SIGKILL)
    page.get_by_text("Lost after").wait_for(timeout=LOST_SECONDS * 1000)
    settled(page)
    page.get_by_role("button", name="Resume").first.click()
    until(lambda: run.status.state == "running" and len(run.epochs()) > done, 60)
    assert run.epochs()[0]["number"] == 1
    page.get_by_text("Epoch ").first.wait_for()
    page.get_by_role("button", name="Stop and keep best").click()
    until(lambda: run.status.state == "stopped", 60)
    page.get_by_text("Stopped after").wait_for(timeout=steps.MINUTE)
    settled(page)
    assert run.model_path.exists()
    assert not steps.exceptions(watched)
    watched.assert_clean()


def test_a_reloaded_page_shows_the_same_picture_of_a_running_run(workspace_of: Path, serve, look):
    project = demo(workspace_of, SLOW)
    watched, run = start(serve(APP, workspace_of), project, look)
    page = watched.page
    page.get_by_role("heading", name="Total loss").wait_for()
    titles = page.locator("h1, h2").all_inner_texts()
    page.reload()
    page.get_by_role("heading", name="Log", exact=True).wait_for(timeout=steps.MINUTE)
    page.get_by_text("Epoch ").first.wait_for()
    assert page.locator("h1, h2").all_inner_texts() == titles
    assert not steps.exceptions(watched)
    watched.assert_clean()
    end(run)


def test_two_tabs_see_the_same_change(workspace_of: Path, serve, look):
    project = demo(workspace_of, SHORT)
    server = serve(APP, workspace_of)
    first, second = (look(address(server, "network", project.root.name)) for _ in range(2))
    for tab in (first, second):
        settled(tab.page)
    units = first.page.get_by_role("spinbutton", name="Units").first
    units.fill("33")
    units.press("Enter")
    settled(first.page)
    steps.button(second.page, "Show settings")
    choose(second.page, "Optimiser", "nesterov")
    assert second.page.get_by_role("spinbutton", name="Units").first.input_value() == "33"
    draft = project.draft
    assert draft.training.optimiser == "nesterov"
    assert 33 in (draft.network.code_units, *(layer.units for layer in draft.network.encoder))
    for tab in (first, second):
        assert not steps.exceptions(tab)
        tab.assert_clean()
