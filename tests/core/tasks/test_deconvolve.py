"""Bulk samples taken apart by two references, each by itself or joined."""

from __future__ import annotations

import json
from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from core import keys
from core.cli import main
from core.model import TrainedModel
from core.model_header import ModelHeader

TYPES = {"first": ("B", "T"), "second": ("B", "NK", "T")}
GENES = [f"GENE{number}" for number in range(60)]
FAST = {"training.epochs": 6, "training.members": 1, "analysis.mixtures": 400, "data.quality.min_genes": 0}


def profiles() -> dict[str, np.ndarray]:
    """Twenty genes of its own for each type, five times as high as elsewhere."""
    base = np.ones(60)
    return {kind: base + 4 * np.isin(np.arange(60) // 20, [n]) for n, kind in enumerate(("B", "NK", "T"))}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pd.DataFrame]:
    """Two references, each lacking some genes of the other, and bulk of another protocol and known composition."""
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
    protocol = rng.lognormal(0, 0.3, len(GENES))  # so that the linear model does not rebuild the bulk to the last read
    expression = rng.poisson(1000 * protocol * (truth.to_numpy() @ np.stack([means[kind] for kind in truth])))
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
    models = TrainedModel.load(tmp_path / "run" / "model.safetensors").each
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
    model = TrainedModel.load(tmp_path / "run" / "model.safetensors")
    genes = set(model.genes)
    assert not model.further
    assert not genes & {*GENES[:4], *GENES[-4:]}


def test_intervals_by_fit_hold_nine_in_ten_plain_mixtures_where_alike_they_hold_more(files, tmp_path):
    folder, _ = files
    inside = {}
    for intervals in ("by_fit", "alike"):
        found, summary = taken_apart(folder, tmp_path / intervals, "second", intervals=intervals)
        inside[intervals] = summary["even"]["coverage"], found
    assert 0.87 < inside["by_fit"][0] < 0.94 < inside["alike"][0]
    pd.testing.assert_frame_equal(inside["by_fit"][1], inside["alike"][1])


@pytest.fixture(scope="module")
def two(files, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run on two references."""
    out = tmp_path_factory.mktemp("two") / "run"
    taken_apart(files[0], out, "first", "second")
    return out


def with_model(model: Path, out: Path, *bulk: Path, **settings: object) -> tuple[pd.DataFrame, dict]:
    words = ["deconvolve", "--model", str(model), "--bulk", *map(str, bulk), "--out", str(out)]
    for path, value in settings.items():
        words += ["--set", f"analysis.{path}={json.dumps(value)}"]
    assert main(words) == 0
    return pd.read_csv(out / "composition.csv", index_col="sample"), json.loads((out / "summary.json").read_text())


def test_a_trained_model_of_two_references_gives_what_its_own_run_gave(files, two, tmp_path):
    folder, _ = files
    found, summary = with_model(two / "model.safetensors", tmp_path / "again", folder / "bulk.csv")
    for name in ("composition", "intervals", "samples", "methods", "even_mixtures", "test_metrics"):
        tables = [pd.read_csv(run / f"{name}.csv") for run in (tmp_path / "again", two)]
        pd.testing.assert_frame_equal(*tables, atol=1e-9)
    own = json.loads((two / "summary.json").read_text())
    same = ("classes", "genes", "held_out", "even", "missing_genes", "flagged", "networks")
    assert {name: summary[name] for name in same} == {name: own[name] for name in same}
    assert found.shape == (12, 3)
    assert summary["model"].endswith("model.safetensors")
    header = ModelHeader.read(tmp_path / "again" / "model.safetensors")
    assert header.references == 2 and header.classes == ("B", "T", "NK")


def test_one_sample_alone_gets_the_answer_it_gets_inside_its_cohort(files, two, tmp_path):
    folder, _ = files
    pd.read_csv(folder / "bulk.csv", index_col=0)[["s3"]].to_csv(tmp_path / "one.csv")
    found, _ = with_model(two / "model.safetensors", tmp_path / "alone", tmp_path / "one.csv")
    inside = pd.read_csv(two / "composition.csv", index_col="sample")
    np.testing.assert_allclose(found.loc["s3"], inside.loc["s3"], atol=1e-6, rtol=0)
    assert len(found) == 1


def test_scaling_by_the_cohort_needs_several_samples_and_lets_them_depend_on_each_other(files, two, tmp_path, capsys):
    folder, _ = files
    every, said = with_model(two / "model.safetensors", tmp_path / "all", folder / "bulk.csv", scaling="cohort")
    assert any("need not hold the share" in note for note in said["notes"])
    table = pd.read_csv(folder / "bulk.csv", index_col=0)
    table.iloc[:, :6].to_csv(tmp_path / "some.csv")
    some, _ = with_model(two / "model.safetensors", tmp_path / "some", tmp_path / "some.csv", scaling="cohort")
    assert np.abs(every.loc[some.index] - some).to_numpy().max() > 0.01
    table.iloc[:, :1].to_csv(tmp_path / "one.csv")
    words = ["--bulk", str(tmp_path / "one.csv"), "--set", "analysis.scaling=cohort", "--out", str(tmp_path / "one")]
    assert main(["deconvolve", "--model", str(two / "model.safetensors"), *words]) == 2
    assert "cannot be scaled by its own statistics" in capsys.readouterr().err


def test_cohorts_are_taken_apart_one_by_one_and_named(files, two, tmp_path):
    folder, _ = files
    table = pd.read_csv(folder / "bulk.csv", index_col=0)
    table.iloc[:, :5].to_csv(tmp_path / "early.csv")
    cpm = 1e6 * table.iloc[:, 5:] / table.iloc[:, 5:].sum()
    cpm.drop(index=GENES[30]).T.to_csv(tmp_path / "late.csv")  # samples in rows, another unit, a gene less
    paths = (tmp_path / "early.csv", tmp_path / "late.csv")
    found, summary = with_model(two / "model.safetensors", tmp_path / "run", *paths)
    assert summary["cohorts"] == {"early": 5, "late": 7} and summary["missing_genes"] == 1
    samples = pd.read_csv(tmp_path / "run" / "samples.csv", index_col="sample")
    assert samples["cohort"].tolist() == ["early"] * 5 + ["late"] * 7
    assert found.index.tolist() == table.columns.tolist()
    inside = pd.read_csv(two / "composition.csv", index_col="sample")
    np.testing.assert_allclose(found.iloc[:5], inside.iloc[:5], atol=1e-6)
    np.testing.assert_allclose(found.iloc[5:], inside.iloc[5:], atol=0.1)
    results = anndata.read_h5ad(tmp_path / "run" / "results.h5ad")
    assert results.obs[keys.COHORT].tolist() == samples["cohort"].tolist()


def test_samples_of_one_name_in_two_cohorts_get_the_cohorts_name_before_their_own(files, two, tmp_path):
    folder, _ = files
    for name in ("early", "late"):
        (tmp_path / f"{name}.csv").write_bytes((folder / "bulk.csv").read_bytes())
    found, _ = with_model(two / "model.safetensors", tmp_path / "run", tmp_path / "early.csv", tmp_path / "late.csv")
    assert found.index[0] == "early:s0" and found.index[-1] == "late:s11"
    np.testing.assert_array_equal(found.iloc[:12], found.iloc[12:])


def test_two_cohorts_of_one_name_are_refused(files, two, tmp_path, capsys):
    folder, _ = files
    words = ["--bulk", str(folder / "bulk.csv"), str(folder / "bulk.csv"), "--out", str(tmp_path / "run")]
    assert main(["deconvolve", "--model", str(two / "model.safetensors"), *words]) == 2
    assert "Two bulk files have one name" in capsys.readouterr().err


def test_networks_of_different_size_and_an_unknown_share_go_into_the_model_file(files, tmp_path):
    folder, _ = files
    settings = {"analysis.unknown": 0.5, "network.member_layers": ["24/0.2, 12", "20"], "training.members": 3}
    words = ["deconvolve", "--reference", str(folder / "second.h5ad"), "--labels", "cell_type"]
    words += ["--bulk", str(folder / "bulk.csv"), "--out", str(tmp_path / "run")]
    for path, value in {**FAST, **settings, "analysis.simulate_to": 50}.items():
        words += ["--set", f"{path}={json.dumps(value)}"]
    assert main(words) == 0
    found = pd.read_csv(tmp_path / "run" / "composition.csv", index_col="sample")
    assert found.columns.tolist() == ["B", "NK", "T", "Unknown"]
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=1e-6)
    summary = json.loads((tmp_path / "run" / "summary.json").read_text())
    assert summary["networks"] == 3 and any("Simulated cells" in note for note in summary["notes"])
    assert set(pd.read_csv(tmp_path / "run" / "simulated_types.csv")["cell_type"]) == {"B", "NK", "T"}
    networks = TrainedModel.load(tmp_path / "run" / "model.safetensors").networks
    assert [len(network.encoder) for network in networks] == [2, 2, 1]
    again, _ = with_model(tmp_path / "run" / "model.safetensors", tmp_path / "again", folder / "bulk.csv")
    np.testing.assert_allclose(again, found, atol=1e-9)


def test_bulk_with_other_identifiers_is_named_by_the_reference_and_later_by_the_model(files, tmp_path):
    folder, _ = files
    cells = anndata.read_h5ad(folder / "second.h5ad")
    identifiers = dict(zip(GENES, (f"ENSG{number:011d}" for number in range(60)), strict=True))
    cells.var["gene_ids"] = [identifiers[gene] for gene in cells.var_names]
    cells.write_h5ad(tmp_path / "named.h5ad")
    bulk = pd.read_csv(folder / "bulk.csv", index_col=0).rename(index=lambda gene: f"{identifiers[gene]}.2")
    bulk.to_csv(tmp_path / "ensembl.csv")
    words = ["deconvolve", "--reference", str(tmp_path / "named.h5ad"), "--labels", "cell_type"]
    for path, value in FAST.items():
        words += ["--set", f"{path}={json.dumps(value)}"]
    for name, path in (("plain", folder / "bulk.csv"), ("other", tmp_path / "ensembl.csv")):
        assert main([*words, "--bulk", str(path), "--out", str(tmp_path / name)]) == 0
    plain, other = (pd.read_csv(tmp_path / name / "composition.csv", index_col=0) for name in ("plain", "other"))
    np.testing.assert_allclose(plain, other, atol=1e-9)
    notes = json.loads((tmp_path / "other" / "summary.json").read_text())["notes"]
    assert any("`gene_ids` of the reference names" in note for note in notes)
    again, summary = with_model(tmp_path / "plain" / "model.safetensors", tmp_path / "again", tmp_path / "ensembl.csv")
    np.testing.assert_allclose(again, plain, atol=1e-9)
    assert summary["missing_genes"] == 0
