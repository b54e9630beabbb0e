from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.data.formats.r_objects import read_r
from core.errors import DataError
from tests.core.data.formats.r_files import S4, Matrix, dgc, write_rds

COUNTS = np.array([[1, 0, 2], [0, 3, 0]])
GENES, CELLS = ["CD3D", "MS4A1"], ["c1", "c2", "c3"]


def d_frame(columns, rows, n):
    return S4(
        "DFrame",
        rownames=None if rows is None else np.array(rows),
        nrows=np.array([n], dtype=np.int32),
        listData=columns,
    )


def experiment(names_in: str):
    assays = {"counts": dgc(COUNTS, None, None), "logcounts": dgc(np.log1p(COUNTS), None, None)}
    table = d_frame({"kind": np.array(["a", "b"])}, None, 2)
    ranges = S4(
        "CompressedGRangesList", elementMetadata=table, partitioning=S4("PartitioningByEnd", NAMES=np.array(GENES))
    )
    reduced = S4("SimpleList", listData={"PCA": Matrix(np.eye(3)[:, :2], CELLS, ["PC1", "PC2"])})
    slots = {
        "assays": S4("SimpleAssays", data=S4("SimpleList", listData=assays)),
        "colData": d_frame({"label": pd.Categorical(["T", "B", "T"])}, CELLS, 3),
        "int_colData": d_frame({"reducedDims": reduced}, None, 3),
    }
    if names_in == "ranges":
        slots["rowRanges"] = ranges
    else:
        slots |= {"elementMetadata": table, "NAMES": np.array(GENES)}
    return S4("SingleCellExperiment", **slots)


@pytest.mark.parametrize("names_in", ["ranges", "names"])
def test_assays_coldata_rowdata_and_reductions(tmp_path, names_in):
    found = read_r(write_rds(tmp_path / "sce.rds", experiment(names_in)), "auto", "reference")
    assert [one.name for one in found.places] == ["X", "layers/counts"]
    np.testing.assert_array_equal(found.places[1].load().toarray(), COUNTS.T)
    assert list(found.places[0].var.index) == GENES and list(found.places[0].var["kind"]) == ["a", "b"]
    assert list(found.obs.index) == CELLS and list(found.obs["label"]) == ["T", "B", "T"]
    assert found.obsm["X_pca"].shape == (3, 2)


def test_an_experiment_that_names_no_genes_is_refused(tmp_path):
    slots = {"assays": S4("SimpleAssays", data=S4("SimpleList", listData={"counts": dgc(COUNTS, None, None)}))}
    content = S4("SummarizedExperiment", colData=d_frame({}, CELLS, 3), **slots)
    with pytest.raises(DataError, match="names the genes"):
        read_r(write_rds(tmp_path / "se.rds", content), "auto", "bulk")


def test_plain_matrices_and_data_frames(tmp_path):
    for content in (dgc(COUNTS, GENES, CELLS), Matrix(COUNTS, GENES, CELLS)):
        found = read_r(write_rds(tmp_path / "matrix.rds", content), "auto", "query")
        np.testing.assert_array_equal(found.places[0].load().toarray(), COUNTS.T)
        assert list(found.obs.index) == CELLS
    frame = pd.DataFrame({"label": ["T", "B", "T"], "CD3D": [1, 0, 2], "MS4A1": [0, 3, 0]}, index=CELLS)
    found = read_r(write_rds(tmp_path / "frame.rds", frame), "auto", "query")
    np.testing.assert_array_equal(found.places[0].load().toarray(), COUNTS.T)
    assert list(found.obs["label"]) == ["T", "B", "T"]


def test_other_objects_are_refused(tmp_path):
    with pytest.raises(DataError, match="holds no cells"):
        read_r(write_rds(tmp_path / "number.rds", np.array([1.0, 2.0])), "auto", "query")
