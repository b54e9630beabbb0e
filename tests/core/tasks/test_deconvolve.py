"""Bulk samples taken apart by two references, each by itself or joined."""

from __future__ import annotations

import json
from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from core.cli import main
from core.model import TrainedModel

TYPES = {"first": ("B", "T"), "second": ("B", "NK", "T")}
GENES = [f"GENE{number}" for number in range(60)]
FAST = {"training.epochs": 6, "training.members": 1, "analysis.mixtures": 400, "data.quality.min_genes": 0}


def profiles() -> dict[str, np.ndarray]:
    """Twenty genes of its own for each type, five times as high as elsewhere."""
    base = np.ones(60)
    return {kind: base + 4 * np.isin(np.arange(60) // 20, [n]) for n, kind in enumerate(("B", "NK", "T"))}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pd.DataFrame]:
    """Two references, of which each lacks some genes of the other, and bulk samples of known composition."""
    folder, rng, means = tmp_path_factory.mktemp("composition"), np.random.default_rng(0), profiles()
    lacking = {"first": GENES[:4], "second": GENES[-4:]}
    for name, kinds in TYPES.items():
        labels = np.repeat(kinds, 60)
        counts = rng.poisson(np.stack([2 * means[kind] for kind in labels])).astype(np.float32)
        cells = anndata.AnnData(
            sparse.csr_matrix(counts),
            pd.DataFrame({"cell_type": labels}, index=pd.Index([f"cell{n}" for n in range(len(labels))])),
            pd.DataFrame(index=pd.Index(GENES)),
        )
        cells[:, ~cells.var_names.isin(lacking[name])].copy().write_h5ad(folder / f"{name}.h5ad")
    truth = pd.DataFrame(rng.dirichlet([2, 0.05, 2], 12), columns=pd.Index(["B", "NK", "T"]))
    truth.index = pd.Index([f"s{number}" for number in range(12)], name="sample")
    expression = rng.poisson(1000 * truth.to_numpy() @ np.stack([means[kind] for kind in truth]))
    pd.DataFrame(expression.T, index=pd.Index(GENES, name="gene"), columns=truth.index).to_csv(folder / "bulk.csv")
    return folder, truth


def taken_apart(folder: Path, out: Path, *references: str, **settings: object) -> tuple[pd.DataFrame, dict]:
    paths = [str(folder / f"{name}.h5ad") for name in references]
    words = ["deconvolve", "--reference", *paths, "--labels", *["cell_type"] * len(paths)]
    words += ["--bulk", str(folder / "bulk.csv"), "--out", str(out)]
    for path, value in {**FAST, **{f"analysis.{name}": value for name, value in settings.items()}}.items():
        words += ["--set", f"{path}={json.dumps(value)}"]
    assert main(words) == 0
    return pd.read_csv(out / "composition.csv", index_col="sample"), json.loads((out / "summary.json").read_text())


def test_each_reference_brings_its_own_genes_and_types(files, tmp_path):
    folder, truth = files
    found, summary = taken_apart(folder, tmp_path / "run", "first", "second")
    assert summary["classes"] == ["B", "NK", "T"] and found.columns.tolist() == ["B", "NK", "T"]
    assert summary["fingerprints"]["reference"].count("+") == 1
    models = [TrainedModel.load(tmp_path / "run" / name) for name in ("model.safetensors", "model_2.safetensors")]
    assert [model.classes for model in models] == [("B", "T"), ("B", "NK", "T")]
    assert not set(models[0].genes) & set(GENES[:4]) and set(models[1].genes) & set(GENES[:4])
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-6)
    assert np.corrcoef(found["B"], truth["B"])[0, 1] > 0.95
    intervals = pd.read_csv(tmp_path / "run" / "intervals.csv")
    assert ((intervals["low"] <= intervals["proportion"]) & (intervals["proportion"] <= intervals["high"])).all()
    methods = pd.read_csv(tmp_path / "run" / "methods.csv").groupby(["method", "sample"])["proportion"].sum()
    np.testing.assert_allclose(methods, 1, atol=1e-6)
    assert summary["even"]["mixtures"] == 2000
    assert pd.read_csv(tmp_path / "run" / "even_mixtures.csv")["sample"].nunique() == 2000


def test_joined_references_make_one_model_of_the_genes_that_both_have(files, tmp_path):
    folder, _ = files
    taken_apart(folder, tmp_path / "run", "first", "second", each_reference=False)
    assert not (tmp_path / "run" / "model_2.safetensors").exists()
    genes = set(TrainedModel.load(tmp_path / "run" / "model.safetensors").genes)
    assert not genes & {*GENES[:4], *GENES[-4:]}


def test_intervals_by_fit_hold_nine_in_ten_plain_mixtures_where_alike_they_hold_more(files, tmp_path):
    folder, _ = files
    inside = {}
    for intervals in ("by_fit", "alike"):
        found, summary = taken_apart(folder, tmp_path / intervals, "second", intervals=intervals)
        inside[intervals] = summary["even"]["coverage"], found
    assert 0.87 < inside["by_fit"][0] < 0.94 < inside["alike"][0]
    pd.testing.assert_frame_equal(inside["by_fit"][1], inside["alike"][1])
