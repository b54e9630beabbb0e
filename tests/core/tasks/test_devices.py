"""Runs whose network is trained by several processes: through the real worker, from start to results."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import psutil
import pytest

from core.data.demo import LABEL_COLUMN, write_demo
from core.recipes import recipe
from core.runs.launch import launch
from core.runs.run import Run
from core.specs import RunSpec, replaced
from core.tasks.worker import execute
from core.training.ranks import RANK

pytestmark = pytest.mark.slow
LONG = 240


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    return write_demo(tmp_path_factory.mktemp("demo"))


def spec_of(demo, devices: int, epochs: int, on_disk: str = "auto") -> RunSpec:
    spec = recipe("cell_identity_code").for_task("represent")
    for path, value in {
        "data.reference": {"path": str(demo["reference"]), "label_column": LABEL_COLUMN},
        "data.on_disk": on_disk,
        "features.target": 200,
        "training.device": "cpu",
        "training.devices": devices,
        "training.epochs": epochs,
        "training.patience": None,
    }.items():
        spec = replaced(spec, path, value)
    return spec


def ranks_of(run: Run) -> list[psutil.Process]:
    try:
        found = psutil.Process(run.status.pid).children()
        return [each for each in found if RANK in " ".join(each.cmdline())]
    except psutil.NoSuchProcess:
        return []


def wait_until(true, run: Run) -> None:
    deadline = time.monotonic() + LONG
    while not true():
        assert time.monotonic() < deadline, (run.status, run.log_tail())
        time.sleep(0.05)


@pytest.mark.parametrize("on_disk", ["never", "always"])
def test_two_processes_write_the_results_of_one(demo, tmp_path, on_disk):
    codes = []
    for devices in (1, 2):
        run = Run.create(tmp_path / str(devices), spec_of(demo, devices, 4, on_disk))
        execute(run)
        assert run.status.state == "finished"
        assert [record["number"] for record in run.epochs()] == [1, 2, 3, 4]
        codes.append(pd.read_csv(run.directory / "code.csv", index_col=0).to_numpy())
    np.testing.assert_allclose(codes[0], codes[1], rtol=0, atol=1e-3 * np.abs(codes[0]).max())


def test_a_killed_process_fails_the_run_which_can_be_resumed(demo, tmp_path):
    run = Run.create(tmp_path / "killed", spec_of(demo, 2, epochs=100_000))
    launch(run)
    wait_until(lambda: len(run.epochs()) >= 2, run)
    first, second = ranks_of(run)
    second.kill()
    wait_until(lambda: run.status.state == "failed", run)
    assert "process of this training ended" in run.status.error["what"]
    assert run.status.error["value"] == "signal 9"
    assert not psutil.wait_procs([first, second], timeout=20)[1]

    done = len(run.epochs())
    launch(run)
    wait_until(lambda: len(run.epochs()) > done, run)
    run.request_stop()
    wait_until(lambda: run.status.state == "stopped", run)
    assert run.summary
    assert [record["number"] for record in run.epochs()] == list(range(1, len(run.epochs()) + 1))
    assert not ranks_of(run)
