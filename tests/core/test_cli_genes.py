"""The verb genes, as a user types it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from core.cli import main
from core.data.demo import LABEL_COLUMN, write_demo

QUICK = ["training.epochs=2", "training.members=2", "analysis.mixtures=100"]


@pytest.fixture(scope="module")
def taken_apart(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("taken_apart")
    paths = write_demo(folder / "demo")
    files = ["--reference", str(paths["reference"]), "--labels", LABEL_COLUMN, "--bulk", str(paths["bulk"])]
    settings = [part for setting in QUICK for part in ("--set", setting)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CELLDESK_WORKSPACE", str(folder))
        recipe = ["--recipe", "digital_sorter", "--device", "cpu"]
        assert main(["deconvolve", *files, "--out", str(folder / "run"), *recipe, *settings]) == 0
    return folder / "run"


def test_tables_are_written_and_the_controls_told(taken_apart: Path, tmp_path: Path, capsys):
    asked = ["--run", str(taken_apart), "--out", str(tmp_path / "out"), "--top", "7"]
    assert main(["genes", *asked, "--set", "analysis.gradients.profiles=5"]) == 0
    out, told = capsys.readouterr()
    assert out.splitlines()[-1] == str(tmp_path / "out")
    assert told.count("are among its markers; random genes would be") == 3
    assert "networks have" in told and "held-out cells for each type" in told
    written = {path.name for path in (tmp_path / "out").iterdir()}
    assert written == {"mixed.csv", "class.csv", "loss.csv", "genes.csv", "top_genes.csv", "control.csv"}
    strongest = pd.read_csv(tmp_path / "out" / "top_genes.csv", keep_default_na=False)
    assert strongest.groupby(["answer", "sign", "cell_type"]).size().max() == 7
    steps = pd.read_csv(taken_apart / "gene_steps.csv")
    assert steps["step"].iloc[0] == "In the reference" and steps["genes"].is_monotonic_decreasing


def test_mistakes_are_told_in_three_parts(taken_apart: Path, tmp_path: Path, capsys):
    out = ["--out", str(tmp_path / "out")]
    assert main(["genes", "--run", str(tmp_path), *out]) == 2
    assert "no finished run" in capsys.readouterr().err
    assert main(["genes", "--run", str(taken_apart), *out, "--set", "training.epochs=3"]) == 2
    assert "plays no part" in capsys.readouterr().err
    assert main(["genes", "--run", str(taken_apart), *out, "--top", "0"]) == 2
    assert "gradients.top is out of range" in capsys.readouterr().err
