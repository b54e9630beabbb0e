"""A program in an environment of its own: what it is handed, what it answers, and how it may fail."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy import sparse

from core.comparison import program
from core.comparison.environment import DONE, PROGRAMS
from core.comparison.program import Handed
from core.errors import MissingExtraError, RunError

ANSWERS = """
import json, sys
from pathlib import Path
folder = Path(sys.argv[1])
task = json.loads((folder / "task.json").read_text())
held = [label for label, fold in zip(task["labels"], task["folds"]) if fold >= 0]
def write(part, types):
    rows = "".join(f"{name},0.5\\n" for name in types)
    (folder / f"celltypist.{part}.csv").write_text("cell_type,probability\\n" + rows)
write("query", [task["labels"][0]] * 2)
write("held_out", held)
refused = {"celltypist_voting": {"query": "too few cells", "held_out": "too few cells"}}
facts = {"version": "0", "cpu_seconds": {"celltypist": {"query": 0.1}}, "refused": refused}
(folder / "facts.json").write_text(json.dumps(facts))
print("done")
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "task"
    place.mkdir()
    handed = Handed(
        reference=sparse.csr_matrix(np.eye(3, dtype=np.float32)),
        query=sparse.csr_matrix(np.ones((2, 3), dtype=np.float32)),
        genes=["A", "B", "C"],
        adds_up=True,
        labels=np.array(["NA", "T", "T"], dtype=object),
        folds=np.array([-1, 0, 1]),
        seed=5,
    )
    program.hand_over(handed, place)
    return place


def script(folder: Path, text: str) -> Path:
    path = folder / "program.py"
    path.write_text(text)
    return path


def test_a_program_is_handed_cells_labels_and_folds(folder: Path):
    task = json.loads((folder / "task.json").read_text())
    assert task["labels"] == ["NA", "T", "T"] and task["folds"] == [-1, 0, 1] and task["seed"] == 5
    assert sparse.load_npz(folder / "query.npz").shape == (2, 3)
    assert task["genes"] == ["A", "B", "C"] and task["adds_up"]


def test_its_answers_come_back_from_files(folder: Path):
    assert program.call(Path(sys.executable), script(folder, ANSWERS), folder)
    query, held_out = (program.calls(folder, "celltypist", part) for part in ("query", "held_out"))
    assert query is not None and list(query.cell_type) == ["NA", "NA"]  # a type may be called NA
    assert held_out is not None and list(held_out.cell_type) == ["T", "T"] and held_out.assigned.all()
    assert program.calls(folder, "celltypist_voting", "query") is None
    assert program.facts(folder)["refused"]["celltypist_voting"]["query"] == "too few cells"
    assert "done" in (folder / program.LOG).read_text()


def test_a_program_that_breaks_off_is_quoted(folder: Path):
    with pytest.raises(RunError, match="no such thing"):
        program.call(Path(sys.executable), script(folder, "raise SystemExit('no such thing')"), folder)


def test_a_program_is_ended_when_a_stop_is_asked_for(folder: Path):
    answered = program.call(Path(sys.executable), script(folder, "import time; time.sleep(60)"), folder, lambda: True)
    assert not answered


def test_a_program_that_is_not_there_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    asked = PROGRAMS["celltypist"]
    monkeypatch.setenv("CELLDESK_CELLTYPIST", str(tmp_path / "nowhere"))
    with pytest.raises(MissingExtraError, match="make env-celltypist"):
        asked.require()


def test_an_environment_counts_once_it_is_whole(monkeypatch: pytest.MonkeyPatch):
    asked = PROGRAMS["celltypist"]
    monkeypatch.delenv("CELLDESK_CELLTYPIST", raising=False)
    venv = asked.folder / "venv"
    venv.mkdir(parents=True)
    assert asked.python is None or not str(asked.python).startswith(str(venv))
    (venv / DONE).touch()
    assert asked.python == venv / "bin" / "python"


def test_the_pinned_version_is_the_one_that_is_said():
    for asked in PROGRAMS.values():
        assert f"{asked.name}=={asked.version}" in asked.requirements.read_text().splitlines()
        assert asked.script_path.is_file()
