"""The verb impact, as a user types it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from core.cli import main
from core.project import Project
from core.saved import Saved
from tests.finished import make


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return make(tmp_path_factory.mktemp("finished"))


def asked(project: Project, out: Path, *more: str) -> list[str]:
    run, sets = project.root / "runs" / "run-0001", str(project.draft.data.gene_sets)
    return ["impact", "--run", str(run), "--gene-sets", sets, "--out", str(out), *more]


def test_tables_are_written_and_told(project: Project, tmp_path: Path, capsys):
    setting = ["--set", "analysis.impact.saliency=guided_x_input"]
    assert main(asked(project, tmp_path / "out", *setting)) == 0
    out, told = capsys.readouterr()
    assert out.splitlines()[-1] == str(tmp_path / "out")
    assert "Guided saliency times input of each unit" in told and "In plain words." in told and "**" not in told
    written = {path.name for path in (tmp_path / "out").iterdir()}
    tables = {f"impact{part}.csv" for part in ("", "_expected", "_z", "_p", "_control", "_findings")}
    assert written == {*tables, "facts.json"}
    table = pd.read_csv(tmp_path / "out" / "impact.csv", index_col="gene_set")
    assert table.to_numpy().min() == 0 and table.to_numpy().max() == 1
    assert json.loads((tmp_path / "out" / "facts.json").read_text())["saliency"] == "guided_x_input"


def test_groups_and_every_label_at_once(project: Project, tmp_path: Path):
    run = project.run("run-0001")
    cells = pd.read_csv(run.directory / "code.csv", dtype={"cell": str})["cell"]
    Saved.of(project, run).keep_selection("mine", pd.Index(cells[:40]))
    assert main(asked(project, tmp_path / "mine", "--first", "selection:mine", "--second", "rest")) == 0
    assert list(pd.read_csv(tmp_path / "mine" / "impact_control.csv").columns) == ["gene_set", "mine"]
    assert main(asked(project, tmp_path / "each", "--second", "rest")) == 0
    long = pd.read_csv(tmp_path / "each" / "impact_by_label.csv")
    together = pd.read_csv(tmp_path / "each" / "impact.csv", index_col="gene_set")
    assert set(long["label"]) == set(together.columns)
    assert list(long.columns) == ["label", "gene_set", "unit", "impact", "z", "p_adjusted"]
    units = pd.read_csv(tmp_path / "each" / "impact_units.csv", index_col="gene_set")
    assert set(units.to_numpy().ravel()) <= set(long["unit"])


def test_mistakes_are_told_in_three_parts(project: Project, tmp_path: Path, capsys):
    assert main(asked(project, tmp_path / "out", "--set", "training.epochs=3")) == 2
    assert "plays no part" in capsys.readouterr().err
    assert main(asked(project, tmp_path / "out", "--set", "analysis.impact.saliency=strong")) == 2
    assert "saliency is not one of the choices" in capsys.readouterr().err
    assert main(asked(project, tmp_path / "out", "--second", "B")) == 2
    assert "Give --first as well" in capsys.readouterr().err
    alone = shutil.copytree(project.root / "runs" / "run-0001", tmp_path / "alone" / "run")
    command = asked(project, tmp_path / "out", "--first", "selection:mine")
    command[2] = str(alone)
    assert main(command) == 2
    assert "Selections belong to a project" in capsys.readouterr().err
    command[2] = str(tmp_path)
    assert main(command) == 2
    assert "no finished run" in capsys.readouterr().err
