"""Evidence where the reference is not at hand: what the model file holds stands in, and what it lacks is said."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.cli import main
from core.data.demo import HIDDEN_TRUTH, LABEL_COLUMN, write_demo
from core.data.kept_reference import OF_EACH
from core.errors import SpecError
from core.model import TrainedModel
from core.project import Project
from core.recipes import recipe
from core.results import Results
from core.runs.run import Run
from core.specs import EvidenceSpec, RunSpec, SourceSpec, replaced_all
from core.tasks import evidence, evidence_cell
from core.tasks.apply import use_model
from core.tasks.evidence_kept import file_name, stored_why
from core.tasks.evidence_sets import sets_of
from core.tasks.evidence_words import reference_words
from core.tasks.export_evidence import evidence_files
from core.tasks.export_items import items
from core.tasks.kept_reference import BRANCH, MEASURED, TABLES, kept_of
from core.tasks.worker import execute

SMALL = EvidenceSpec(markers=30, cells=8, steps=8, controls=1, pictured=120)
QUICK = {
    "training.epochs": 3,
    "training.members": 2,
    "training.threads": 1,
    "features.target": 150,
    "analysis.embedding.epochs": 10,
    "analysis.calibration_folds": 2,
}


def spec(paths: dict[str, Path], name: str = "annotator", **settings: object) -> RunSpec:
    made = recipe(name).spec
    sources = {
        "reference": SourceSpec(path=str(paths["reference"]), label_column=LABEL_COLUMN),
        "query": SourceSpec(path=str(paths["query"]), label_column=HIDDEN_TRUTH),
    }
    made = made.model_copy(update={"data": made.data.model_copy(update=sources)})
    return replaced_all(made, {**QUICK, **settings})


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return write_demo(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="module")
def trained(paths: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Run:
    run = Run.create(tmp_path_factory.mktemp("trained") / "run", spec(paths))
    execute(run)
    assert run.status.state == "finished"
    return run


@pytest.fixture(scope="module")
def applied(trained: Run, paths: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The same query, labelled with the model file alone."""
    query = SourceSpec(path=str(paths["query"]), label_column=HIDDEN_TRUTH)
    run = use_model(trained.model_path, {"query": query}, tmp_path_factory.mktemp("applied") / "run")
    evidence.compute_all(run, evidence.PARTS, SMALL, lambda _: None)
    return run


def changed(trained: Run, folder: Path, paths: dict[str, Path], **branches: object) -> Run:
    """The query labelled with a model file whose branches were replaced, or taken out with None."""
    model = TrainedModel.load(trained.model_path)
    learned = {**model.learned, **branches}
    path = folder / "model.safetensors"
    replace(model, learned={name: part for name, part in learned.items() if part is not None}).save(path)
    return use_model(path, {"query": SourceSpec(path=str(paths["query"]))}, folder / "run")


@pytest.fixture(scope="module")
def without_cells(trained: Run, paths: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Run:
    model = TrainedModel.load(trained.model_path)
    averages = {**model.learned[BRANCH], "sample": None, "sample_types": np.zeros(0, dtype=np.int32)}
    return changed(trained, tmp_path_factory.mktemp("averages"), paths, **{BRANCH: averages})


@pytest.fixture(scope="module")
def older(trained: Run, paths: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Run:
    return changed(trained, tmp_path_factory.mktemp("older"), paths, **{BRANCH: None, MEASURED: None})


def part(run: Run, name: evidence.Part) -> evidence.Evidence:
    kept = evidence.found(run, name)
    assert kept is not None
    return kept


def test_the_file_holds_few_cells_of_each_type_and_says_so(trained: Run, paths: dict[str, Path]):
    model = TrainedModel.load(trained.model_path)
    kept = kept_of(model)
    assert kept is not None and kept.sample is not None
    assert np.bincount(kept.sample_types).max() <= OF_EACH
    facts = trained.summary["kept_reference"]
    assert facts == {"types": len(model.classes), "cells": len(kept.sample_types), "of": int(kept.cells.sum())}
    assert f"{facts['cells']} of these cells" in model.about[BRANCH]
    sets = sets_of(trained)
    written = trained.model_path.read_bytes()
    assert not any(str(name).encode() in written for name in sets.reference.cells[:50])


def test_the_sample_is_made_of_reference_cells(trained: Run):
    kept, sets = kept_of(TrainedModel.load(trained.model_path)), sets_of(trained)
    assert kept is not None and kept.sample is not None
    whole = sets.reference.aligned(np.arange(len(sets.known)))
    own = {row.tobytes() for row in np.column_stack([whole.values.toarray(), whole.library])}
    assert all(row.tobytes() in own for row in np.column_stack([kept.sample.values.toarray(), kept.sample.library]))


def test_a_call_is_explained_as_with_the_reference_itself(trained: Run, applied: Run):
    cell = str(pd.read_csv(trained.directory / "annotation.csv")["cell"].iloc[4])
    ours, theirs = (evidence_cell.why(str(run.directory), cell) for run in (trained, applied))
    assert ours.pop("reference")["source"] == "file" and theirs.pop("reference")["source"] == "model"
    numbers = {name for name, value in ours.items() if isinstance(value, float)}
    assert {name: ours[name] for name in numbers} == pytest.approx({name: theirs[name] for name in numbers}, abs=1e-4)
    assert {name: ours[name] for name in ours.keys() - numbers} == {
        name: theirs[name] for name in ours.keys() - numbers
    }
    tables = []
    for run in (trained, applied):
        found = stored_why(run, cell)
        assert found is not None
        tables.append(found.genes.set_index("gene").sort_index())
    for column in ("for_label", "against_other", "value", "mean_label", "mean_other"):
        np.testing.assert_allclose(tables[0][column], tables[1][column], atol=1e-4)
    assert (tables[0]["rank_label"].fillna(0) == tables[1]["rank_label"].fillna(0)).mean() > 0.98


def test_the_probabilities_explained_are_the_run_s_own(trained: Run, applied: Run):
    for run in (trained, applied):
        own = pd.read_csv(run.directory / "probabilities.csv").set_index("cell")
        for cell in map(str, own.index[[0, 7]]):
            facts = evidence_cell.why(str(run.directory), cell)
            assert facts["probability"] == pytest.approx(own.loc[cell, facts["cell_type"]], abs=1e-4)
            assert facts["other_probability"] == pytest.approx(own.loc[cell, facts["other"]], abs=1e-4)


def test_every_part_is_computed_from_the_model_file(trained: Run, applied: Run):
    markers, genes, both = (part(applied, name) for name in evidence.PARTS)
    n = applied.summary["kept_reference"]["cells"]
    assert markers.facts["reference"] == {"source": "model", "cells": n, "of": 400}
    assert markers.facts["genes"] == applied.summary["genes"] and markers.facts["share"] > markers.facts["chance"]
    predicted = markers.tables["match_summary"].set_index("grouping").loc["Predicted type"]
    assert predicted["score"] > 2 * predicted["chance"]
    assert genes.facts["largest_gap"] <= 0.02
    joint = both.tables["joint"]
    assert int((joint["source"] == "reference").sum()) == 120 and both.facts["reference_of"] == 400
    assert "As the model file has it" in reference_words(both.facts)
    evidence.compute(str(trained.directory), "both", SMALL.model_dump())
    assert reference_words(part(trained, "both").facts) == ""


def test_what_held_out_cells_say_stands_beside_the_labels(trained: Run, applied: Run):
    for name in ("confusion", "per_type", "coverage", "held_out"):
        pd.testing.assert_frame_equal(Results(applied).table(name), Results(trained).table(name))
    assert "held_out_cells" not in TABLES and not (applied.directory / "held_out_cells.csv").exists()


def test_without_cells_averages_do_what_they_can_and_the_rest_is_refused(without_cells: Run, tmp_path: Path, capsys):
    evidence.compute(str(without_cells.directory), "markers", SMALL.model_dump())
    cell = str(pd.read_csv(without_cells.directory / "annotation.csv")["cell"].iloc[0])
    assert evidence_cell.why(str(without_cells.directory), cell)["reference"]["cells"] == 0
    for name in ("genes", "both"):
        with pytest.raises(SpecError, match="keep_cells was off"):
            evidence.compute(str(without_cells.directory), name, {})
    assert main(["evidence", "--run", str(without_cells.directory), "--out", str(tmp_path / "out")]) == 0
    told = capsys.readouterr().err
    assert "Left out: genes" in told and "Left out: both" in told and "none of the cells" in told
    assert (tmp_path / "out" / "match_score.csv").exists() and not (tmp_path / "out" / "mixing.csv").exists()


def test_an_older_model_file_labels_as_before_and_says_what_it_lacks(older: Run, trained: Run):
    for name in ("probabilities", "coverage"):
        again, own = (Results(run).table(name) for run in (older, trained))
        pd.testing.assert_frame_equal(again, own, atol=1e-6)
    assert "kept_reference" not in older.summary
    for ask in (lambda: evidence.compute(str(older.directory), "markers", {}), lambda: evidence.refuse(older)):
        with pytest.raises(SpecError, match="Train again with this version"):
            ask()


def test_the_model_file_stands_in_for_a_reference_that_is_gone(trained: Run, paths: dict[str, Path], tmp_path: Path):
    moved = Run(Path(shutil.copytree(trained.directory, tmp_path / "run")))
    gone = spec({**paths, "reference": tmp_path / "nowhere.h5ad"}).model_dump_json()
    moved.spec_path.write_text(gone, encoding="utf-8")
    cell = str(pd.read_csv(moved.directory / "annotation.csv")["cell"].iloc[0])
    assert evidence_cell.why(str(moved.directory), cell)["reference"]["source"] == "model"


@pytest.mark.slow
def test_a_run_can_leave_its_cells_out_of_the_model_file(paths: dict[str, Path], tmp_path: Path):
    run = Run.create(tmp_path / "run", spec(paths, "deepscore", **{"analysis.keep_cells": False}))
    execute(run)
    kept = kept_of(TrainedModel.load(run.model_path))
    assert kept is not None and kept.sample is None and run.summary["kept_reference"]["cells"] == 0


@pytest.mark.slow
def test_smoothed_cells_are_explained_as_the_run_saw_them(paths: dict[str, Path], tmp_path: Path):
    run = Run.create(tmp_path / "run", spec(paths, "gene_activity_annotator", **{"training.members": 1}))
    execute(run)
    sets = sets_of(run)
    raw = sets.aligned(sets.query)
    assert abs(sets.judged.values - raw.values).max() > 0.1
    votes, _ = sets.members.votes(sets.judged)
    own = pd.read_csv(run.directory / "probabilities.csv").set_index("cell")
    temperature = sets.model.learned["calibration"]["temperature"]
    np.testing.assert_allclose(votes.probabilities(temperature), own.to_numpy(), atol=1e-5)
    assert np.abs(sets.members.votes(raw)[0].probabilities(temperature) - own.to_numpy()).max() > 1e-3
    for cell in map(str, own.index[:3]):
        facts = evidence_cell.why(str(run.directory), cell)
        assert facts["probability"] == pytest.approx(own.loc[cell, facts["cell_type"]], abs=1e-5)
        found = stored_why(run, cell)
        assert found is not None and found.genes["for_label"].sum() == pytest.approx(facts["logit"], abs=0.05)
    evidence.compute(str(run.directory), "both", SMALL.model_dump())
    assert len(part(run, "both").tables["joint"]) == 240


def test_what_leaves_says_that_cells_are_inside_and_brings_explained_cells(
    trained: Run, without_cells: Run, tmp_path: Path
):
    project = Project.create("Demo", trained.spec, tmp_path / "demo")
    said = {
        run.name: {item.name: item.what for item in items(project, run)}
        for run in (
            Run(Path(shutil.copytree(each.directory, project.root / "runs" / name)))
            for name, each in (("run-0001", trained), ("run-0002", without_cells))
        )
    }
    n = trained.summary["kept_reference"]["cells"]
    assert f"Holds {n} reference cells" in said["run-0001"]["model.safetensors"]
    assert "reference cells" not in said["run-0002"]["model.safetensors"]
    cell = str(pd.read_csv(trained.directory / "annotation.csv")["cell"].iloc[1])
    facts = evidence_cell.why(str(trained.directory), cell)
    name = f"evidence_why_{cell}_{file_name(facts['other'])}"
    files = evidence_files(trained)
    assert {f"{name}_genes.csv", f"{name}_margins.csv"} <= set(files)
    assert all(path.is_file() for _, path in files.values())
