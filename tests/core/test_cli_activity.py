"""The verb activity, as a user types it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from core.cli import main
from core.project import Project
from tests.conftest import real
from tests.finished import make


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("activity")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CELLDESK_WORKSPACE", str(folder))
        return make(folder)


def asked(project: Project, out: Path, *more: str) -> list[str]:
    run, sets = project.run("run-0001").directory, str(project.draft.data.gene_sets)
    return ["activity", "--run", str(run), "--gene-sets", sets, "--out", str(out), *more]


@pytest.mark.parametrize("method", ["ulm", "aucell"])
def test_tables_are_written_and_the_highest_sets_told(project: Project, tmp_path: Path, capsys, method: str):
    assert main(asked(project, tmp_path / "out", "--method", method, "--set", "analysis.activity.min_genes=6")) == 0
    out, told = capsys.readouterr()
    assert out.splitlines()[-1] == str(tmp_path / "out")
    assert f"({method})" in told and "CD19+ B: " in told
    written = {path.stem: pd.read_csv(path, index_col=0) for path in (tmp_path / "out").iterdir()}
    assert set(written) == {"activity", "activity_means", "activity_z", "activity_ranks"}
    assert written["activity"].index.name == "cell" and list(written["activity"]) == list(written["activity_z"].index)
    assert written["activity_ranks"].min().eq(1).all()


def test_mistakes_are_told_in_three_parts(project: Project, tmp_path: Path, capsys):
    assert main(["activity", "--run", str(tmp_path), "--gene-sets", "x.gmt", "--out", str(tmp_path / "out")]) == 2
    assert "no finished run" in capsys.readouterr().err
    assert main(asked(project, tmp_path / "out", "--set", "training.epochs=3")) == 2
    assert "plays no part" in capsys.readouterr().err
    assert main(asked(project, tmp_path / "out", "--set", "analysis.activity.min_genes=0")) == 2
    assert "min_genes is out of range" in capsys.readouterr().err
    mouse = asked(project, tmp_path / "out")
    mouse[mouse.index("--gene-sets") + 1] = str(real("hallmark_mouse.gmt"))
    assert main(mouse) == 2
    assert "they hold mouse symbols, the data human symbols" in capsys.readouterr().err
