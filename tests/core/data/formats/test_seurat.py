from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.data.formats.r_objects import read_r
from core.data.read import read
from core.errors import DataError
from core.specs import SourceSpec
from tests.conftest import real
from tests.core.data.formats.r_files import S4, Matrix, dgc, write_rds

COUNTS = np.array([[1, 0, 2], [0, 3, 0], [4, 0, 5], [0, 6, 7]])
GENES, CELLS = ["CD3D", "MS4A1", "LYZ", "NKG7"], ["c1", "c2", "c3"]
META = pd.DataFrame({"celltype": pd.Categorical(["T", "B", "T"]), "depth": [5, 9, 14]}, index=CELLS)


def opened(tmp_path, content):
    return read_r(write_rds(tmp_path / "object.rds", content), "auto", "reference")


def place(found, name):
    return next(one for one in found.places if one.name == name)


def test_the_real_seurat_object_gives_counts_labels_and_reductions():
    data = read(SourceSpec(path=str(real("seurat_pbmc_small.rda")), label_column="letter.idents"), "reference")
    assert (data.n_cells, data.n_genes, data.unit) == (80, 230, "counts")
    assert data.adata.X.sum(axis=1).A1[0] == pytest.approx(data.adata.obs["nCount_RNA"].iloc[0])
    assert sorted(data.labels.unique()) == ["A", "B"]
    assert {"X_pca", "X_tsne"} == set(data.adata.obsm) and data.adata.obsm["X_tsne"].shape == (80, 2)


def test_version_4_assay(tmp_path):
    assay = S4("Assay", counts=dgc(COUNTS, GENES, CELLS), data=dgc(np.log1p(COUNTS), GENES, CELLS))
    reduction = S4(
        "DimReduc", cell__embeddings=Matrix(np.array([[2.0, 1], [0, 0], [3, 4]]), ["c2", "c1", "c3"], ["a", "b"])
    )
    seurat = S4(
        "Seurat",
        assays={"ADT": assay, "RNA": assay},
        meta__data=META,
        active__assay=np.array(["ADT"]),
        reductions={"umap": reduction},
    )
    found = opened(tmp_path, seurat)
    assert [one.name for one in found.places] == ["X", "layers/counts"]
    np.testing.assert_array_equal(place(found, "layers/counts").load().toarray(), COUNTS.T)
    assert list(place(found, "X").var.index) == GENES and list(found.obs["celltype"]) == ["T", "B", "T"]
    np.testing.assert_array_equal(found.obsm["X_umap"], [[0, 0], [2, 1], [3, 4]])
    assert "`ADT` and `RNA`" in found.findings[0].what


def test_version_5_layers_split_by_sample_are_joined_in_the_order_of_the_cells(tmp_path):
    first, second = dgc(COUNTS[:, [2]], None, None), dgc(COUNTS[:3, :2], None, None)
    cells = Matrix(np.array([[False, True], [False, True], [True, False]]), CELLS, ["counts.a", "counts.b"], "LogMap")
    features = Matrix(np.array([[True, True]] * 3 + [[True, False]]), GENES, ["counts.a", "counts.b"], "LogMap")
    assay = S4("Assay5", layers={"counts.a": first, "counts.b": second}, cells=cells, features=features)
    found = opened(tmp_path, S4("Seurat", assays={"RNA": assay}, meta__data=META, active__assay=np.array(["RNA"])))
    expected = COUNTS.T.copy()
    expected[:2, 3] = 0
    np.testing.assert_array_equal(place(found, "layers/counts").load().toarray(), expected)


def test_version_2(tmp_path):
    raw = dgc(np.hstack([COUNTS, COUNTS]), GENES, [*CELLS, "x1", "x2", "x3"])
    kept = dgc(COUNTS, GENES, CELLS)
    with pytest.raises(DataError, match="does not name"):
        opened(tmp_path, S4("seurat", raw__data=dgc(COUNTS, None, None), data=kept, meta__data=META))
    found = opened(tmp_path, S4("seurat", raw__data=raw, data=kept, meta__data=META, cell__names=np.array(CELLS)))
    np.testing.assert_array_equal(place(found, "layers/counts").load().toarray(), COUNTS.T)


def test_values_outside_the_object_are_refused_with_a_way_out(tmp_path):
    assay = S4("Assay5", layers={"counts": S4("RenameDims", matrix=np.array([1.0]))}, cells=None, features=None)
    with pytest.raises(DataError, match=r"RenameDims.*dgCMatrix"):
        opened(tmp_path, S4("Seurat", assays={"RNA": assay}, meta__data=META))
