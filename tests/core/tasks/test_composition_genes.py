"""Genes behind a composition: planted ones are found, tables are kept, and real cells give markers beyond chance."""

from __future__ import annotations

import json
from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from core.cli import main
from core.errors import DataError, SpecError
from core.recipes import recipe
from core.runs.run import Run
from core.specs import GradientSpec
from core.tasks import composition_genes as genes
from core.tasks import composition_top as top
from core.tasks import composition_words as words
from core.tasks.export_evidence import evidence_files
from tests.conftest import real

TYPES, PLANTED = ("B", "NK", "T"), 20
GENES = [f"GENE{number:02d}" for number in range(60)]
SPEC = GradientSpec(profiles=10, markers=5, top=5)
FAST = {"training.epochs": 12, "training.members": 2, "analysis.mixtures": 400, "data.quality.min_genes": 0}


def own_genes(name: str) -> set[str]:
    """The genes that are five times as high in a type as elsewhere."""
    start = PLANTED * TYPES.index(name)
    return set(GENES[start : start + PLANTED])


def cells(path: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    labels = np.repeat(TYPES, 60)
    means = 2 * (1 + 4 * (np.arange(60) // PLANTED == np.searchsorted(TYPES, labels)[:, None]))
    obs = pd.DataFrame({"cell_type": labels}, index=pd.Index([f"cell{n}" for n in range(len(labels))]))
    counts = sparse.csr_matrix(rng.poisson(means).astype(np.float32))
    anndata.AnnData(counts, obs, pd.DataFrame(index=pd.Index(GENES))).write_h5ad(path)


def taken_apart(folder: Path, out: Path, *references: str, **settings: object) -> Run:
    paths = [str(folder / f"{name}.h5ad") for name in references]
    said = ["deconvolve", "--reference", *paths, "--labels", *["cell_type"] * len(paths), "--bulk"]
    said += [str(folder / "bulk.csv"), "--out", str(out), "--device", "cpu"]
    for path, value in {**FAST, **settings}.items():
        said += ["--set", f"{path}={json.dumps(value)}"]
    assert main(said) == 0
    return Run(out)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("genes")
    cells(made / "first.h5ad", 0)
    cells(made / "second.h5ad", 1)
    bulk = np.random.default_rng(2).poisson(1000, (60, 3))
    pd.DataFrame(bulk, index=pd.Index(GENES, name="gene"), columns=pd.Index(["s1", "s2", "s3"])).to_csv(
        made / "bulk.csv"
    )
    return made


@pytest.fixture(scope="module")
def run(folder: Path) -> Run:
    return taken_apart(folder, folder / "run", "first")


def test_genes_planted_in_a_type_raise_its_share_and_those_of_others_lower_it(run: Run):
    genes.write(run, SPEC)
    kept = genes.stored(run, SPEC)
    assert kept is not None and kept.types == list(TYPES)
    for name in TYPES:
        up = top.strongest(kept, genes.MIXED, name, "positive", 5, 5)
        down = top.strongest(kept, genes.MIXED, name, "negative", 5, 5)
        assert set(up["gene"]) <= own_genes(name) and not set(down["gene"]) & own_genes(name)
        assert (up["gradient"] > 0).all() and (down["gradient"] < 0).all() and (up["mean"] > up["mean_others"]).all()
        assert up["gradient"].is_monotonic_decreasing and (up["se"] > 0).all()
        share, loss = (top.matrix(kept, answer).loc[name] for answer in (genes.CLASS, genes.LOSS))
        assert np.corrcoef(share, loss)[0, 1] < -0.9
    table = top.control(kept, genes.MIXED, 5, 5)
    assert table["cell_type"].tolist() == list(TYPES) and (table["expected"] < 1).all()
    assert table["common"].between(0, 1).all() and (table["in_all"] <= 5).all()


def test_tables_hold_every_gene_once_for_each_type_and_their_own_mean(run: Run):
    genes.write(run, SPEC)
    kept = genes.stored(run, SPEC)
    assert kept is not None
    n = int(kept.facts["genes"])
    assert set(kept.answers) == {"mixed", "class", "loss"} and len(kept.genes) == 3 * n
    for table in kept.answers.values():
        assert len(table) == 3 * n and not table.duplicated(["cell_type", "gene"]).any()
        np.testing.assert_allclose(table["gradient"], table[["network_1", "network_2"]].mean(axis=1), atol=1e-6)
        assert set(table["agree"].unique()) <= {0.5, 1.0}


def test_tables_are_computed_anew_for_other_samples_and_not_for_other_looks(run: Run):
    genes.write(run, SPEC)
    assert genes.stored(run, SPEC.model_copy(update={"top": 9, "markers": 20})) is not None
    assert genes.stored(run, SPEC.model_copy(update={"profiles": 11})) is None
    assert genes.found(run) is not None
    names = set(evidence_files(run))
    assert {f"evidence_gradients_{name}.csv" for name in ("mixed", "class", "loss", "genes")} <= names


def test_heat_maps_hold_the_union_of_top_genes_and_as_many_as_can_be_named(run: Run):
    genes.write(run, SPEC)
    kept = genes.stored(run, SPEC)
    assert kept is not None
    table = top.heat(kept, genes.MIXED, "positive", 4, scaled=True)
    assert table.shape == (3, 12) and list(table.index) == list(TYPES)
    np.testing.assert_allclose(table.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(table.std(axis=0, ddof=1), 1, atol=1e-6)
    plain = top.heat(kept, genes.MIXED, "positive", 4, scaled=False)
    assert plain.columns.tolist() == table.columns.tolist()
    assert top.drawable(kept, genes.MIXED, ("positive",), 15, 12) == 4
    assert top.drawable(kept, genes.MIXED, ("positive",), 3, 12) == 3
    assert len(top.top_table(kept, 5, 5).groupby(["answer", "sign", "cell_type"])) == 27
    assert top.control_table(kept, 5, 5)["answer"].tolist() == ["mixed"] * 3 + ["class"] * 3 + ["loss"] * 3


def test_words_say_what_is_beyond_chance_and_what_a_gradient_is_not(run: Run):
    genes.write(run, SPEC)
    kept = genes.stored(run, SPEC)
    assert kept is not None
    table = top.control(kept, genes.MIXED, 5, 5)
    found = int(table["found"].sum())
    assert f"Of the 15 genes that raise the share of a type most, {found} are" in words.markers_words(table, "mixed")
    assert "Two of the 2 networks" in words.networks_words(kept, table)
    assert "all but certain" in words.reading_words(kept, "class")
    assert "all but certain" not in words.reading_words(kept, "mixed")
    assert "Shown for first:" in words.reference_words(kept) and "held-out cells" in words.reference_words(kept)


def test_each_of_two_references_is_shown_by_its_own_name_and_networks(folder: Path):
    two = taken_apart(folder, folder / "two", "first", "second", **{"analysis.each_reference": True})
    tables = []
    for number, name in enumerate(("first", "second"), start=1):
        facts = genes.compute(str(two.directory), {"profiles": 4, "reference": number})
        assert (facts["reference"], facts["references"], facts["source"]) == (name, 2, "cells")
        kept = genes.found(two)
        assert kept is not None
        assert f"{name}, number {number} of 2 references" in words.reference_words(kept)
        tables.append(kept.answers[genes.MIXED])
    assert not tables[0].equals(tables[1])
    with pytest.raises(SpecError, match="no networks of such a reference"):
        genes.compute(str(two.directory), {"reference": 3})


def test_without_the_file_samples_are_drawn_from_the_model_s_profiles(folder: Path, tmp_path: Path):
    (tmp_path / "files").mkdir()
    for path in folder.glob("*.*"):
        (tmp_path / "files" / path.name).write_bytes(path.read_bytes())
    alone = taken_apart(tmp_path / "files", tmp_path / "run", "first", **{"training.members": 1})
    (tmp_path / "files" / "first.h5ad").unlink()
    facts = genes.write(alone, SPEC)
    kept = genes.stored(alone, SPEC)
    assert kept is not None and facts["source"] == "profiles" and facts["cells"] == [0, 0, 0]
    for name in TYPES:
        assert set(top.strongest(kept, genes.MIXED, name, "positive", 5, 5)["gene"]) <= own_genes(name)
    assert "One network" in words.networks_words(kept, top.control(kept, genes.MIXED, 5, 5))
    assert "the cells are not at hand" in words.reference_words(kept)
    cells(tmp_path / "files" / "first.h5ad", 5)
    with pytest.raises(DataError, match="has changed since this run was trained"):
        genes.write(alone, SPEC)


def test_an_unknown_share_is_no_type_of_the_reference(folder: Path, tmp_path: Path):
    unknown = taken_apart(folder, tmp_path / "run", "first", **{"analysis.unknown": 0.5})
    genes.write(unknown, SPEC)
    kept = genes.stored(unknown, SPEC)
    assert kept is not None and kept.types == list(TYPES)


def test_components_are_led_back_to_genes(folder: Path, tmp_path: Path):
    seen = taken_apart(folder, tmp_path / "run", "first", **{"data.transform.components": 5})
    genes.write(seen, SPEC)
    kept = genes.stored(seen, SPEC)
    assert kept is not None
    for name in TYPES:
        assert set(top.strongest(kept, genes.MIXED, name, "positive", 5, 5)["gene"]) <= own_genes(name)


def test_a_run_that_takes_nothing_apart_has_none(tmp_path: Path):
    other = Run.create(tmp_path / "run", recipe("pathway_autoencoder").spec)
    with pytest.raises(SpecError, match="no genes behind a composition"):
        genes.compute(str(other.directory), {})


@pytest.mark.slow
def test_on_real_cells_genes_of_mixed_samples_are_markers_beyond_chance(tmp_path: Path):
    (tmp_path / "first.h5ad").symlink_to(real("pbmc3k.h5ad"))
    (tmp_path / "bulk.csv").write_text(pd.read_csv(real("hoek_expression.csv.gz"), index_col=0).to_csv())
    settings = {"training.epochs": 6, "analysis.mixtures": 1000, "features.markers_per_label": 40}
    blood = taken_apart(tmp_path, tmp_path / "run", "first", **settings)
    genes.write(blood, GradientSpec())
    kept = genes.stored(blood, GradientSpec())
    assert kept is not None
    table = top.control(kept, genes.MIXED, 15, 50)
    assert (table["adjusted_p"] < 0.05).mean() > 0.7
    assert table["found"].sum() > 3 * table["expected"].sum()
    b_cells = top.strongest(kept, genes.MIXED, "B", "positive", 15, 50)["gene"]
    assert {"MS4A1", "CD79A", "CD79B"} & set(b_cells)
    assert table["common"].mean() > 5 * table["common_expected"].mean()
