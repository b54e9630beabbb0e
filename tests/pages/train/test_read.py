from __future__ import annotations

import pytest

from core.recipes import recipe
from core.runs.run import Run
from core.runs.status import Status
from pages.ui.runs import read
from pages.ui.runs.live import LATEST, SOONEST, pause


@pytest.fixture
def run(tmp_path):
    return Run.create(tmp_path / "run", recipe("deepscore").spec)


def record(number: int, loss: float = 1.0) -> dict:
    return {"stage": "", "member": 0, "number": number, "train": {"loss": loss}, "validation": {}}


def test_epochs_are_read_as_they_come_and_once_each(run):
    assert read.epochs(run) == []
    for number in (1, 2, 2):
        run.append(record(number, loss=number + len(read.epochs(run))))
    assert read.epochs(run) == run.epochs() and [each["train"]["loss"] for each in read.epochs(run)] == [1.0, 4.0]


def test_a_line_on_its_way_waits_for_its_end(run):
    run.append(record(1))
    with run.metrics_path.open("a") as file:
        file.write('{"number": 2, "train": ')
    assert len(read.epochs(run)) == 1
    with run.metrics_path.open("a") as file:
        file.write('{"loss": 3.0}, "validation": {}}\n')
    assert [each["number"] for each in read.epochs(run)] == [1, 2]


def test_a_file_that_was_begun_anew_is_read_anew(run):
    for number in range(1, 9):
        run.append(record(number))
    assert len(read.epochs(run)) == 8
    run.metrics_path.unlink()
    run.append(record(1))
    assert len(read.epochs(run)) == 1


def test_a_state_that_has_ended_is_known_and_one_that_goes_on_is_asked(run):
    assert read.status(run) == run.status and read.status(run).active
    run.write_status(Status(state="finished"))
    assert read.status(run).state == "finished"
    run.write_status(Status(state="queued", created=1.0))
    assert read.status(run).state == "lost"
    assert read.name(run) == "run"


def test_charts_are_drawn_as_often_as_they_are_cheap_and_no_oftener_than_epochs_end():
    assert pause(1.0, []) == SOONEST
    quick, slow = [{"seconds": 0.1}], [{"seconds": 12.0}]
    assert pause(0.0, quick) == SOONEST
    assert SOONEST < pause(0.04, quick) < pause(0.08, quick) <= LATEST
    assert pause(0.0, slow) == 12.0 and pause(9.0, slow) == LATEST
