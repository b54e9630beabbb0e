"""The verb groups, as a user types it."""

from __future__ import annotations

from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import pytest

from core.cli import main

N = 12


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    folder.mkdir()
    rng = np.random.default_rng(0)
    b = np.where(np.arange(N) < 6, 0.1, 0.3) + rng.uniform(0, 0.02, N)
    shares = pd.DataFrame({"B": b, "T": 1 - b}, index=pd.Index([f"s{i}" for i in range(N)], name="sample"))
    shares.to_csv(folder / "composition.csv")
    long = shares.reset_index().melt("sample", var_name="cell_type", value_name="proportion")
    long.assign(low=long["proportion"] - 0.01, high=long["proportion"] + 0.01, level=0.9).to_csv(
        folder / "intervals.csv", index=False
    )
    obs = pd.DataFrame({"status": ["well"] * 6 + ["sick"] * 6}, index=shares.index)
    anndata.AnnData(obs=obs).write_h5ad(folder / "results.h5ad")
    return folder


def test_groups_of_the_run_s_own_columns_are_compared(run: Path, tmp_path: Path, capsys):
    out = tmp_path / "out"
    asked = ["--groups", "well", "sick", "--scale", "log_ratios", "--draws", "20"]
    assert main(["groups", "--run", str(run), "--column", "status", "--out", str(out), *asked]) == 0
    said = capsys.readouterr()
    assert "B is higher in sick than in well" in said.err and "in 100 % of the draws" in said.err
    assert "Read with care." in said.err and said.out.strip() == str(out)
    tests = pd.read_csv(out / "tests.csv").set_index("cell_type")
    assert tests.loc["B", "adjusted_p"] < 0.01 and tests.loc["B", "draws"] == 20
    assert (run / "groups" / "status" / "summary.csv").exists()


def test_a_sheet_brings_other_columns(run: Path, tmp_path: Path, capsys):
    sheet = tmp_path / "sheet.csv"
    pd.DataFrame({"sample": [f"s{i}" for i in range(10)], "age": range(10)}).to_csv(sheet, index=False)
    arguments = [
        "groups",
        "--run",
        str(run),
        "--samples",
        str(sheet),
        "--column",
        "age",
        "--out",
        str(tmp_path / "out"),
    ]
    assert main(arguments) == 0
    said = capsys.readouterr().err
    assert "2 of 12 samples have no row in the sample sheet: s10 and s11." in said and "B rises with age" in said


def test_mistakes_have_three_parts(run: Path, tmp_path: Path, capsys):
    out = ["--out", str(tmp_path / "out")]
    assert main(["groups", "--run", str(run), "--column", "sex", *out]) == 2
    assert "no such column. Got sex. Bring it in the sample sheet. There are: status" in capsys.readouterr().err
    assert main(["groups", "--run", str(tmp_path), "--column", "sex", *out]) == 2
    assert "This folder holds no finished run" in capsys.readouterr().err
    assert main(["groups", "--run", str(run), "--column", "status", "--draws", "-1", *out]) == 2
    assert "-1" in capsys.readouterr().err
