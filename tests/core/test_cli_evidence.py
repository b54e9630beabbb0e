"""The verb evidence, as a user types it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from core.cli import main
from core.data.demo import LABEL_COLUMN, write_demo
from core.runs.run import Run

QUICK = ["training.epochs=2", "training.members=1", "features.target=150", "analysis.embedding.epochs=10"]


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("labelled")
    paths = write_demo(folder / "demo")
    files = ["--reference", str(paths["reference"]), "--labels", LABEL_COLUMN, "--query", str(paths["query"])]
    settings = [part for setting in QUICK for part in ("--set", setting)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CELLDESK_WORKSPACE", str(folder))
        recipe = ["--recipe", "deepscore", "--device", "cpu"]
        assert main(["annotate", *files, "--out", str(folder / "run"), *recipe, *settings]) == 0
    return folder / "run"


@pytest.mark.slow
def test_tables_are_written_and_their_sentences_told(labelled: Path, tmp_path: Path, capsys):
    cell = str(pd.read_csv(labelled / "annotation.csv")["cell"].iloc[0])
    asked = ["--run", str(labelled), "--out", str(tmp_path / "out"), "--part", "markers", "genes", "--cell", cell]
    more = ["--set", "analysis.evidence.cells=5", "--set", "analysis.evidence.controls=1"]
    assert main(["evidence", *asked, *more]) == 0
    out, told = capsys.readouterr()
    assert out.splitlines()[-1] == str(tmp_path / "out")
    assert "matchSCore" in told and "networks that learned nothing" in told
    written = {path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.csv")}
    assert {"match_score.csv", "marker_dots.csv", "clusters.csv", "attributions.csv", "marker_recall.csv"} <= written
    assert len([name for name in written if name.startswith("why/")]) == 2
    recall = pd.read_csv(tmp_path / "out" / "marker_recall.csv")
    assert {"recall", "untrained_recall", "chance"} <= set(recall)


@pytest.mark.slow
def test_mistakes_are_told_in_three_parts(labelled: Path, tmp_path: Path, capsys):
    out = ["--out", str(tmp_path / "out")]
    assert main(["evidence", "--run", str(tmp_path), *out]) == 2
    assert "no finished run" in capsys.readouterr().err
    assert main(["evidence", "--run", str(labelled), *out, "--set", "training.epochs=3"]) == 2
    assert "plays no part" in capsys.readouterr().err
    assert main(["evidence", "--run", str(labelled), *out, "--set", "analysis.evidence.steps=1"]) == 2
    assert Run(labelled).summary
