"""Whole searches with real workers: pruning, refusals, a stop, a search process that is killed, repeats."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import pandas as pd
import pytest

from core.errors import RunError
from core.export.recipe_file import read_recipe
from core.project import Project
from core.runs.launch import HOME
from core.runs.run import Run
from core.search.folder import Search, searches
from core.search.launch import WORKER, launch
from core.search.report import best_so_far, spread, with_trial
from core.search.trial import best
from core.search.worker import execute
from core.specs import RunSpec, SearchSpec, parse, replaced
from core.workspace import worker_environment
from tests.core.search.conftest import RATE, UNITS

pytestmark = pytest.mark.slow
PATIENCE = 120.0
Make = Callable[..., Search]


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)


def process(search: Search) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-m", WORKER, str(search.directory)],
        cwd=HOME,
        env=worker_environment(1),
        start_new_session=True,
    )


def test_a_grid_is_trained_in_full_written_down_and_repeated_with_other_seeds(made: Make):
    search = made(UNITS, {"path": "network.code.dropout", "low": 0, "high": 0.2, "step": 0.2}, sampler="grid")
    execute(search)
    assert search.status.state == "finished"
    trials = search.trials()
    assert [trial.state for trial in trials] == ["complete"] * 4
    assert {tuple(trial.settings.values()) for trial in trials} == {(8, 0.0), (8, 0.2), (16, 0.0), (16, 0.2)}
    table = pd.read_csv(search.directory / "trials.csv")
    assert list(table["network.code.units"]) == [8, 8, 16, 16] and table["value"].notna().all()
    assert len(pd.read_csv(search.directory / "curves.csv")) == 12

    found = best(trials, search.spec)
    assert found is not None and found.value == table["value"].min()
    recipe = read_recipe(search.directory / "best.yaml")
    assert recipe.network.code_units == found.settings["network.code.units"]
    assert list(best_so_far(search.spec, trials)["best"])[-1] == found.value

    run = search.run_of(found)
    assert run is not None and run.status.state == "stopped" and len(run.epochs()) == 3 and not run.summary
    search.repeat(2)
    execute(search)
    again = spread(search.trials(), found.number)
    assert len(again["values"]) == 2 and again["sd"] > 0 and len(search.trials()) == 6
    assert {trial.seed for trial in search.trials() if trial.repeats} == {1, 2}
    summary = json.loads((search.directory / "summary.json").read_text())
    assert summary["best"]["repeats"]["mean"] == pytest.approx(again["mean"])
    assert "too good" in summary["remark"]


def test_the_same_search_gives_the_same_trials_and_values(made: Make, tmp_path, base: RunSpec):
    first = made(RATE, UNITS, trials=3, random_first=2)
    execute(first)
    second = Search.create(tmp_path / "again", first.spec, base)
    execute(second)
    told = [(trial.settings, trial.value, trial.values) for trial in first.trials()]
    assert told == [(trial.settings, trial.value, trial.values) for trial in second.trials()]


def test_a_poor_trial_is_stopped_long_before_its_end(made: Make):
    rates = {"path": "training.learning_rate", "kind": "choices", "choices": [2e-3, 1e-3, 1e-7]}
    search = made(
        rates,
        sampler="grid",
        pruning={"startup_trials": 2, "warmup_epochs": 2},
        settings={"training.epochs": 2000},
        epochs=300,
    )
    execute(search)
    good, fair, poor = search.trials()
    assert (good.state, fair.state, poor.state) == ("complete", "complete", "pruned")
    assert poor.epochs == 3 and "median" in poor.reason
    run = search.run_of(poor)
    assert run is not None and len(run.epochs()) < 250  # the worker itself left early, not the table alone
    assert good.epochs == 300


def test_settings_that_cannot_go_together_are_refused_and_the_search_goes_on(made: Make):
    units = {"path": "network.code.units", "kind": "choices", "choices": [64, 8]}
    search = made(units, sampler="grid", settings={"objective.orthogonality": 0.1})
    execute(search)
    refused, complete = search.trials()
    assert refused.state == "refused" and "cannot be kept orthogonal" in refused.reason and not refused.run
    assert complete.state == "complete"


def test_settings_that_only_the_run_finds_at_odds_are_refused_too(made: Make):
    watched = {"path": "training.monitor", "kind": "choices", "choices": ["accuracy", "loss"]}
    search = made(watched, sampler="grid")
    execute(search)
    refused, complete = search.trials()
    assert refused.state == "refused" and "the network has no such value" in refused.reason
    assert complete.state == "complete"


def test_a_search_whose_every_trial_fails_says_why_and_stops(made: Make):
    search = made(RATE, trials=9, settings={"data.reference.path": "/nothing.h5ad"})
    with pytest.raises(RunError, match="Trial after trial failed"):
        execute(search)
    assert len(search.trials()) == 3 and search.status.state == "failed"
    assert "nothing.h5ad" in search.trials()[0].reason


def test_a_killed_search_goes_on_and_makes_each_trial_once(made: Make):
    search = made(RATE, UNITS, trials=4, settings={"training.epochs": 400})
    first = process(search)
    until(lambda: len(search.trials()) == 2 and bool(search.trials()[1].run))
    run = search.run_of(search.trials()[1])
    assert run is not None
    until(lambda: bool(run.epochs()))
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    assert run.status.active  # a trial outlives the process that started it
    until(lambda: search.status.state == "lost")
    again = process(search)
    assert again.wait(PATIENCE) == 0
    trials = search.trials()
    assert [trial.state for trial in trials] == ["complete"] * 4
    assert all(trial.epochs == 400 for trial in trials)
    assert sorted(path.name for path in (search.directory / "trials").iterdir()) == [
        f"trial-{number:04d}" for number in range(1, 5)
    ]
    lines = run.metrics_path.read_text().splitlines()
    assert len(lines) == 400  # no epoch was trained twice


def test_a_killed_trial_is_trained_further_from_its_checkpoint(made: Make):
    search = made(UNITS, sampler="grid", settings={"training.epochs": 400})
    launch(search)
    until(lambda: bool(search.trials()) and bool(search.trials()[0].run))
    run = search.run_of(search.trials()[0])
    assert run is not None
    until(lambda: bool(run.epochs()))
    os.kill(run.status.pid, signal.SIGKILL)
    until(lambda: not search.status.active)
    assert [trial.state for trial in search.trials()] == ["complete"] * 2
    assert search.trials()[0].epochs == 400


def test_a_stopped_search_keeps_its_open_trial_for_later(made: Make):
    search = made(UNITS, sampler="grid", settings={"training.epochs": 400})
    launch(search)
    until(lambda: bool(search.trials()) and (search.directory / "trials/trial-0001/metrics.jsonl").exists())
    search.request_stop()
    until(lambda: not search.status.active)
    assert search.status.state == "stopped" and search.can_resume
    (trial,) = search.trials()
    assert trial.state == "waiting"
    launch(search)
    with pytest.raises(RunError, match="already going on"):
        launch(search)
    until(lambda: not search.status.active)
    assert [(trial.state, trial.epochs) for trial in search.trials()] == [("complete", 400)] * 2


def test_trials_of_a_project_are_runs_of_the_project(base: RunSpec):
    project = Project.create("Cells", replaced(base, "training.epochs", 2))
    spec = parse(SearchSpec, {"dimensions": [RATE], "trials": 2, "parallel": 2, "present_first": False})
    search = Search.of_project(project, spec)
    assert search.name == "Search 1" and searches(project) == [search] and search.project == project
    execute(search)
    runs = project.runs()
    assert sorted(run.name for run in runs) == ["Search 1, trial 1", "Search 1, trial 2"]
    assert {search.run_of(trial) for trial in search.trials()} == {Run(run.directory.resolve()) for run in runs}
    found = best(search.trials(), spec)
    assert found is not None
    draft = project.edit(lambda now: with_trial(now, found))
    assert draft.training.learning_rate == found.settings["training.learning_rate"]
    assert Search.of_project(project, spec).name == "Search 2"
