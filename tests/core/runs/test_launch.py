"""Runs that are started, killed, resumed and stopped as processes of their own, on small real cells."""

import os
import resource
import signal
import subprocess
import sys
import time

import pytest

from core.data.demo import write_demo
from core.errors import RunError
from core.recipes import recipe
from core.runs.launch import HOME, launch, warm_up
from core.runs.run import Run
from core.specs import replaced
from core.workspace import worker_environment

LONG = 240


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    return write_demo(tmp_path_factory.mktemp("demo"))


def spec_of(demo, epochs):
    spec = recipe("funnel_autoencoder").spec
    for path, value in {
        "data.reference": {"path": str(demo["reference"])},
        "training.epochs": epochs,
        "training.patience": None,
        "features.target": 200,
    }.items():
        spec = replaced(spec, path, value)
    return spec


def wait_for(run, *states, seconds=LONG):
    deadline = time.monotonic() + seconds
    while run.status.state not in states:
        assert time.monotonic() < deadline, (run.status, run.log_tail())
        time.sleep(0.05)


def wait_for_epoch(run, number, seconds=LONG):
    deadline = time.monotonic() + seconds
    while len(run.epochs()) < number:
        assert time.monotonic() < deadline, (run.status, run.log_tail())
        time.sleep(0.01)


@pytest.mark.slow
def test_a_killed_run_is_lost_within_ten_seconds_and_resumes_to_the_same_metrics(demo, tmp_path):
    whole = Run.create(tmp_path / "whole", spec_of(demo, 400))
    launch(whole)
    wait_for(whole, "finished")

    cut = Run.create(tmp_path / "cut", spec_of(demo, 400))
    launch(cut)
    wait_for_epoch(cut, 20)
    os.kill(cut.status.pid, signal.SIGKILL)
    killed = time.monotonic()
    wait_for(cut, "lost", seconds=10)
    assert time.monotonic() - killed < 10
    assert not cut.summary

    launch(cut)
    wait_for(cut, "finished")
    strip = ("seconds", "cells_per_second")
    same = [[{k: v for k, v in e.items() if k not in strip} for e in run.epochs()] for run in (whole, cut)]
    assert same[0] == same[1]


@pytest.mark.slow
def test_a_run_outlives_the_process_that_started_it_and_two_go_at_once(demo, tmp_path):
    runs = [Run.create(tmp_path / name, spec_of(demo, 60)) for name in ("one", "two")]
    starter = (
        "import sys, time; from pathlib import Path; from core.runs.run import Run;"
        "from core.runs.launch import launch; [launch(Run(Path(p))) for p in sys.argv[1:]]; time.sleep(600)"
    )
    app = subprocess.Popen([sys.executable, "-c", starter, *(str(run.directory) for run in runs)], cwd=HOME)
    for run in runs:
        wait_for_epoch(run, 1)
    app.kill()
    app.wait()
    for run in runs:
        wait_for(run, "finished")
        assert run.summary["epochs"] == [60]


@pytest.mark.slow
def test_a_stopped_run_keeps_its_best_epoch_and_writes_its_results(demo, tmp_path):
    run = Run.create(tmp_path / "run", spec_of(demo, 100_000))
    launch(run)
    with pytest.raises(RunError, match="already going on"):
        launch(run)
    wait_for_epoch(run, 3)
    run.request_stop()
    wait_for(run, "stopped")
    assert run.model_path.exists()
    assert run.results_path.exists()
    assert run.can_resume


@pytest.mark.slow
def test_a_machine_without_memory_gives_a_clear_failure(demo, tmp_path):
    wide = replaced(spec_of(demo, 2), "network.encoder.0.units", 12_000)
    run = Run.create(tmp_path / "run", replaced(wide, "network.encoder.1.units", 12_000))
    limit = 5 * 2**30
    worker = subprocess.run(
        [sys.executable, "-m", "core.tasks.worker", str(run.directory)],
        cwd=HOME,
        env=worker_environment(1),
        capture_output=True,
        check=False,
        timeout=LONG,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
    )
    assert worker.returncode == 2
    assert run.status.state == "failed"
    assert run.status.error["what"] == "The computer's memory is full."
    assert "fewer genes" in run.status.error["remedy"]


def test_a_finished_run_is_not_started_again(demo, tmp_path):
    run = Run.create(tmp_path / "run", spec_of(demo, 2))
    run.write_status(run.status.changed(state="finished"))
    with pytest.raises(RunError, match="This run is finished"):
        launch(run)


@pytest.mark.slow
def test_functions_are_compiled_ahead_once_in_a_workspace(tmp_path, monkeypatch):
    cache = tmp_path / "compiled"
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(cache))
    warm_up()
    deadline = time.monotonic() + LONG
    while not list(cache.rglob("*.nbi")):
        assert time.monotonic() < deadline
        time.sleep(0.2)
