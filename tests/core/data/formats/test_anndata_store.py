"""AnnData files of every age, zarr stores and loom."""

from __future__ import annotations

import hashlib
import shutil

import anndata as ad
import h5py
import loompy
import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from core.data.read import read
from core.errors import DataError
from core.specs import SourceSpec
from tests.conftest import real
from tests.wrong_files import cells


def of(path, role="query", **settings):
    return read(SourceSpec(path=str(path), **settings), role)


def test_old_h5ad_and_zarr_hold_the_same():
    h5ad, zarr = of(real("anndata_0.7.0.h5ad")), of(real("anndata_0.7.0.zarr.zip"))
    assert h5ad.adata.shape == zarr.adata.shape == (30, 20) and h5ad.places == zarr.places
    assert (h5ad.adata.X != zarr.adata.X).nnz == 0
    assert of(real("anndata_0.7.0.h5ad"), counts="raw").adata.shape == (30, 40)


@pytest.mark.parametrize("name", ["anndata_0.11.4.h5ad", "anndata_0.11.4.zarr.zip"])
def test_a_file_without_x_is_refused(name):
    with pytest.raises(DataError, match="holds no values"):
        of(real(name))


def test_the_oldest_layout_with_compound_tables(tmp_path):
    path, counts = tmp_path / "old.h5ad", sparse.csr_matrix(np.array([[1.0, 0, 2], [0, 3, 0]], dtype=np.float32))
    with h5py.File(path, "w") as file:
        group = file.create_group("X")
        group.attrs["h5sparse_format"], group.attrs["h5sparse_shape"] = "csr", counts.shape
        group["data"], group["indices"], group["indptr"] = counts.data, counts.indices, counts.indptr
        file["obs"] = np.array([(b"c1", 4.0), (b"c2", 5.0)], dtype=[("index", "S2"), ("depth", "f8")])
        file["var"] = np.array([(b"CD3D",), (b"LYZ",), (b"NKG7",)], dtype=[("index", "S5")])
    data = of(path)
    np.testing.assert_array_equal(data.adata.X.toarray(), counts.toarray())
    assert list(data.genes) == ["CD3D", "LYZ", "NKG7"] and list(data.adata.obs["depth"]) == [4, 5]


@pytest.mark.parametrize("kind", ["csr", "csc", "dense"])
def test_every_storage_of_x_gives_the_same_csr(tmp_path, kind):
    adata = cells()
    expected = adata.X.toarray()
    adata.X = {"csr": sparse.csr_matrix, "csc": sparse.csc_matrix, "dense": np.asarray}[kind](expected)
    adata.write_h5ad(tmp_path / "cells.h5ad")
    data = of(tmp_path / "cells.h5ad")
    assert data.adata.X.format == "csr" and data.adata.X.dtype == np.float32
    np.testing.assert_array_equal(data.adata.X.toarray(), expected)


@pytest.mark.parametrize("zarr_format", [2, 3])
def test_zarr_folder_and_zip_of_both_formats(tmp_path, zarr_format):
    adata = cells()
    with ad.settings.override(zarr_write_format=zarr_format):
        adata.write_zarr(tmp_path / "cells.zarr")
    packed = shutil.make_archive(str(tmp_path / "packed"), "zip", tmp_path, "cells.zarr")
    for path in (tmp_path / "cells.zarr", packed):
        data = of(path, label_column="cell_type")
        assert (data.adata.X != adata.X).nnz == 0 and list(data.labels) == list(adata.obs["cell_type"])


def test_a_suffix_is_only_a_hint(tmp_path):
    shutil.copy(real("cellranger3.h5"), tmp_path / "cells.csv")
    assert of(tmp_path / "cells.csv").adata.shape == (1107, 507)


def test_coordinates_and_colours_of_the_file_are_kept(tmp_path):
    adata = cells()
    adata.obs["cell_type"] = adata.obs["cell_type"].astype("category")
    adata.obsm["X_umap"] = np.arange(120.0).reshape(60, 2)
    adata.uns["cell_type_colors"] = np.array(["#e69f00", "#56b4e9", "#009e73"])
    adata.write_h5ad(tmp_path / "cells.h5ad")
    data = of(tmp_path / "cells.h5ad")
    np.testing.assert_array_equal(data.adata.obsm["X_umap"], adata.obsm["X_umap"])
    assert list(data.adata.uns["cell_type_colors"]) == ["#e69f00", "#56b4e9", "#009e73"]


def test_reading_does_not_alter_the_file(tmp_path):
    path = tmp_path / "cells.h5ad"
    shutil.copy(real("pbmc3k.h5ad"), path)
    before = hashlib.sha256(path.read_bytes()).digest(), path.stat().st_mtime_ns
    of(path)
    assert (hashlib.sha256(path.read_bytes()).digest(), path.stat().st_mtime_ns) == before


def test_multimodal_files_give_their_rna(tmp_path):
    adata = cells()
    with h5py.File(tmp_path / "both.h5mu", "w") as file:
        ad.io.write_elem(file, "mod/rna", adata)
        ad.io.write_elem(file, "mod/prot", cells(seed=1))
        ad.io.write_elem(file, "obs", adata.obs)
    assert (of(tmp_path / "both.h5mu").adata.X != adata.X).nnz == 0


def test_real_loom():
    data = of(real("starmap.loom"), label_column="Clusters")
    assert data.adata.shape == (3704, 158) and data.unit == "counts"
    assert data.adata.obsm["Spatial_coordinates"].shape == (3704, 2)
    assert "BatchID" in data.adata.obs and len(data.labels.cat.categories) == 15


def test_loom_layers(tmp_path):
    values = np.array([[1, 0], [2, 3], [0, 4]])
    path = str(tmp_path / "cells.loom")
    rows, columns = (
        {"Gene": np.array(["A", "B", "C"])},
        {"CellID": np.array(["c1", "c2"]), "kind": np.array(["x", "y"])},
    )
    loompy.create(path, {"": np.log1p(values / 7.3), "counts": values}, rows, columns)
    data = of(path)
    np.testing.assert_array_equal(data.adata.X.toarray(), values.T)
    assert data.places == ("X", "layers/counts") and list(data.adata.obs["kind"]) == ["x", "y"]


def test_obs_columns_of_every_kind_survive(tmp_path):
    adata = cells()
    adata.obs["flag"] = np.arange(60) % 2 == 0
    adata.obs["maybe"] = pd.array([1, None] * 30, dtype="Int64")
    adata.write_h5ad(tmp_path / "cells.h5ad")
    assert {"cell_type", "batch", "flag", "maybe"} <= set(of(tmp_path / "cells.h5ad").adata.obs.columns)
