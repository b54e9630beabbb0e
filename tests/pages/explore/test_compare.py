"""The comparison on the Annotation page: started, read, and told what is missing."""

from __future__ import annotations

import time

import pytest

from core.comparison import environment
from core.project import Project
from core.tasks.compare import compare
from core.tasks.compare_kept import folder_of
from tests.pages.explore.conftest import Open, words

pytestmark = pytest.mark.slow
MINUTES = 180.0


def test_others_are_compared_in_the_background_and_shown(finished: Project, opened: Open, monkeypatch):
    monkeypatch.delenv("CELLDESK_CELLTYPIST", raising=False)
    page = opened("annotation")
    page.segmented_control(key="annotation-view").set_value("Compare").run()
    assert not page.exception and "Nothing has been compared" in words(page)
    page.button(key="compare-start").click().run()
    assert not page.exception
    folder, until = folder_of(finished.run("run-0001")), time.monotonic() + MINUTES
    while folder.status.active and time.monotonic() < until:
        time.sleep(0.5)
    assert folder.status.state == "finished", folder.log_tail()
    page.run()
    assert not page.exception
    said = words(page)
    assert "In accuracy CellDesk is" in said and "cells are scored" in said
    page.segmented_control(key="compare-part").set_value("held_out").run()
    page.segmented_control(key="compare-shown").set_value("Differences").run()
    assert not page.exception and "held-out cells CellDesk has a small advantage" in words(page)


def test_a_missing_program_says_how_it_is_installed(finished: Project, opened: Open, monkeypatch, tmp_path):
    monkeypatch.delenv("CELLDESK_CELLTYPIST", raising=False)
    monkeypatch.setattr(environment, "HOME", tmp_path)  # where `make` would have put it
    page = opened("annotation")
    page.segmented_control(key="annotation-view").set_value("Compare").run()
    assert not page.exception
    assert "make env-celltypist" in words(page) and not page.button(key="install-celltypist").disabled


def test_scores_of_an_earlier_state_of_the_run_are_called_stale(finished: Project, opened: Open):
    run = finished.run("run-0001")
    compare(run)
    run.model_path.touch()
    page = opened("annotation")
    page.segmented_control(key="annotation-view").set_value("Compare").run()
    assert not page.exception and "stale" in words(page)
    assert not page.button(key="compare-start").disabled
