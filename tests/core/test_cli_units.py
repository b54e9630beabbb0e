"""The verbs units and checks, as a user types them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from core.cli import main
from core.data.demo import LABEL_COLUMN, write_demo

QUICK = ["training.epochs=2", "training.members=2", "analysis.embedding.epochs=10"]


@pytest.fixture(scope="module")
def represented(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a run in ``run`` and the demonstration's files in ``demo``."""
    folder = tmp_path_factory.mktemp("represented")
    paths = write_demo(folder / "demo")
    settings = [part for setting in QUICK for part in ("--set", setting)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CELLDESK_WORKSPACE", str(folder))
        files = ["--data", str(paths["reference"]), "--gene-sets", str(paths["gene_sets"])]
        settings += ["--set", f"data.reference.label_column={LABEL_COLUMN}"]
        assert main(["represent", *files, "--out", str(folder / "run"), "--device", "cpu", *settings]) == 0
    (folder / "sets").write_text(str(paths["gene_sets"]))
    return folder


def test_units_are_written_and_their_terms_told(represented: Path, tmp_path: Path, capsys):
    out, sets = tmp_path / "out", (represented / "sets").read_text()
    asked = ["--run", str(represented / "run"), "--gene-sets", sets, "--out", str(out), "--ranked"]
    more = ["analysis.units.direction=down", "analysis.units.top_genes=9", "analysis.units.permutations=100"]
    assert main(["units", *asked, *[part for setting in more for part in ("--set", setting)]]) == 0
    printed, told = capsys.readouterr()
    assert printed.splitlines()[-1] == str(out)
    assert "Each unit falls by 2 standard deviations; 9 strongest genes" in told
    assert "units have a term with an adjusted p below 0.05" in told and "found again in the other training" in told
    names = {path.stem for path in out.iterdir()}
    tables = {"units", "unit_genes", "unit_changes", "unit_terms", "unit_links", "unit_ranked", "unit_stability"}
    assert names == tables
    assert pd.read_csv(out / "unit_genes.csv", keep_default_na=False).groupby("unit").size().max() == 9
    assert {"p_adjusted", "p_bonferroni"} <= set(pd.read_csv(out / "unit_terms.csv").columns)


def test_checks_and_sweep_are_written_and_told(represented: Path, tmp_path: Path, capsys):
    out = tmp_path / "out"
    asked = ["--run", str(represented / "run"), "--out", str(out), "--sweep"]
    more = ["analysis.checks.runs=2", "analysis.checks.epochs=2", "analysis.checks.weights=[0.1]"]
    assert main(["checks", *asked, *[part for setting in more for part in ("--set", setting)]]) == 0
    told = capsys.readouterr().err
    assert "k-means, run 2 of 2" in told and "Weight 0.1, epoch 2 of 2" in told and "Median |r| of two units" in told
    assert {"clusters", "cluster_summary", "likeness_codes", "sweep", "sweep_epochs"} <= {
        path.stem for path in out.iterdir()
    }


def test_mistakes_are_told_in_three_parts(represented: Path, tmp_path: Path, capsys):
    out, run = ["--out", str(tmp_path / "out")], ["--run", str(represented / "run")]
    assert main(["units", "--run", str(tmp_path), *out]) == 2
    assert "no finished run" in capsys.readouterr().err
    assert main(["units", *run, *out, "--set", "training.epochs=3"]) == 2
    assert "plays no part" in capsys.readouterr().err
    assert main(["checks", *run, *out, "--set", "analysis.checks.weights=[0.1,0.01]"]) == 2
    assert "do not rise" in capsys.readouterr().err
