"""The way from an RNA reference over a multiome bridge to a query of peaks.

The RNA is real (blood cells); the peaks of bridge and query are simulated from the cells' own genes, because no public
multiome file is at hand. What is tested is the way, not how well real chromatin tells types apart.
"""

from __future__ import annotations

import json
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from core.annotation.bridge import FATES
from core.cli import main
from core.model import TrainedModel
from core.runs.run import Run
from core.specs import EvidenceSpec
from core.tasks import evidence, evidence_cell
from tests.conftest import real
from tests.core.multiome_files import peak_names, simulated_peaks, write_h5mu

GENES = 700
TYPES = ("B", "CD14+ Mono", "CD8 T", "NK")
QUICK = {
    "training.epochs": 6,
    "training.members": 1,
    "training.batch_size": 64,
    "analysis.calibration_folds": 2,
    "analysis.bridge.recipe": "deepscore",
    "features.target": 1000,
    "data.transform.components": 20,
    "analysis.embedding.epochs": 10,
}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """reference.h5ad (RNA), bridge.h5mu and shuffled.h5mu (genes and peaks), query.h5ad and later.h5ad (peaks)."""
    folder = tmp_path_factory.mktemp("bridge")
    cells = ad.read_h5ad(real("pbmc_rna.h5ad"))
    cells.X = sparse.csr_matrix(cells.X, dtype=np.float32)
    sizes = cells.obs["cell_type"].value_counts()
    cells = cells[cells.obs["cell_type"].isin(sizes.index[sizes > 60])].copy()
    cells.obs = pd.DataFrame({"cell_type": cells.obs["cell_type"].astype(str)}, index=cells.obs_names)
    del cells.uns, cells.obsm
    shares = np.asarray(cells.X.mean(axis=0)).ravel()
    genes = cells[:, np.sort(np.argsort(-shares, kind="stable")[:GENES])].copy()
    order = np.random.default_rng(0).permutation(cells.n_obs)
    reference, bridge, query = np.split(order, [int(0.4 * len(order)), int(0.75 * len(order))])
    genes[reference].write_h5ad(folder / "reference.h5ad")
    ours, theirs = peak_names(GENES), peak_names(GENES, shift=120)

    def peaks(rows: np.ndarray, names: list[str], seed: int) -> ad.AnnData:
        counts = simulated_peaks(genes[rows].X, seed, depth=8000)
        return ad.AnnData(counts, pd.DataFrame(index=genes.obs_names[rows]), pd.DataFrame(index=pd.Index(names)))

    both = peaks(bridge, ours, 1)
    rna = genes[bridge].copy()
    del rna.obs["cell_type"]
    write_h5mu(folder / "bridge.h5mu", {"rna": rna, "atac": both})
    wrong = both.copy()
    wrong.X = both.X[np.random.default_rng(5).permutation(len(bridge))]
    write_h5mu(folder / "shuffled.h5mu", {"rna": rna, "atac": wrong})
    first, second = np.array_split(query, 2)
    for name, rows, seed in (("query", first, 2), ("later", second, 3)):
        some = peaks(rows, theirs, seed)
        some.obs["truth"] = genes.obs["cell_type"].to_numpy()[rows]
        some.write_h5ad(folder / f"{name}.h5ad")
    return {path.name: path for path in folder.iterdir()}


def annotate(files: dict[str, Path], out: Path, *more: str, bridge: str = "bridge.h5mu") -> int:
    settings = [word for path, value in QUICK.items() for word in ("--set", f"{path}={value}")]
    return main(
        [
            "annotate", "--reference", str(files["reference.h5ad"]), "--labels", "cell_type", "--query",
            str(files["query.h5ad"]), "--bridge", str(files[bridge]), "--threads", "1", "--out", str(out),
            *settings, *more,
        ]
    )  # fmt: skip


def right(out: Path, query: Path) -> float:
    called = pd.read_csv(out / "annotation.csv", keep_default_na=False).set_index("cell")["cell_type"]
    truth = ad.read_h5ad(query).obs["truth"].astype(str)
    return float((called.loc[truth.index] == truth).mean())


@pytest.fixture(scope="module")
def crossed(files: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("crossed") / "run"
    assert annotate(files, out) == 0
    return out


def test_peaks_are_labelled_by_what_the_bridges_rna_was_called(files, crossed):
    assert right(crossed, files["query.h5ad"]) > 0.8
    table = pd.read_csv(crossed / "annotation.csv")
    assert table["probability"].between(0, 1).all() and {"assigned", "label_set_90"} <= set(table)


def test_what_became_of_each_bridge_cell_is_told(crossed):
    table = pd.read_csv(crossed / "bridge.csv", keep_default_na=False)
    assert list(table) == ["cell", "cell_type", "probability", "assigned", "fate"]
    facts = json.loads((crossed / "summary.json").read_text())
    bridge = facts["bridge"]
    assert bridge["cells"] == len(table) and bridge["used"] == int((table["fate"] == "used").sum())
    assert facts["reference_cells"] == bridge["used"]
    assert any("lend their peaks a type" in note for note in facts["notes"])


def test_each_type_of_the_bridge_is_told_with_how_far_it_can_be_trusted(crossed):
    cells = pd.read_csv(crossed / "bridge.csv", keep_default_na=False)
    types = pd.read_csv(crossed / "bridge_types.csv", keep_default_na=False, na_values=[""]).set_index("cell_type")
    assert types[list(FATES)].to_numpy().sum() == len(cells) and set(types.index) == set(cells["cell_type"])
    held = pd.read_csv(crossed / "held_out_cells.csv")
    agree = (held["known"] == held["cell_type"]).groupby(held["known"]).mean()
    taught = types.index[types["used"] > 0]
    np.testing.assert_allclose(types.loc[taught, "peaks_agree"], agree[taught])
    assert types.loc[taught, "rna_right"].between(0.5, 1).all()


def test_the_pairing_carries_the_labels(files, crossed, tmp_path):
    assert annotate(files, tmp_path / "run", bridge="shuffled.h5mu") == 0
    shuffled = right(tmp_path / "run", files["query.h5ad"])
    truth = ad.read_h5ad(files["query.h5ad"]).obs["truth"]
    assert shuffled < truth.value_counts(normalize=True).iloc[0] + 0.1 < right(crossed, files["query.h5ad"])


def test_one_model_file_labels_later_peaks_of_other_coordinates(files, crossed, tmp_path):
    model = crossed / "model.safetensors"
    assert TrainedModel.load(model).transform.spread is not None
    later = tmp_path / "later"
    assert main(["annotate", "--model", str(model), "--query", str(files["later.h5ad"]), "--out", str(later)]) == 0
    assert right(later, files["later.h5ad"]) > 0.8
    again = tmp_path / "again"
    assert main(["annotate", "--model", str(model), "--query", str(files["query.h5ad"]), "--out", str(again)]) == 0
    first, second = (pd.read_csv(out / "probabilities.csv", index_col=0) for out in (crossed, again))
    np.testing.assert_allclose(first, second.loc[first.index], atol=1e-5)


def test_a_query_of_genes_needs_no_bridge(files, tmp_path, capsys):
    settings = [word for path, value in QUICK.items() for word in ("--set", f"{path}={value}")]
    words = ["annotate", "--reference", str(files["reference.h5ad"]), "--labels", "cell_type", "--query"]
    words += [str(files["reference.h5ad"]), "--bridge", str(files["bridge.h5mu"]), "--out", str(tmp_path / "run")]
    assert main([*words, *settings]) == 2
    assert "leads from a reference of genes to a query of peaks" in capsys.readouterr().err


def test_peaks_without_a_bridge_are_refused_with_the_way_round(files, tmp_path, capsys):
    words = ["annotate", "--reference", str(files["reference.h5ad"]), "--labels", "cell_type", "--query"]
    assert main([*words, str(files["query.h5ad"]), "--out", str(tmp_path / "run")]) == 2
    assert "Bring a bridge" in capsys.readouterr().err


def test_a_bridge_that_is_called_unsurely_is_refused(files, tmp_path, capsys):
    assert annotate(files, tmp_path / "run", "--set", "analysis.bridge.least_cells=2000") == 2
    assert "The RNA of the bridge names 0 cell type(s)" in capsys.readouterr().err


def test_labels_over_a_bridge_are_judged_by_the_bridge_s_own_cells(crossed):
    cell = str(pd.read_csv(crossed / "annotation.csv")["cell"].iloc[5])
    settings = EvidenceSpec(markers=30, cells=8, steps=8, controls=1, pictured=150)
    evidence.compute_all(Run(crossed), evidence.PARTS, settings, lambda _: None)
    used = json.loads((crossed / "summary.json").read_text())["bridge"]["used"]
    for part in evidence.PARTS:
        found = evidence.found(Run(crossed), part)
        assert found is not None and found.facts["reference"]["source"] == "bridge"
        assert found.facts["reference"]["of"] == used
        if part == "markers":
            assert found.facts["share"] > 2 * found.facts["chance"]
    own = pd.read_csv(crossed / "probabilities.csv").set_index("cell").loc[cell]
    facts = evidence_cell.why(str(crossed), cell)
    assert facts["probability"] == pytest.approx(own[facts["cell_type"]], abs=1e-4)
    assert facts["largest_gap"] <= 0.1


SMOOTHED = "analysis.smoothing={neighbours: 10, share: 0.5, components: 15}"


@pytest.fixture(scope="module")
def over_a_bridge_and_smoothed(files: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("smoothed") / "run"
    assert annotate(files, out, "--set", SMOOTHED) == 0
    return out


def test_peaks_are_smoothed_before_they_are_judged(files, crossed, over_a_bridge_and_smoothed, tmp_path):
    smoothed = over_a_bridge_and_smoothed
    assert right(smoothed, files["query.h5ad"]) > 0.8
    # the RNA classifier sees the bridge's genes as they are
    for name in ("bridge.csv", "bridge_rna.csv"):
        assert (smoothed / name).read_text() == (crossed / name).read_text()
    ours, plain = (pd.read_csv(out / "probabilities.csv", index_col=0) for out in (smoothed, crossed))
    assert np.abs(ours - plain.loc[ours.index]).to_numpy().max() > 0.01
    model, again = smoothed / "model.safetensors", tmp_path / "again"
    assert main(["annotate", "--model", str(model), "--query", str(files["query.h5ad"]), "--out", str(again)]) == 0
    theirs = pd.read_csv(again / "probabilities.csv", index_col=0)
    np.testing.assert_allclose(ours, theirs.loc[ours.index], atol=1e-5)


def test_evidence_judges_smoothed_peaks_as_the_run_did(over_a_bridge_and_smoothed):
    run = over_a_bridge_and_smoothed
    cell = str(pd.read_csv(run / "annotation.csv")["cell"].iloc[5])
    settings = EvidenceSpec(markers=30, cells=8, steps=8, controls=1, pictured=150)
    evidence.compute_all(Run(run), evidence.PARTS, settings, lambda _: None)
    own = pd.read_csv(run / "probabilities.csv").set_index("cell").loc[cell]
    facts = evidence_cell.why(str(run), cell)
    assert facts["probability"] == pytest.approx(own[facts["cell_type"]], abs=1e-4)
