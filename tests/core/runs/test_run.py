import os
import subprocess
import sys
import time

import pytest

from core.errors import DataError, RunError
from core.recipes import recipe
from core.runs.run import LOST_AFTER_SECONDS, Run
from core.runs.status import Status, process_fields, this_process


@pytest.fixture
def run(tmp_path):
    return Run.create(tmp_path / "run", recipe("deepscore").spec)


def test_a_run_reads_back_what_it_was_asked_to_do(run):
    assert run.spec == recipe("deepscore").spec
    assert run.status.state == "queued"


def test_a_folder_holds_one_run(run):
    with pytest.raises(RunError, match="already holds a run"):
        Run.create(run.directory, run.spec)


def test_epochs_repeated_after_a_resume_count_once_as_written_last(run):
    for number, loss in ((1, 3.0), (2, 2.0), (2, 1.5), (3, 1.0)):
        run.append({"number": number, "train": {"loss": loss}, "validation": {}})
    with run.metrics_path.open("a") as file:
        file.write('{"number": 4, "tra')
    assert [record["train"]["loss"] for record in run.epochs()] == [3.0, 1.5, 1.0]
    metrics = run.metrics()
    assert list(metrics.columns) == ["stage", "member", "epoch", "split", "term", "value"]
    assert metrics["value"].tolist() == [3.0, 1.5, 1.0]


def test_a_run_whose_worker_died_is_lost(run):
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    run.write_status(Status(state="running", **process_fields(process.pid)))
    run.beat()
    assert run.status.state == "running"
    process.kill()
    process.wait()
    assert run.status.state == "lost"
    assert run.can_resume


def test_a_killed_child_that_nobody_has_reaped_is_lost_too(run):
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    run.write_status(Status(state="running", **process_fields(process.pid)))
    process.kill()
    deadline = time.time() + 5
    while run.status.state != "lost" and time.time() < deadline:
        time.sleep(0.05)
    assert run.status.state == "lost"
    process.wait()


def test_a_heart_that_has_stopped_means_lost_even_on_another_machine(run):
    run.write_status(Status(state="running", host="elsewhere", pid=1))
    run.beat()
    assert run.status.state == "running"
    old = time.time() - LOST_AFTER_SECONDS - 1
    os.utime(run.heartbeat_path, (old, old))
    assert run.status.state == "lost"


def test_a_failure_keeps_its_three_parts(run):
    run.write_status(Status(state="running", **this_process()))
    run.failed(DataError("No cell is left", 0, "Loosen the filter"))
    assert run.status.state == "failed"
    assert run.status.error == {"what": "No cell is left.", "value": "0", "remedy": "Loosen the filter."}
    assert "No cell is left" in run.log_tail(1)[0]


def test_forget_removes_only_what_a_worker_wrote(run):
    (run.directory / "mine.txt").write_text("keep")
    run.forget()
    assert not run.spec_path.exists()
    assert (run.directory / "mine.txt").exists()


def test_a_folder_without_a_run_is_refused(tmp_path):
    with pytest.raises(RunError, match="holds no readable run"):
        Run(tmp_path).spec  # noqa: B018
