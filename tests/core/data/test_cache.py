"""Cells on disk are the same as cells in memory at every stage, and what goes wrong is said."""

from __future__ import annotations

import pickle
import resource
import shutil
import signal
from dataclasses import replace
from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from core.data import cache
from core.data.align import align
from core.data.cache import Storage
from core.data.dataset import Dataset
from core.data.features import select
from core.data.formats.opened import Place
from core.data.normalise import values_of
from core.data.quality import apply, cell_metrics, gene_metrics
from core.data.read import read
from core.data.summary import summary
from core.data.transform import fit
from core.errors import DataError
from core.specs import FeatureSpec, QualitySpec, SourceSpec, TransformSpec
from tests.conftest import real
from tests.core.data.test_blocks import counts

FILES = ("pbmc3k.h5ad", "paul15.h5ad", "pbmc_kang.h5ad", "cellranger3.h5", "cellranger1.h5")
TRANSFORMS = (
    TransformSpec(),
    TransformSpec(normalise="none"),
    TransformSpec(scale="zscore", clip=5.0),
    TransformSpec(scale="minmax"),
    TransformSpec(normalise="log2_cpm", scale="centre"),
    TransformSpec(components=5),
)


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage(tmp_path / "cache", "always")


def both(path: Path, storage: Storage, **source: object) -> tuple[Dataset, Dataset]:
    spec = SourceSpec.model_validate({"path": str(path), **source})
    in_memory, on_disk = read(spec, "reference"), read(spec, "reference", storage)
    assert in_memory.blocks is None
    assert on_disk.blocks is not None
    assert on_disk.adata.X is None
    return in_memory, on_disk


def h5ad(folder: Path, values: object, genes: list[str] | None = None, **columns: list) -> Path:
    n_cells, n_genes = values.shape  # type: ignore[attr-defined]  any matrix
    names = genes or [f"GENE{number}" for number in range(n_genes)]
    obs = pd.DataFrame(columns, index=pd.Index([f"c{number}" for number in range(n_cells)]))
    path = folder / "made.h5ad"
    anndata.AnnData(values, obs, pd.DataFrame(index=pd.Index(names))).write_h5ad(path)
    return path


def close(ours, theirs) -> None:
    ours, theirs = (one if isinstance(one, np.ndarray) else one.toarray() for one in (ours, theirs))
    np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", FILES)
def test_every_stage_gives_the_values_of_memory(name, storage, monkeypatch):
    monkeypatch.setattr("core.data.blocks.PIECE", 100)  # several pieces
    known, found = both(real(name), storage)
    assert found.unit == known.unit
    new = [one.key for one in found.report.findings if one not in known.report.findings]
    assert new == ["on_disk"]
    close(values_of(found).read(), values_of(known))
    pd.testing.assert_frame_equal(cell_metrics(found), cell_metrics(known))
    pd.testing.assert_frame_equal(gene_metrics(found), gene_metrics(known))
    assert summary(found)["depth"] == summary(known)["depth"]
    quality = QualitySpec(min_genes=1)
    (known, steps), (found, ours) = apply(known, quality), apply(found, quality)
    pd.testing.assert_frame_equal(ours, steps)
    spec = FeatureSpec(target=150, min_cell_share=1.0)
    space = select(known, spec)
    assert select(found, spec).genes == space.genes
    aligned, theirs = align(found, space.genes), align(known, space.genes)
    np.testing.assert_array_equal(aligned.library, theirs.library)
    train = np.arange(0, known.n_cells, 2)
    for transform in TRANSFORMS:
        ours, other = (fit(one.rows(train), transform, rng=np.random.default_rng(0)) for one in (aligned, theirs))
        np.testing.assert_allclose(ours.means, other.means, rtol=1e-6)
        close(ours.apply(aligned).read(), other.apply(theirs))
        close(ours.apply(aligned, "own")[train].read(), other.apply(theirs, "own")[train])


@pytest.mark.parametrize("rule", ["all", "variable_and_markers", "specific_markers", "digital_sorter"])
def test_rules_that_look_at_types_find_the_same_genes(rule, storage, monkeypatch):
    monkeypatch.setattr("core.data.blocks.PIECE", 500)
    known, found = both(real("pbmc3k.h5ad"), storage, label_column="cell_type", batch_column="batch")
    spec = FeatureSpec(rule=rule, target=300, markers_per_label=20)
    assert select(found, spec).genes == select(known, spec).genes


def test_a_dense_file_and_genes_that_share_a_name(storage, tmp_path):
    values = counts(50, 12)
    path = h5ad(tmp_path, values.toarray(), ["A", "B", "A", "C", "D", "B", "E", "F", "G", "H", "I", "A"])
    known, found = both(path, storage)
    assert list(found.genes) == list(known.genes) == list("ABCDEFGHI")
    close(found.blocks.read(), values_of(known))
    close(align(found, list("CBA")).values.read(), align(known, list("CBA")).values)


def test_cells_without_a_label_are_left_out(storage, tmp_path):
    labels = ["T cell", "B cell", None] * 20
    known, found = both(h5ad(tmp_path, counts(60), kind=labels), storage, label_column="kind")
    assert found.n_cells == known.n_cells == 40
    close(found.blocks.read(), values_of(known))


@pytest.mark.parametrize("unit", ["log1p", "log2", "cpm", "values"])
def test_a_unit_that_was_said_is_kept(storage, tmp_path, unit):
    values = counts()
    values.data = np.log1p(values.data * np.float32(0.37))
    known, found = both(h5ad(tmp_path, values), storage, unit=unit)
    assert found.unit == known.unit == unit
    genes = list(known.genes[:30])
    space = select(known, FeatureSpec(target=20)).genes
    assert select(found, FeatureSpec(target=20)).genes == space
    transform = fit(align(known, genes), TransformSpec(), rng=np.random.default_rng(0))
    close(transform.apply(align(found, genes)).read(), transform.apply(align(known, genes)))


def refusal(path: Path, storage: Storage, **source: object) -> str:
    with pytest.raises(DataError) as problem:
        read(SourceSpec.model_validate({"path": str(path), **source}), "reference", storage)
    assert problem.value.remedy
    return str(problem.value)


def test_values_that_would_have_to_be_turned_back_are_refused(storage, tmp_path):
    values = counts()
    values.data = np.log1p(values.data)
    said = refusal(h5ad(tmp_path, values), storage)
    assert "holds no raw counts" in said
    assert "data.reference.unit" in said


def test_counts_below_zero_and_values_that_are_missing_are_refused(storage, tmp_path):
    values = counts()
    values.data[7] = -1
    assert "cannot be negative, but 1 value of X lies below zero" in refusal(h5ad(tmp_path, values), storage)
    values.data[7] = np.nan
    cell = int(np.searchsorted(values.indptr, 7, side="right"))
    assert f"nan in cell {cell:,}" in refusal(h5ad(tmp_path, values), storage)
    assert "is zero" in refusal(h5ad(tmp_path, sparse.csr_matrix((9, 4), dtype=np.float32)), storage)
    assert not [path for path in storage.folder.iterdir() if path.name.startswith(".")]


def test_a_layout_that_cannot_be_read_by_rows_is_named(storage, tmp_path):
    said = refusal(h5ad(tmp_path, sparse.csc_matrix(counts())), storage)
    assert "made.h5ad cannot be read from disk in blocks" in said
    assert "tocsr" in said


def test_memory_decides_where_nothing_else_does(tmp_path):
    place = Place("X", pd.DataFrame(index=range(1000)), np.ones(1), counts, 10**6, 8 * 10**6, lambda: iter(()))
    auto = Storage(tmp_path, "auto")
    assert auto.reason(place, 10_000, "cells.h5ad", available=10**9) == ""
    assert "20.0 MB of memory and 9.0 MB are free" in auto.reason(place, 10_000, "cells.h5ad", available=9 * 10**6)
    dense = replace(auto, dense_genes=500)  # 3 arrays of 10,000 x 500 float32 beside the file
    assert "80.0 MB" in dense.reason(place, 10_000, "cells.h5ad", available=50 * 10**6)
    assert replace(auto, when="never").reason(place, 10_000, "cells.h5ad", available=1) == ""
    assert replace(auto, when="always").reason(place, 1, "a", available=10**9) == "data.on_disk is set to always"
    fixed = replace(place, blocks=None)
    assert auto.reason(fixed, 10, "cells.h5ad", available=10**9) == ""
    with pytest.raises(DataError, match=r"too large for the memory.*20.0 MB needed.*tocsr"):
        auto.reason(fixed, 10, "cells.h5ad", available=9 * 10**6)


def test_the_cache_is_reused_made_again_when_damaged_and_told_apart_by_content(storage, tmp_path):
    path = h5ad(tmp_path, counts())
    source = SourceSpec(path=str(path))
    first = read(source, "reference", storage).blocks
    written = (first.folder / "values").stat().st_mtime_ns
    assert (read(source, "reference", storage).blocks.folder / "values").stat().st_mtime_ns == written
    (first.folder / "values").write_bytes(b"broken")
    again = read(source, "reference", storage).blocks
    close(again.read(), counts())
    assert again.folder == first.folder
    other = read(SourceSpec(path=str(h5ad(tmp_path, counts(seed=1)))), "reference", storage).blocks
    assert other.folder != first.folder
    genes = ["GENE3", "GENE1", "GENE30"]
    assert align(read(source, "reference", storage), genes).values.folder.parent == storage.folder


def test_a_full_disk_is_said_and_leaves_nothing_behind(storage, tmp_path):
    path = h5ad(tmp_path, counts(3000, 200))
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, hard))
    try:
        said = refusal(path, storage)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert "no room" in said
    assert str(storage.folder) in said
    assert list(storage.folder.iterdir()) == []
    close(read(SourceSpec(path=str(path)), "reference", storage).blocks.read(), counts(3000, 200))


def test_a_disk_that_is_too_small_is_known_before_anything_is_written(storage, tmp_path):
    storage.folder.mkdir()
    free = shutil.disk_usage(storage.folder).free
    with pytest.raises(DataError, match=r"about .* needed, .* free"):
        cache._made(storage.folder, "key", iter(()), 10, 2 * free)
    assert list(storage.folder.iterdir()) == []


def test_a_damaged_source_is_the_sources_fault(storage, tmp_path):
    import h5py

    path = h5ad(tmp_path, counts())
    with h5py.File(path, "r+") as file:
        file["X/indices"][3] = 4000
    assert "made.h5ad is damaged" in refusal(path, storage)


def test_another_process_can_be_handed_the_input(storage, tmp_path):
    names = ["A", "B", "A", "C", "D", "B", "E", "F", "G", "H", "I", "A"]
    found = read(SourceSpec(path=str(h5ad(tmp_path, counts(50, 12), names))), "reference", storage)
    aligned = align(found, list("IHGFEDCBA"))
    x = fit(aligned, TransformSpec(scale="zscore"), rng=np.random.default_rng(0)).apply(aligned)[np.arange(9, 30)]
    for handed in (x, found.blocks):
        close(pickle.loads(pickle.dumps(handed)).read(), handed.read())
