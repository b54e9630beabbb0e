"""Other annotators on the cells of a finished run: the same split, what is kept, what is stale, and who refuses."""

from __future__ import annotations

import os
import shutil
import stat
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.annotation.held_out import NEVER
from core.cli import main
from core.comparison import program
from core.comparison.environment import PROGRAMS
from core.comparison.methods import OURS, OWN, provided
from core.comparison.own import logistic_regression
from core.data.demo import LABEL_COLUMN, write_demo
from core.data.normalise import library_size, normalised
from core.data.read import read
from core.errors import DataError, MissingExtraError, RunError, SpecError
from core.recipes import recipe
from core.runs.run import Run
from core.specs import SourceSpec, replaced
from core.tasks.compare import compare
from core.tasks.compare_cells import NO_HELD_OUT, compared_cells
from core.tasks.compare_kept import answers, compared
from core.tasks.finished import model_of
from core.tasks.worker import execute
from tests.conftest import real

pytestmark = pytest.mark.slow

FAKE = """
import json, sys
from pathlib import Path
folder = Path(sys.argv[1])
task = json.loads((folder / "task.json").read_text())
import scipy.sparse
n = scipy.sparse.load_npz(folder / "query.npz").shape[0]
held = [label for label, fold in zip(task["labels"], task["folds"]) if fold >= 0]
def write(method, part, types):
    rows = "".join(f"{name},1.0\\n" for name in types)
    (folder / f"{method}.{part}.csv").write_text("cell_type,probability\\n" + rows)
write("celltypist", "query", [task["labels"][0]] * n)
write("celltypist", "held_out", held)
facts = {"version": "9.9", "cpu_seconds": {"celltypist": {"query": 2.0, "held_out": 4.0}},
         "refused": {"celltypist": {}, "celltypist_voting": {"query": "no clusters", "held_out": "no clusters"}}}
(folder / "facts.json").write_text(json.dumps(facts))
"""


@pytest.fixture(scope="module")
def labelled_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of two epochs that labelled the demonstration's query, whose types are known."""
    folder = tmp_path_factory.mktemp("labelled")
    before = os.environ.get("CELLDESK_WORKSPACE")
    os.environ["CELLDESK_WORKSPACE"] = str(folder / "workspace")
    try:
        paths = write_demo(folder / "demo")
        spec = recipe("deepscore").spec
        data = {
            "reference": SourceSpec(path=str(paths["reference"]), label_column=LABEL_COLUMN),
            "query": SourceSpec(path=str(paths["query"]), label_column="hidden_truth"),
        }
        spec = spec.model_copy(update={"data": spec.data.model_copy(update=data)})
        for path, value in {"training.epochs": 2, "features.target": 200, "analysis.embedding.epochs": 10}.items():
            spec = replaced(spec, path, value)
        run = Run.create(folder / "run", spec)
        execute(run)
    finally:
        os.environ.pop("CELLDESK_WORKSPACE") if before is None else os.environ.update(CELLDESK_WORKSPACE=before)
    return run.directory


@pytest.fixture
def run(labelled_folder: Path, tmp_path: Path) -> Run:
    return Run(Path(shutil.copytree(labelled_folder, tmp_path / "run")))


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that answers as CellTypist would, in place of CellTypist's own Python."""
    script, python = tmp_path / "fake.py", tmp_path / "python"
    script.write_text(FAKE)
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{script}" "$3"\n')
    python.chmod(python.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("CELLDESK_CELLTYPIST", str(python))


def score(table: pd.DataFrame, part: str, method: str, metric: str) -> float:
    chosen = (table["part"] == part) & (table["method"] == method) & (table["metric"] == metric)
    return float(table.loc[chosen, "value"].iloc[0])


def test_the_run_keeps_every_held_out_cell_and_what_it_cost(run: Run):
    held = pd.read_csv(run.directory / "held_out_cells.csv")
    assert list(held) == ["row", "fold", "known", "cell_type", "probability", "assigned"]
    assert held["row"].is_unique and set(held["fold"]) == {0, 1, 2}
    accuracy = float(pd.read_csv(run.directory / "held_out.csv")["accuracy"].iloc[0])
    assert (held["known"] == held["cell_type"]).mean() == pytest.approx(accuracy)
    rate = run.summary["false_reject_rate"]
    assert 1 - held["assigned"].mean() <= rate + 1e-9
    assert set(run.summary["cpu_seconds"]) == {"training", "calibration", "labelling"}


def test_all_are_scored_on_the_same_cells_and_the_largest_type_is_the_floor(run: Run):
    found = compare(run)
    assert found is not None and found.current
    assert set(found.scores["method"]) == {OURS, *OWN} and set(found.scores["part"]) == {"query", "held_out"}
    own = run.summary["agreement_with_own_labels"]
    assert score(found.scores, "query", OURS, "accuracy") == pytest.approx(own["accuracy"])
    assert score(found.scores, "query", OURS, "macro_f1") == pytest.approx(own["macro_f1"])
    assert score(found.scores, "query", OURS, "coverage") == pytest.approx(own["coverage"])
    held = pd.read_csv(run.directory / "held_out_cells.csv")
    largest = held["known"].value_counts(normalize=True).max()
    assert score(found.scores, "held_out", "majority", "accuracy") == pytest.approx(largest, abs=0.02)
    assert (found.methods["refused"] == "").all() and found.methods["cpu_seconds"].notna().all()
    assert found.methods.groupby("part")["cells"].nunique().eq(1).all()
    assert found.facts["column"] == "hidden_truth" and found.facts["extra_seconds"] > 0


def test_the_folds_are_the_run_s_own(run: Run):
    compare(run)
    cells = compared_cells(run, model_of(run).genes)
    reference, _ = cells.values()
    held = pd.read_csv(run.directory / "held_out_cells.csv").set_index("row").sort_index()
    np.testing.assert_array_equal(cells.folds[cells.held_out], held["fold"])
    assert (cells.folds[np.setdiff1d(np.arange(len(cells.folds)), held.index)] == NEVER).all()
    test = cells.folds == 1
    types, _ = logistic_regression(reference[~test], cells.labels[~test], reference[test], run.spec.seed)
    kept = answers(run, "logistic_regression", "held_out")
    assert kept is not None
    np.testing.assert_array_equal(kept.cell_type[cells.folds[cells.held_out] == 1], types)


def test_what_was_found_is_not_made_again_until_the_run_is(run: Run):
    assert compared(run) is None
    compare(run)
    kept = {path: path.stat().st_mtime_ns for path in (run.directory / "comparison").rglob("*.csv")}
    told: list[tuple[str, int, int]] = []
    compare(run, tell=lambda *said: told.append(said))
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    assert [said[0] for said in told] == ["Reading the cells", "Scoring"]
    os.utime(run.model_path, ns=(1, 1))
    stale = compared(run)
    assert stale is not None and not stale.current
    renewed = compare(run)
    assert renewed is not None and renewed.current
    assert len(list((run.directory / "comparison" / "knn").iterdir())) == 1


def test_a_program_that_refuses_is_shown_with_its_reason(run: Run, fake: None):
    found = compare(run, ["celltypist"])
    assert found is not None
    scores, methods = found.part("held_out")
    assert score(scores, "held_out", "celltypist", "accuracy") == 1  # the fake one repeats the labels it was given
    gap = scores.loc[(scores["method"] == "celltypist") & (scores["metric"] == "accuracy")].iloc[0]
    assert gap["difference_low"] > 0
    by_name = methods.set_index("method")
    assert by_name.loc["celltypist_voting", "refused"] == "no clusters"
    assert "celltypist_voting" not in set(scores["method"])
    assert by_name.loc["celltypist", "cpu_seconds"] == 4 and by_name.loc["celltypist", "version"] == "9.9"
    assert found.facts["programs"] == ["celltypist"]


def test_a_query_without_labels_of_its_own_leaves_the_held_out_cells(run: Run):
    spec = run.spec
    query = spec.data.query
    assert query is not None
    from core.files import write_json

    unlabelled = spec.data.model_copy(update={"query": query.model_copy(update={"label_column": None})})
    write_json(run.spec_path, spec.model_copy(update={"data": unlabelled}).model_dump(mode="json"))
    found = compare(run)
    assert found is not None
    assert set(found.scores["part"]) == {"held_out"} and found.facts["column"] == ""
    _, methods = found.part("query")
    assert (methods["cells"] == 0).all() and methods["agrees"].notna().all()


def test_a_run_that_kept_no_held_out_cells_says_so_and_others_are_scored_on_the_same_folds(run: Run):
    kept = pd.read_csv(run.directory / "held_out_cells.csv").set_index("row").sort_index()
    (run.directory / "held_out_cells.csv").unlink()
    cells = compared_cells(run, model_of(run).genes)
    np.testing.assert_array_equal(cells.folds[kept.index], kept["fold"])
    found = compare(run)
    assert found is not None
    scores, methods = found.part("held_out")
    assert methods.set_index("method").loc[OURS, "refused"] == NO_HELD_OUT
    assert set(scores["method"]) == set(OWN) and scores["difference"].isna().all()


def test_a_run_whose_reference_has_changed_is_refused(run: Run):
    held = pd.read_csv(run.directory / "held_out_cells.csv", dtype={"known": str})
    held["known"] = np.roll(held["known"].to_numpy(), 1)
    held.to_csv(run.directory / "held_out_cells.csv", index=False)
    with pytest.raises(DataError, match="not the one"):
        compare(run)


def test_a_stop_leaves_what_is_done(run: Run):
    asked = iter([False, True])
    assert compare(run, stopping=lambda: next(asked)) is None
    assert answers(run, OWN[0], "query") is not None and answers(run, OWN[1], "query") is None


def test_programs_get_the_genes_that_both_files_have_in_parts_of_all_genes(run: Run):
    cells = compared_cells(run, model_of(run).genes)
    whole = cells.handed()
    fewer = replace(cells, query=cells.query.subset(genes=[*map(str, cells.query.genes[:300])])).handed()
    assert len(fewer.genes) == len(set(cells.reference.genes) & set(cells.query.genes[:300])) < len(whole.genes)
    # the reference keeps all its genes in the total, so its shared genes say the same, whatever else is shared
    kept = [whole.genes.index(gene) for gene in fewer.genes]
    np.testing.assert_array_equal(fewer.reference.toarray(), whole.reference[:, kept].toarray())
    assert whole.adds_up
    adata = cells.query.adata.copy()
    adata.var_names = [f"other_{gene}" for gene in adata.var_names]
    with pytest.raises(DataError, match="share no gene"):
        replace(cells, query=replace(cells.query, adata=adata)).handed()


@pytest.mark.parametrize(("unit", "scale", "known"), [("log1p", 1, True), ("log1p", 2, False), ("values", 1, False)])
def test_logarithms_are_vouched_for_where_they_add_up_alone(run: Run, unit, scale: float, known: bool):
    cells = compared_cells(run, model_of(run).genes)
    counts = cells.reference.adata.X
    adata = cells.reference.adata.copy()
    adata.X = normalised(counts, "counts", "log1p_cp10k", scale * library_size(counts, "counts"))
    assert replace(cells, reference=replace(cells.reference, adata=adata, unit=unit)).handed().adds_up == known


def test_a_program_that_breaks_off_costs_the_others_nothing(run: Run, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CELLDESK_CELLTYPIST", shutil.which("false") or "false")
    with pytest.raises(RunError, match="broke off"):
        compare(run, ["celltypist"])
    found = compared(run)
    assert found is not None and found.current and set(found.scores["method"]) == {OURS, *OWN}


def test_a_program_that_is_unknown_or_missing_is_refused(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    with pytest.raises(SpecError, match="celltypist"):
        compare(run, ["celltypest"])
    monkeypatch.setenv("CELLDESK_CELLTYPIST", str(tmp_path / "nowhere"))
    with pytest.raises(MissingExtraError, match="not installed"):
        compare(run, ["celltypist"])


def test_the_command_line_writes_tables_and_says_where_it_is_worse(run: Run, fake: None, tmp_path: Path, capsys):
    out = tmp_path / "out"
    assert main(["compare", "--run", str(run.directory), "--with", "celltypist", "--out", str(out)]) == 0
    said = capsys.readouterr()
    assert said.out.strip().splitlines()[-1] == str(out)
    assert "In accuracy CellDesk is worse than" in said.err and "refuses these cells: no clusters" in said.err
    assert {path.name for path in out.iterdir()} == {"comparison.csv", "methods.csv", "summary.json"}
    table = pd.read_csv(out / "comparison.csv")
    assert set(provided("celltypist")) - set(table["method"]) == {"celltypist_voting"}
    assert main(["compare", "--run", str(tmp_path), "--out", str(out)]) == 2
    assert "no finished run" in capsys.readouterr().err


def test_celltypist_itself_labels_the_same_cells(run: Run):
    found = compare(run, ["celltypist"])
    assert found is not None
    for part in ("query", "held_out"):
        assert score(found.scores, part, "celltypist", "accuracy") > score(found.scores, part, "majority", "accuracy")
        assert 0 < score(found.scores, part, "celltypist_voting", "macro_f1") <= 1
    versions = found.methods.set_index("method")["version"]
    assert set(versions.loc["celltypist"]) == {PROGRAMS["celltypist"].version}


def test_celltypist_refuses_values_that_are_no_log_counts(run: Run, tmp_path: Path):
    reference, query = (
        read(SourceSpec(path=str(real(f"pancreas_{name}.h5ad")), label_column="cell_type"), role)
        for name, role in (("lawlor", "reference"), ("wang", "query"))
    )
    labels = reference.labels.astype(str).to_numpy(dtype=object)
    rows, query_rows = np.arange(reference.n_cells), np.arange(query.n_cells)
    handed = replace(compared_cells(run, ()), reference=reference, query=query, rows=rows, query_rows=query_rows)
    handed = replace(handed, labels=labels, folds=rows % 3).handed()
    assert len(handed.genes) == 85
    program.hand_over(handed, tmp_path)
    asked = PROGRAMS["celltypist"]
    assert program.call(asked.require(), asked.script_path, tmp_path)
    refused = program.facts(tmp_path)["refused"]
    for method in provided("celltypist"):
        assert "10000 counts per cell" in refused[method]["query"] and "held_out" in refused[method]
        assert program.calls(tmp_path, method, "query") is None
