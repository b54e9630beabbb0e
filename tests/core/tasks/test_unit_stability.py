from __future__ import annotations

import shutil

import pytest

from core.project import Project
from core.runs.run import Run
from core.specs import UnitSpec, replaced
from core.tasks import unit_stability
from core.tasks.worker import execute


@pytest.fixture
def twice(finished: Project) -> Project:
    """The first run, and a copy of it under another number."""
    first = finished.run("run-0001")
    shutil.copytree(first.directory, first.directory.parent / "run-0009")
    return finished


def test_a_copy_of_a_run_has_every_unit_again(twice: Project):
    run = twice.run("run-0001")
    assert [each.directory.name for each in unit_stability.others(run, twice.runs())] == ["run-0009"]
    assert unit_stability.comparable(run, twice.runs()) == 1
    assert unit_stability.stored(twice, run, UnitSpec()) is None
    assert unit_stability.compute(str(twice.root), "run-0001") == 1
    table = unit_stability.stored(twice, run, UnitSpec())
    assert table is not None and (table["match"] == table["unit"]).all()
    assert table["likeness"].min() == pytest.approx(1.0, abs=1e-5)


def test_runs_of_another_task_are_not_compared(finished: Project):
    run = finished.run("run-0001")
    assert unit_stability.others(run, finished.runs()) == []
    assert unit_stability.matches(run, [], UnitSpec()).empty


def test_networks_of_one_run_are_compared_by_the_cells_they_were_trained_on(finished: Project):
    spec = replaced(finished.run("run-0001").spec, "training.members", 2)
    made = finished.new_run(spec)
    execute(made)
    run = Run(made.directory)
    table = unit_stability.matches(run, [], UnitSpec(top_genes=10))
    assert set(table["network"]) == {"Network 2"} and len(table) == 64
    assert table["likeness"].between(0, 1).all()
