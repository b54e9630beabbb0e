from __future__ import annotations

from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from core import keys
from core.errors import RunError
from core.recipes import recipe
from core.results import Results
from core.runs.run import Run
from core.tasks.markers import find

COUNTS = np.array([[8, 0, 1], [9, 1, 0], [7, 0, 0], [0, 9, 1], [1, 8, 0], [0, 7, 1]], dtype=np.float32)
CELLS = pd.Index(["1", "2", "3", "4", "5", "6"])
GENES = pd.Index(["CD3E", "NKG7", "LYZ"])


@pytest.fixture
def results(tmp_path: Path) -> Results:
    run = Run.create(tmp_path / "project" / "runs" / "run-0001", recipe("pathway_autoencoder").spec)
    obs = pd.DataFrame({"cell_type": pd.Categorical(["NA", "B"] * 3), "day": [1, 2, 3, 4, 5, 6]}, index=CELLS)
    adata = anndata.AnnData(sparse.csr_matrix(np.log1p(COUNTS)), obs, pd.DataFrame(index=GENES))
    adata.layers[keys.COUNTS] = sparse.csr_matrix(COUNTS)
    adata.obsm[keys.CODE] = np.arange(12.0).reshape(6, 2)
    adata.obsm[keys.CODE_UMAP] = np.ones((6, 2))
    adata.obsm[keys.INPUT_UMAP] = np.zeros((6, 2))
    adata.obsm["X_umap"] = np.full((6, 3), 2.0)
    adata.uns[keys.colours("cell_type")] = ["#000000", "#FFFFFF"]
    adata.write_h5ad(run.results_path)
    return Results(run)


def test_parts_are_read_without_the_rest(results: Results):
    np.testing.assert_allclose(results.expression("NKG7"), np.log1p(COUNTS[:, 1]))
    assert results.counts is not None
    np.testing.assert_array_equal(results.counts, COUNTS.sum(axis=1))
    assert results.code.columns.tolist() == ["unit_1", "unit_2"]
    assert results.colours("cell_type") == {"B": "#000000", "NA": "#FFFFFF"} and results.colours("day") == {}
    assert "adata" not in vars(results)


def test_pictures_are_the_run_s_own_and_then_the_file_s(results: Results):
    assert list(results.pictures) == ["UMAP of the genes", "UMAP of the code", "UMAP of the file"]
    assert results.pictures["UMAP of the file"].points.loc["3"].tolist() == [2.0, 2.0]


def test_a_misspelt_gene_is_refused_with_the_one_that_was_meant(results: Results):
    with pytest.raises(RunError, match="Did you mean NKG7"):
        results.expression("nkg7")
    with pytest.raises(RunError, match="case-sensitive"):
        results.expression("ABCDEF")


def test_names_stay_names_in_tables(results: Results):
    results.path("annotation").write_text("cell,cell_type,probability\n1,NA,\n2,7,0.5\n")
    table = results.table("annotation")
    assert table.index.tolist() == ["1", "2"] and table["cell_type"].tolist() == ["NA", "7"]
    assert np.isnan(table["probability"].iloc[0])
    with pytest.raises(RunError, match=r"no code\.csv"):
        results.table("code")


def test_markers_of_a_selection_are_kept_in_the_project(results: Results):
    project = results.run.directory.parents[1]
    assert find(str(project), "run-0001", [0, 1, 2], "a-key") == 3
    table = pd.read_csv(project / "results" / "markers" / "a-key" / "markers.csv").set_index("gene")
    assert table.loc["CD3E", "log2_fold"] > 0 > table.loc["NKG7", "log2_fold"]
