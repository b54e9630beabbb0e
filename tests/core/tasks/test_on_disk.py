"""Runs whose cells are read from disk in blocks end as those whose cells are in memory."""

from __future__ import annotations

from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import pytest

from core.data import blocks
from core.data.demo import LABEL_COLUMN, write_demo
from core.project import Project
from core.recipes import recipe
from core.runs.run import Run
from core.specs import ImpactSpec, RunSpec, replaced
from core.tasks import admit, feature_search, stored_sets, trust
from core.tasks.finished import finished
from core.tasks.impact_groups import impact_of
from core.tasks.load import gene_sets, storage
from core.tasks.worker import execute
from core.training import disk_batches
from tests.conftest import real

REASON = "Reference: Read from disk in blocks because data.on_disk is set to always."
QUICK = {"training.threads": 1, "training.device": "cpu", "training.precision": "fp32"}


def settled(name: str, settings: dict[str, object]) -> RunSpec:
    spec = recipe(name).spec
    for path, value in {**QUICK, **settings}.items():
        spec = replaced(spec, path, value)
    return spec


@pytest.fixture
def small_pieces(monkeypatch) -> None:
    """A small file takes many pieces, blocks and pools."""
    monkeypatch.setattr(blocks, "PIECE", 500)
    monkeypatch.setattr(disk_batches, "POOL", 1024)
    monkeypatch.setattr(disk_batches, "BLOCK", 16)


def pair(tmp_path: Path, name: str, settings: dict[str, object]) -> tuple[Run, Run]:
    runs = []
    for when in ("never", "always"):
        runs.append(Run.create(tmp_path / when, settled(name, {**settings, "data.on_disk": when})))
        execute(runs[-1])
    return runs[0], runs[1]


@pytest.mark.slow
def test_represent_gives_the_same_metrics_and_files(tmp_path, small_pieces):
    known, found = pair(
        tmp_path,
        "pathway_autoencoder",
        {
            "data.reference": {"path": str(real("pbmc3k.h5ad")), "label_column": "cell_type"},
            "data.gene_sets": str(real("hallmark_human.gmt")),
            "features.rule": "variable",
            "training.epochs": 15,
            "analysis.embedding.epochs": 20,
            "analysis.impact.max_cells": 500,
        },
    )
    assert REASON in found.status.notes
    assert REASON not in known.status.notes
    for term in ("loss", "reconstruction"):
        assert found.summary["best"][term] == pytest.approx(known.summary["best"][term], rel=0.01)
    ours, theirs = anndata.read_h5ad(found.results_path), anndata.read_h5ad(known.results_path)
    for mine, other in ((ours.X, theirs.X), (ours.layers["counts"], theirs.layers["counts"])):
        np.testing.assert_array_equal(mine.toarray(), other.toarray())  # pyright: ignore[reportAttributeAccessIssue]
    pd.testing.assert_frame_equal(ours.obs, theirs.obs)
    assert set(ours.obsm) == set(theirs.obsm)
    assert {path.name for path in found.directory.iterdir()} == {path.name for path in known.directory.iterdir()}
    quality = [pd.read_csv(run.directory / "pictures.csv")["accuracy"] for run in (found, known)]
    assert quality[0].iloc[0] == pytest.approx(quality[1].iloc[0], abs=0.02)
    own = finished(found)
    assert own.aligned.on_disk
    np.testing.assert_allclose(own.code(), ours.obsm["X_celldesk_code"], rtol=1e-4, atol=1e-5)
    sets = gene_sets(found.spec.data)
    assert sets is not None
    tables = impact_of(own, sets, ImpactSpec(max_cells=200), np.random.default_rng(0), "B", "NK").tables
    assert len(tables["impact"]) > 10


@pytest.mark.slow
def test_a_scaled_transform_and_a_start_from_components(tmp_path, small_pieces):
    settings = {
        "data.reference": {"path": str(real("pbmc3k.h5ad"))},
        "objective.reconstruction.loss": "mse",
        "network.output_activation": "linear",
        "network.encoder.0.init": "pca",
        "data.transform.normalise": "log1p_cp10k",
        "data.transform.scale": "zscore",
        "features.rule": "variable",
        "features.target": 200,
        "training.epochs": 3,
        "analysis.embedding.epochs": 10,
    }
    known, found = pair(tmp_path, "pathway_autoencoder", settings)
    term = "reconstruction"
    assert found.summary["best"][term] == pytest.approx(known.summary["best"][term], rel=0.01)


@pytest.mark.slow
def test_annotate_labels_the_same_cells_alike_and_says_what_was_read_into_memory(tmp_path, small_pieces, monkeypatch):
    monkeypatch.setattr(trust, "CALIBRATION_CELLS", 900)
    known, found = pair(
        tmp_path,
        "annotator",
        {
            "data.reference": {"path": str(real("pbmc3k.h5ad")), "label_column": "cell_type"},
            "data.query": {"path": str(real("pbmc_kang.h5ad"))},
            "features.target": 500,
            "training.epochs": 8,
            "analysis.embedding.epochs": 10,
        },
    )
    assert REASON in found.status.notes
    assert any(note.startswith("900 of 2,638 reference cells") for note in found.status.notes)
    ours, theirs = (pd.read_csv(run.directory / "annotation.csv") for run in (found, known))
    assert list(ours["cell"]) == list(theirs["cell"])
    assert (ours["cell_type"] == theirs["cell_type"]).mean() > 0.9
    shares = pd.read_csv(found.directory / "probabilities.csv", index_col=0)
    np.testing.assert_allclose(shares.sum(axis=1), 1, atol=1e-4)


def test_a_project_describes_a_file_that_stays_on_disk(tmp_path, workspace):
    paths = write_demo(tmp_path / "demo")
    for when in ("never", "always"):
        spec = settled("pathway_autoencoder", {"data.on_disk": when, "features.rule": "variable"})
        project = Project.create("Demo", spec, tmp_path / when)
        admit.admit(str(project.root), "reference", {"path": str(paths["reference"]), "label_column": LABEL_COLUMN})
    folders = [
        stored_sets.stored(project, "reference", project.draft.data.reference)
        for project in (Project(tmp_path / when) for when in ("never", "always"))
    ]
    known, found = (stored_sets.summary(folder) for folder in folders)
    assert {name for name in known if known[name] != found[name]} == {"findings"}
    assert "on_disk" in {finding["key"] for finding in found["findings"]}
    for table in (stored_sets.cells, stored_sets.genes):
        pd.testing.assert_frame_equal(*(table(folder) for folder in folders))
    assert (workspace / "cache" / "cells").exists()
    assert feature_search.storage(Project(tmp_path / "always").draft) is not None


def test_what_needs_all_cells_in_memory_is_never_read_from_disk():
    spec = settled("pathway_autoencoder", {})
    kept = storage(spec)
    assert kept is not None
    assert (kept.when, kept.dense_genes) == ("auto", 0)
    annotator = storage(recipe("annotator").spec)
    assert annotator is not None
    assert annotator.dense_genes == recipe("annotator").spec.features.target
    assert storage(recipe("mixer").spec) is None
    more = spec.data.model_copy(update={"more_references": ({"path": "b.h5ad"},)})
    assert storage(spec.model_copy(update={"data": more})) is None
