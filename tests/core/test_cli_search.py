"""The verb search as a user types it, on real cells."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from core.cli import main
from core.cli_search import dimension
from core.errors import SpecError
from core.export.recipe_file import read_recipe
from tests.conftest import real

HOME = Path(__file__).parents[2]
RATE = "training.learning_rate=log:1e-4:1e-2"


def celldesk(*arguments: object) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "core", *map(str, arguments)]
    return subprocess.run(command, cwd=HOME, capture_output=True, text=True, check=False)


def test_a_dimension_is_read_as_a_range_by_factors_a_range_or_a_list():
    path = "training.learning_rate"
    assert dimension(RATE) == {"path": path, "kind": "range", "low": 1e-4, "high": 1e-2, "log": True}
    assert dimension("a.b=range:0:64:16")["step"] == 16
    assert dimension("a.b=16,32")["choices"] == [16, 32]
    assert dimension("a.b=[true, null]")["choices"] == [True, None]
    assert dimension("a.b=none,zscore")["choices"] == ["none", "zscore"]


@pytest.mark.parametrize("text", ["a.b", "a.b=", "a.b=log:1", "a.b=log:1:2:3", "a.b=range:1:x"])
def test_a_dimension_that_says_nothing_is_refused(text: str):
    with pytest.raises(SpecError) as refusal:
        dimension(text)
    assert "range:LOW:HIGH" in refusal.value.remedy


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "A search needs a setting to vary"),
        (["--dimension", "training.rate=log:1:2"], "There is no setting training.rate"),
        (["--dimension", "training.learning_rate=log:1:20"], "Use a value from 0 to 10"),
        (["--dimension", RATE, "--sampler", "grid"], "A grid needs steps"),
        (["--dimension", RATE, "--metric", "macro_f1"], "no such value to be judged by"),
        (["--dimension", RATE, "--search", "/nothing.yaml"], "The search file is not there"),
        (["--dimension", RATE, "--recipe", "/nothing.yaml"], "The recipe file is not there"),
    ],
)
def test_a_mistake_is_told_in_three_parts_and_makes_no_folder(arguments, said, tmp_path, capsys):
    data, out = tmp_path / "cells.csv", tmp_path / "out"
    data.write_text("cell,A\nx,1\n")
    assert main(["search", "represent", "--data", str(data), "--out", str(out), *arguments]) == 2
    assert said in capsys.readouterr().err and not out.exists()


@pytest.mark.slow
def test_a_search_on_real_cells_writes_tables_and_a_recipe_that_annotates(tmp_path):
    cells, out = real("pbmc_3tech.h5ad"), tmp_path / "out"
    plan = tmp_path / "search.yaml"
    plan.write_text(
        "dimensions:\n- {path: training.learning_rate, low: 1e-4, high: 1e-2, log: true}\ntrials: 9\npruning: null\n"
    )
    files = ["--reference", cells, "--labels", "cell_type", "--query", cells, "--out", out, "--recipe", "deepscore"]
    quick = ["--set", "training.epochs=2", "--set", "features.target=200", "--set", "training.replay_frames=0"]
    more = ["--search", plan, "--dimension", RATE, "--dimension", "network.encoder.0.units=16,32", "--trials", 2]
    command = ["search", "annotate", *files, *quick, *more, "--metric", "macro_f1"]
    done = celldesk(*command)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == str(out) and "best: trial" in done.stdout and "too good" in done.stdout
    assert done.stderr.count("complete") == 2
    table = pd.read_csv(out / "trials.csv")
    assert list(table["state"]) == ["complete"] * 2 and table["value"].between(0, 1).all()
    assert {"training.learning_rate", "network.encoder.0.units", "seconds", "run"} <= set(table.columns)
    assert set(pd.read_csv(out / "curves.csv").columns) == {"trial", "repeats", "epoch", "value"}
    summary = json.loads((out / "summary.json").read_text())
    best = summary["best"]
    assert best["value"] == table["value"].max() and summary["direction"] == "higher is better"
    made = read_recipe(out / "best.yaml")
    assert made.training.learning_rate == best["settings"]["training.learning_rate"]

    again = celldesk(*command, "--repeats", 1)  # the same search goes on, with what is asked on top
    assert again.returncode == 0, again.stderr
    assert len(pd.read_csv(out / "trials.csv")) == 3 and "with 1 other seeds" in again.stdout

    labelled = tmp_path / "labelled"
    use = ["--reference", cells, "--labels", "cell_type", "--query", cells, "--out", labelled]
    used = celldesk("annotate", *use, "--recipe", out / "best.yaml", *quick)
    assert used.returncode == 0, used.stderr
    assert (labelled / "annotation.csv").exists()
