"""Runs as jobs of a real SLURM cluster of one node, on small real cells."""

import json
import os
import signal
import subprocess
import sys
import time
from functools import partial

import pytest

from core.cli import main
from core.data.demo import write_demo
from core.errors import RunError
from core.recipes import recipe
from core.runs import slurm
from core.runs.launch import HOME, launch, stop, where_choices
from core.runs.run import Run
from core.specs import TrainSpec, replaced
from core.tasks.notice import queue_again
from core.training.state import TrainerState
from core.workspace import ClusterJob

LONG = 240
VARYING = ("seconds", "cells_per_second")


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    return write_demo(tmp_path_factory.mktemp("demo"))


@pytest.fixture(autouse=True)
def compiled_once(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path_factory.getbasetemp() / "numba"))


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


def wait_until(true, run, seconds=LONG):
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, (run.status, run.log_tail())
        time.sleep(0.05)


def wait_for(run, *states, seconds=LONG):
    wait_until(lambda: run.status.state in states, run, seconds)


def learned(run):
    return [{name: value for name, value in record.items() if name not in VARYING} for record in run.epochs()]


def written_epochs(run):
    """Numbers of the epochs as they were written, one after another."""
    return [json.loads(line)["number"] for line in run.metrics_path.read_text().splitlines()]


def shown(run):
    return run.status.state, run.status.job


@pytest.mark.slow
def test_a_requeued_job_learns_what_an_uninterrupted_run_here_learns(demo, tmp_path, on_cluster):
    here = Run.create(tmp_path / "here", spec_of(demo, 300))
    launch(here)
    run = Run.create(tmp_path / "cluster", spec_of(demo, 300))
    launch(run, "slurm", "short")
    job = run.status.job
    assert job
    with pytest.raises(RunError, match="already going on"):
        launch(run, "slurm")

    wait_until(lambda: len(run.epochs()) >= 20, run)
    assert shown(run) == ("running", job)
    subprocess.run(["scancel", "--signal=USR2", job], check=True)
    wait_for(run, "queued")
    assert 20 <= len(run.epochs()) < 300
    wait_for(run, "finished")
    assert shown(run) == ("finished", job)

    assert written_epochs(run) == list(range(1, 301))
    wait_for(here, "finished")
    assert learned(run) == learned(here)


@pytest.mark.slow
def test_a_cancelled_job_is_lost_and_its_checkpoint_holds_the_last_epoch(demo, tmp_path, on_cluster):
    run = Run.create(tmp_path / "run", spec_of(demo, 100_000))
    launch(run, "slurm")
    wait_until(lambda: len(run.epochs()) >= 5, run)
    slurm.cancel(run.status.job)
    wait_for(run, "lost")
    assert run.can_resume
    assert not run.summary
    kept = TrainerState.load(run.checkpoint / "member_0.safetensors")
    assert written_epochs(run) == list(range(1, kept.progress.epoch + 1))


@pytest.mark.slow
def test_the_command_line_follows_a_job_lets_go_of_it_and_finds_it_again(demo, tmp_path, busy):
    out = tmp_path / "out"
    settings = [f"--set={each}" for each in ("training.epochs=3", "features.target=200", "training.members=1")]
    verb = [sys.executable, "-m", "core", "represent", f"--data={demo['reference']}", f"--out={out}", *settings]
    verb += ["--recipe=funnel_autoencoder", "--where=slurm"]
    run = Run(out)

    # whoever runs the tests in the background has interrupts ignored, and so would their processes
    heard = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    first = subprocess.Popen(
        verb, cwd=HOME, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=heard
    )
    line = ""
    while "waits in SLURM's queue" not in line:
        line = first.stderr.readline()
        assert line, first.wait()
    first.send_signal(signal.SIGINT)
    stdout, stderr = first.communicate(timeout=LONG)
    assert first.returncode == 130
    assert stdout == ""
    job = run.status.job
    assert f"Job {job} goes on." in stderr
    assert f"scancel {job}" in stderr

    run.write_status(run.status.changed(created=0))
    assert run.status.state == "queued"

    subprocess.run(["scancel", busy], check=True)
    second = subprocess.run(verb, cwd=HOME, capture_output=True, text=True, check=False, timeout=LONG)
    assert second.returncode == 0, second.stderr
    assert second.stdout == f"{out}\n"
    assert "epoch 3 of 3" in second.stderr
    assert shown(run) == ("finished", job)
    assert run.results_path.exists()


@pytest.mark.slow
def test_a_waiting_job_is_lost_when_somebody_cancels_it_and_stopped_when_celldesk_does(demo, tmp_path, busy):
    lost, stopped = (Run.create(tmp_path / name, spec_of(demo, 2)) for name in ("lost", "stopped"))
    for run in (lost, stopped):
        launch(run, "slurm")
        assert run.status.state == "queued"
        assert "waits in SLURM's queue" in run.status.phase
    slurm.cancel(lost.status.job)
    wait_for(lost, "lost", seconds=10)
    stop(stopped)
    assert stopped.status.state == "stopped"
    wait_until(lambda: slurm.place(stopped.status.job).gone, stopped, seconds=10)
    assert lost.can_resume
    assert stopped.can_resume


@pytest.mark.slow
def test_a_worker_killed_on_its_node_is_lost_within_ten_seconds_of_looking(demo, tmp_path, on_cluster):
    run = Run.create(tmp_path / "run", spec_of(demo, 100_000))
    launch(run, "slurm")
    wait_until(lambda: run.status.pid, run)
    os.kill(run.status.pid, signal.SIGKILL)
    killed = time.monotonic()
    wait_for(run, "lost", seconds=10)
    assert time.monotonic() - killed < 10


@pytest.mark.slow
def test_a_partition_that_is_not_there_is_refused_in_three_parts(demo, tmp_path, on_cluster):
    run = Run.create(tmp_path / "run", spec_of(demo, 2))
    with pytest.raises(RunError, match="Invalid partition") as refused:
        launch(run, "slurm", "nowhere")
    assert refused.value.what == "SLURM did not take the job."
    assert "partition" in refused.value.remedy


def test_without_sbatch_there_is_one_place_to_run_and_a_message_in_three_parts(demo, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert where_choices() == ("here",)
    run = Run.create(tmp_path / "run", spec_of(demo, 2))
    with pytest.raises(RunError) as refused:
        launch(run, "slurm")
    assert (refused.value.what, refused.value.value) == ("SLURM is not on this machine.", "sbatch")
    assert "--where here" in refused.value.remedy

    data, out = str(demo["reference"]), tmp_path / "out"
    assert main(["represent", "--data", data, "--out", str(out), "--where", "slurm"]) == 2
    assert "SLURM is not on this machine. Got sbatch." in capsys.readouterr().err
    assert main(["represent", "--data", data, "--out", str(out), "--partition", "short"]) == 2
    assert "Add --where slurm" in capsys.readouterr().err
    assert not out.exists()


def test_a_job_that_never_gets_to_an_epoch_does_not_go_round_for_ever(demo, tmp_path):
    run = Run.create(tmp_path / "run", spec_of(demo, 2))
    with pytest.raises(RunError, match="before one epoch is done"):
        queue_again(run, ClusterJob("1", restarts=3), learned=False)


def test_a_job_says_how_many_devices_it_needs(tmp_path):
    with pytest.raises(RunError, match="how many devices"):
        slurm.submit(tmp_path, "module", tmp_path, TrainSpec(devices="all"), environment={})
