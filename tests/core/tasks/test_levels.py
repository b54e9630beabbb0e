"""Levels of labels and votes, from settings to files, on the demonstration's cells."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import pytest

from core import keys
from core.annotation.backoff import SAFE
from core.annotation.hierarchy import from_table
from core.annotation.rejection import OpenSet
from core.annotation.strangeness import surroundings
from core.data.demo import HIDDEN_TRUTH, LABEL_COLUMN, demo_sets
from core.errors import DataError, SpecError
from core.figures.palette import NOT_ASSIGNED
from core.model import TrainedModel
from core.recipes import recipe
from core.runs.run import Run
from core.specs import RunSpec, SourceSpec, replaced_all
from core.tasks.apply import use_model
from core.tasks.calls import backoff_of
from core.tasks.levels import learned_levels, require_groups
from core.tasks.worker import execute

COARSE = "lineage"
QUICK = {"training.epochs": 3, "training.threads": 1, "analysis.embedding.epochs": 10, "analysis.calibration_folds": 2}


def lineage(label: str) -> str:
    return "T and NK" if label.startswith(("CD4", "CD8", "CD56")) else "other"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("levels")
    demo = demo_sets()
    demo.reference.obs[COARSE] = [lineage(str(label)) for label in demo.reference.obs[LABEL_COLUMN]]
    paths = {"reference": folder / "reference.h5ad", "query": folder / "query.h5ad"}
    demo.reference.write_h5ad(paths["reference"])
    demo.query.write_h5ad(paths["query"])
    return paths


def spec(files: dict[str, Path], **settings: object) -> RunSpec:
    made = recipe("deepscore").for_task("annotate")
    sources = {
        "reference": SourceSpec(path=str(files["reference"]), label_column=LABEL_COLUMN),
        "query": SourceSpec(path=str(files["query"]), label_column=HIDDEN_TRUTH),
    }
    made = made.model_copy(update={"data": made.data.model_copy(update=sources)})
    return replaced_all(made, {**QUICK, **{name.replace("__", "."): value for name, value in settings.items()}})


@pytest.fixture(scope="module")
def made(files: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Run]:
    """Runs by their settings, each made once."""
    runs: dict[str, Run] = {}

    def run_of(**settings: object) -> Run:
        key = repr(sorted(settings.items()))
        if key not in runs:
            runs[key] = Run.create(tmp_path_factory.mktemp("runs") / "run", spec(files, **settings))
            execute(runs[key])
            assert runs[key].status.state == "finished", runs[key].status
        return runs[key]

    return run_of


def table(run: Run, name: str) -> pd.DataFrame:
    return pd.read_csv(run.directory / f"{name}.csv", keep_default_na=False, na_values=[""])


COLUMNS = {"data__reference__coarser_columns": (COARSE,)}
GROUPS = {"analysis__groups": (2, 4), "analysis__voting__over": "clusters", "analysis__voting__least_cells": 5}


def test_levels_from_columns_never_conflict(made):
    run = made(**COLUMNS)
    labels, annotation = table(run, "label_levels"), table(run, "annotation")
    assert labels["level_2"].tolist() == annotation["cell_type"].tolist()
    assert [lineage(label) for label in labels["level_2"]] == labels["level_1"].tolist()
    probabilities = table(run, "probabilities").set_index("cell")
    above = table(run, "level_1_probabilities").set_index("cell")
    for name in above:
        children = [column for column in probabilities if lineage(column) == name]
        np.testing.assert_allclose(above[name], probabilities[children].sum(axis=1), atol=1e-12)
    assert (labels["level_1_probability"] >= labels["level_2_probability"]).all()


def test_each_cell_gets_its_deepest_safe_label(made):
    run = made(**COLUMNS)
    labels, annotation = table(run, "label_levels"), table(run, "annotation")
    model = TrainedModel.load(run.model_path)
    backoff = backoff_of(model)
    assert backoff is not None
    sure = labels[["level_1_probability", "level_2_probability"]].to_numpy() >= backoff.thresholds
    expected = np.where(sure[:, 1], LABEL_COLUMN, np.where(sure[:, 0], COARSE, "none"))
    assert labels["safe_level"].tolist() == expected.tolist()
    told = labels["safe_label"] != NOT_ASSIGNED
    assert (told == (annotation["assigned"] & (labels["safe_level"] != "none"))).all()


def test_what_is_measured_counts_all_held_out_cells(made):
    run = made(**COLUMNS)
    levels, answers = table(run, "levels"), table(run, "level_answers").set_index("answer")
    assert levels["level"].tolist() == [COARSE, LABEL_COLUMN]
    assert levels["accuracy"].is_monotonic_decreasing
    assert levels["reported"].sum() == pytest.approx(answers.loc[SAFE, "coverage"])
    assert answers.loc[LABEL_COLUMN, "accuracy"] == pytest.approx(table(run, "held_out")["accuracy"][0])
    curve = table(run, "level_coverage")
    start = curve[(curve["level"] == COARSE) & (curve["false_reject_rate"] == 0)]
    assert start["accuracy"].item() == pytest.approx(levels["accuracy"][0])
    per_type = table(run, "level_per_type")
    assert per_type.groupby("level")["support"].sum().nunique() == 1


def test_coverage_by_level_counts_the_held_out_cells_that_the_open_set_kept(tmp_path):
    tree = from_table(pd.DataFrame({"lineage": ["T", "T", "B"], "type": ["CD4", "CD8", "B"]}))
    types = np.array([1, 1, 2, 2, 0, 0])
    called = np.array([1, 2, 2, 2, 0, 1])
    probabilities = np.full((6, 3), 0.05)
    probabilities[np.arange(6), called] = 0.9
    kept = np.array([5, 1, 2])
    scores = np.array([0.9, 0.5, 0.1])
    around = surroundings(np.eye(4), np.array([0, 0, 1, 2]), np.random.default_rng(0))
    known = OpenSet(around, ("cosine",), scores[:, None], scores, called[kept] == types[kept], 0.0, kept)
    run = Run(tmp_path)
    learned_levels(tree, probabilities, types, np.array([0, 1] * 3), known, 0.5, run)
    curve = table(run, "level_coverage").set_index(["level", "false_reject_rate"])
    assert curve.loc[("lineage", 0.0), "accuracy"] == pytest.approx(2 / 3)
    assert curve.loc[("type", 0.0), "accuracy"] == pytest.approx(1 / 3)
    last = curve.loc[("lineage", 0.5)]
    assert (last["coverage"], last["accuracy"]) == pytest.approx((2 / 3, 1))


def test_groups_of_types_and_votes_of_clusters(made):
    run = made(**GROUPS)
    tree = table(run, "hierarchy")
    assert tree.columns.tolist() == ["2 groups", "4 groups", LABEL_COLUMN]
    assert tree.nunique().tolist()[:2] == [2, 4]
    votes, clusters = table(run, "votes"), table(run, "vote_clusters")
    assert votes["vote_fraction"].between(0, 1).all()
    own = votes.groupby(["cluster", "own_type"]).size()
    first = clusters.iloc[0]
    assert first["vote_fraction"] == pytest.approx(own[first["cluster"], first["cell_type"]] / first["cells"])
    small = clusters.loc[~clusters["voted"], "cluster"]
    kept = votes["cluster"].isin(small)
    annotation = table(run, "annotation")
    assert (annotation["cell_type"] == votes["own_type"])[kept].all()
    assert run.summary["changed_by_vote"] == (annotation["cell_type"] != votes["own_type"]).sum()
    assert {"agreement_before_vote", "agreement_with_own_labels", "agreement_by_level"} <= set(run.summary)


def test_a_vote_leaves_probabilities_and_label_sets_as_they_are(made):
    plain, voted = made(), made(analysis__voting__over="neighbours")
    pd.testing.assert_frame_equal(table(plain, "probabilities"), table(voted, "probabilities"))
    before, after = table(plain, "annotation"), table(voted, "annotation")
    untouched = ["assigned", "open_set_score", "label_set_90", "label_set_95"]
    pd.testing.assert_frame_equal(before[untouched], after[untouched])
    votes = table(voted, "votes")
    assert votes["own_type"].tolist() == before["cell_type"].tolist()
    probabilities = table(voted, "probabilities").set_index("cell")
    expected = [row[name] for name, (_, row) in zip(after["cell_type"], probabilities.iterrows(), strict=True)]
    np.testing.assert_allclose(after["probability"], expected)


def test_a_run_without_levels_and_votes_writes_no_file_of_them(made):
    run = made()
    assert not {"label_levels", "levels", "votes", "hierarchy"} & {path.stem for path in run.directory.glob("*.csv")}
    assert keys.LEVELS not in anndata.read_h5ad(run.results_path).uns


def test_everything_comes_back_with_scanpy(made):
    import scanpy

    run = made(**GROUPS)
    cells = scanpy.read_h5ad(run.results_path)
    labels = table(run, "label_levels")
    categorical = [
        keys.LABEL,
        keys.LABEL_SET_90,
        keys.SAFE_LABEL,
        keys.SAFE_LEVEL,
        keys.OWN_LABEL,
        keys.VOTE_CLUSTER,
        *(keys.level_label(number) for number in (1, 2, 3)),
        keys.level_set(1, 95),
    ]
    for key in categorical:
        assert isinstance(cells.obs[key].dtype, pd.CategoricalDtype), key
    assert cells.obs[keys.level_label(1)].tolist() == labels["level_1"].tolist()
    assert cells.obs[keys.SAFE_LABEL].tolist() == labels["safe_label"].tolist()
    np.testing.assert_allclose(cells.obs[keys.VOTE_FRACTION], table(run, "votes")["vote_fraction"])
    assert list(cells.uns[keys.LEVELS]) == ["2 groups", "4 groups", LABEL_COLUMN]
    assert list(cells.uns[keys.TYPES]) == list(TrainedModel.load(run.model_path).classes)
    above = cells.obsm[keys.level_probabilities(1)]
    assert list(cells.uns[keys.level_types(1)]) == [name.replace("\u2215", "/") for name in above.columns]
    np.testing.assert_allclose(above.to_numpy(), table(run, "level_1_probabilities").set_index("cell").to_numpy())
    np.testing.assert_allclose(above.sum(axis=1), 1)


def test_a_model_file_brings_its_levels_and_can_be_asked_for_a_vote(made, files, tmp_path):
    run = made(**COLUMNS)
    query = SourceSpec(path=str(files["query"]), label_column=HIDDEN_TRUTH)
    again = use_model(run.model_path, {"query": query}, tmp_path / "same")
    pd.testing.assert_frame_equal(table(run, "label_levels"), table(again, "label_levels"))
    settings = {"analysis.voting.over": "majority"}
    voted = use_model(run.model_path, {"query": query}, tmp_path / "vote", settings=settings)
    assert "cluster" in table(voted, "votes")
    assert voted.spec.analysis.voting.over == "majority"


def test_a_model_file_is_not_changed_by_other_settings(made, files, tmp_path):
    query = SourceSpec(path=str(files["query"]))
    with pytest.raises(SpecError, match="brings its own settings"):
        use_model(made(**COLUMNS).model_path, {"query": query}, tmp_path / "x", settings={"training.epochs": 1})
    assert not (tmp_path / "x").exists()


def test_a_reference_whose_labels_make_no_tree_is_refused_before_training(files, tmp_path):
    cells = anndata.read_h5ad(files["reference"])
    cells.obs[COARSE] = ["elsewhere", *cells.obs[COARSE].astype(str)[1:]]
    cells.write_h5ad(tmp_path / "wrong.h5ad")
    from core.data.read import read

    source = SourceSpec(path=str(tmp_path / "wrong.h5ad"), label_column=LABEL_COLUMN, coarser_columns=(COARSE,))
    with pytest.raises(DataError, match=r"must lie under one label of lineage, and 1 do not.*elsewhere \(1 cells\)"):
        read(source, "reference")


def test_more_groups_than_types_are_refused():
    with pytest.raises(SpecError, match="more groups than the types"):
        require_groups((3,), ("a", "b", "c"))
    require_groups((2,), ("a", "b", "c"))
