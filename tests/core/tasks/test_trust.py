"""How far labels can be trusted: which members vote, with what shares, and on which cells that is measured."""

from __future__ import annotations

from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import pytest

from core.data.align import PART, Aligned
from core.data.demo import HIDDEN_TRUTH, LABEL_COLUMN, demo_sets
from core.errors import SpecError
from core.model import TrainedModel
from core.recipes import recipe
from core.runs.run import Run
from core.specs import AnnotateSpec, replaced_all
from core.tasks import trust
from core.tasks.judge import Members
from core.tasks.worker import execute

QUICK = {"training.epochs": 3, "training.threads": 1, "analysis.embedding.epochs": 10, "analysis.calibration_folds": 2}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder, sets = tmp_path_factory.mktemp("trust"), demo_sets()
    paths = {role: folder / f"{role}.h5ad" for role in ("reference", "query")}
    for role, path in paths.items():
        getattr(sets, role).write_h5ad(path)
    return paths


def done(files: dict[str, Path], folder: Path, name: str, **settings: object) -> Run:
    told = {
        "data.reference": {"path": str(files["reference"]), "label_column": LABEL_COLUMN},
        "data.query": {"path": str(files["query"])},
    }
    run = Run.create(folder, replaced_all(recipe(name).spec, {**told, **QUICK, **settings}))
    execute(run)
    assert run.status.state == "finished", run.status.error
    return run


@pytest.fixture(scope="module")
def by_folds(files, tmp_path_factory) -> Run:
    return done(files, tmp_path_factory.mktemp("run") / "folds", "annotator", **{"training.members": 2})


@pytest.fixture(scope="module")
def by_validation(files, tmp_path_factory) -> Run:
    return done(files, tmp_path_factory.mktemp("run") / "validation", "annotator_large")


def test_every_kind_of_member_has_a_share_and_a_temperature(by_folds):
    members = Members.of(TrainedModel.load(by_folds.model_path))
    assert set(members.shares.weights) == set(members.shares.temperatures) == {"networks", "linear", "boosted"}
    assert sum(members.shares.weights.values()) == pytest.approx(1)
    assert min(members.shares.weights.values()) >= 1 / 6 - 1e-9
    assert members.each_share.shape == (4,)


def test_the_labels_are_right_beside_what_the_query_hides(by_folds):
    table = pd.read_csv(by_folds.directory / "annotation.csv", index_col="cell")
    truth = demo_sets().query.obs[HIDDEN_TRUTH].astype(str)
    assert (table["cell_type"] == truth.loc[table.index]).mean() > 0.8


def test_folds_train_anew_and_validation_does_not(by_folds, by_validation):
    stages = [{record.get("stage", "") for record in run.epochs()} for run in (by_folds, by_validation)]
    assert stages == [{"", "fold 1", "fold 2"}, {""}]


def test_validation_cells_alone_are_judged(by_validation):
    model = TrainedModel.load(by_validation.model_path)
    assert model.learned["calibration"]["method"] == "validation"
    held = pd.read_csv(by_validation.directory / "held_out_cells.csv")
    reference = demo_sets().reference.n_obs
    assert len(held) == pytest.approx(model.spec.training.validation_share * reference, rel=0.2)
    assert (held["fold"] == 0).all() and held["row"].is_unique


def test_of_a_large_reference_a_sample_is_used_and_told(files, tmp_path, monkeypatch):
    monkeypatch.setattr(trust, "CALIBRATION_CELLS", 300)
    run = done(files, tmp_path / "out", "annotator_large")
    assert any(note.startswith("300 of") for note in run.status.notes)
    assert len(pd.read_csv(run.directory / "held_out_cells.csv")) < 100


def test_a_query_judged_in_parts_is_judged_as_a_whole(by_folds, monkeypatch):
    model = TrainedModel.load(by_folds.model_path)
    query = anndata.read_h5ad(by_folds.spec.data.query.path)
    counts = query[:, list(model.genes)].X.tocsr().astype(np.float32)
    library = np.asarray(query.X.sum(axis=1)).ravel()
    cells = Aligned(counts, library, "counts", model.genes)
    members = Members.of(model)
    by = members.transforms(cells)
    whole = members.votes(cells, by)[0].log_probabilities
    assert cells.values.shape[0] < PART
    monkeypatch.setattr("core.data.align.PART", 37)
    parts = [members.votes(part, by)[0].log_probabilities for _, part in cells.parts()]
    assert len(parts) > 3
    np.testing.assert_allclose(np.concatenate(parts), whole, atol=1e-4)


def test_members_beside_the_networks_cannot_have_more_than_the_whole_say():
    with pytest.raises(SpecError, match="whole say"):
        AnnotateSpec(linear_member=True, linear_weight=0.8, boosted_member=True, boosted_weight=0.3)
    AnnotateSpec(linear_member=True, linear_weight=0.8, boosted_member=False, boosted_weight=0.3)


def test_validation_cells_must_be_there_to_be_calibrated_on():
    spec = replaced_all(recipe("annotator_large").spec, {"training.validation_share": 0.0})
    with pytest.raises(SpecError, match="validation"):
        spec.require_runnable()
