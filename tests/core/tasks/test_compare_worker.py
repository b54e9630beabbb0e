"""Work in the background: who writes the folder, what its status says, and how it ends."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from core.comparison.environment import PROGRAMS, Program
from core.errors import DataError, RunError
from core.recipes import recipe
from core.runs.run import Run
from core.runs.worked import Worked
from core.tasks import environment_worker
from core.tasks.compare_kept import folder_of
from core.tasks.compare_worker import launch, work

MINUTE = 60.0


@pytest.fixture
def folder(tmp_path: Path) -> Worked:
    made = Worked(tmp_path / "comparison")
    made.directory.mkdir()
    return made


def test_what_is_done_is_told_and_its_end_kept(folder: Worked):
    seen = []

    def act(tell) -> bool:
        tell("Half", 1, 2)
        seen.append(folder.status)
        return True

    work(folder, act)
    assert (seen[0].state, seen[0].phase, seen[0].epoch, seen[0].epochs) == ("running", "Half", 1, 2)
    assert folder.status.state == "finished" and "Half" in "".join(folder.log_tail())
    work(folder, lambda tell: False)
    assert folder.status.state == "stopped"


def test_a_mistake_is_kept_in_three_parts_and_an_unknown_one_too(folder: Worked):
    def refuse(tell) -> bool:
        raise DataError("The file is gone", "x.h5ad", "Bring it back")

    with pytest.raises(DataError):
        work(folder, refuse)
    assert folder.status.error == {"what": "The file is gone.", "value": "x.h5ad", "remedy": "Bring it back."}

    def break_off(tell) -> bool:
        raise ValueError("odd")

    with pytest.raises(RunError, match="does not know"):
        work(folder, break_off)
    assert folder.status.state == "failed" and "ValueError: odd" in "".join(folder.log_tail())


def test_a_comparison_runs_in_a_process_of_its_own(tmp_path: Path):
    """Of a run without results: it fails in the background, and says why where the page can read it."""
    run = Run.create(tmp_path / "run", recipe("deepscore").spec)
    launch(run)
    with pytest.raises(RunError, match="already going on"):
        launch(run)
    until = time.monotonic() + MINUTE
    while folder_of(run).status.active and time.monotonic() < until:
        time.sleep(0.2)
    status = folder_of(run).status
    assert status.state == "failed" and status.error is not None
    assert "no trained network" in status.error["what"]


@pytest.mark.slow
def test_an_installation_that_fails_quotes_pip_and_leaves_nothing_that_counts():
    absent = Program("nothing", "Nothing", "1.0", "run_nothing.py", "no room")
    absent.folder.mkdir(parents=True)
    told = []
    with pytest.raises(RunError, match="make env-nothing"):
        environment_worker.install(absent, lambda *said: told.append(said), lambda: False)
    assert [said[0] for said in told] == ["Making an environment of its own", "Installing Nothing 1.0"]
    assert absent.python is None


def test_an_installation_can_be_stopped():
    program = PROGRAMS["celltypist"]
    program.folder.mkdir(parents=True)
    assert not environment_worker.install(program, lambda *_: None, lambda: True)
