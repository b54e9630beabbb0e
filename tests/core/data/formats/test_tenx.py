"""10x h5 and MatrixMarket, plain and zipped."""

from __future__ import annotations

import gzip
import zipfile

import h5py
import numpy as np
import pytest

from core.data.formats.tenx_h5 import read_tenx_h5
from core.data.read import read
from core.errors import DataError
from core.specs import SourceSpec
from tests.conftest import real


def of(path, role="query"):
    return read(SourceSpec(path=str(path)), role)


@pytest.mark.parametrize(("version", "shape", "total"), [(1, (12, 343), 12), (3, (1107, 507), 109_600)])
def test_h5_and_mtx_of_both_versions_hold_the_same(version, shape, total):
    h5, mtx = of(real(f"cellranger{version}.h5")), of(real(f"cellranger{version}"))
    assert h5.adata.shape == mtx.adata.shape == shape
    assert (h5.adata.X != mtx.adata.X).nnz == 0 and list(h5.genes) == list(mtx.genes)
    assert list(h5.adata.obs_names) == list(mtx.adata.obs_names)
    assert abs(h5.adata.X.sum() - total) < total
    assert h5.unit == "counts" and "gene_ids" in h5.adata.var


def test_a_zipped_folder_reads_as_the_folder(tmp_path):
    with zipfile.ZipFile(tmp_path / "cells.zip", "w") as archive:
        for file in real("cellranger3").iterdir():
            archive.write(file, f"filtered_feature_bc_matrix/{file.name}")
    assert (of(tmp_path / "cells.zip").adata.X != of(real("cellranger3")).adata.X).nnz == 0


def test_prefixed_files_and_the_matrix_itself(tmp_path):
    for file in real("cellranger3").iterdir():
        (tmp_path / f"GSM1_{file.name}").write_bytes(file.read_bytes())
    assert of(tmp_path / "GSM1_matrix.mtx.gz").adata.shape == (1107, 507)
    assert of(tmp_path).adata.shape == (1107, 507)


def test_several_matrices_in_one_folder_are_not_mixed(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        for file in real("cellranger1").iterdir():
            (tmp_path / name / file.name).write_bytes(file.read_bytes())
    with pytest.raises(DataError, match="several data sets"):
        of(tmp_path)


def test_lists_that_do_not_fit_are_refused(tmp_path):
    for file in real("cellranger3").iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "barcodes.tsv.gz").write_bytes(gzip.compress(b"AAA\nCCC\n"))
    with pytest.raises(DataError, match="does not fit its lists"):
        of(tmp_path)


def test_antibodies_are_left_out_and_said(tmp_path):
    path = tmp_path / "cite.h5"
    with h5py.File(path, "w") as file:
        matrix = file.create_group("matrix")
        dense = np.array([[1, 2, 9], [0, 3, 8]])
        matrix["data"], matrix["indices"], matrix["indptr"] = dense[dense > 0], [0, 1, 2, 1, 2], [0, 3, 5]
        matrix["shape"], matrix["barcodes"] = [3, 2], [b"c1", b"c2"]
        kinds = [b"Gene Expression", b"Gene Expression", b"Antibody Capture"]
        for name, values in (
            ("id", [b"E1", b"E2", b"P1"]),
            ("name", [b"CD3D", b"LYZ", b"CD3"]),
            ("feature_type", kinds),
        ):
            matrix[f"features/{name}"] = values
    found = read_tenx_h5(path)
    np.testing.assert_array_equal(found.places[0].load().toarray(), dense[:, :2])
    assert "1 feature of the type Antibody Capture was left out" in found.findings[0].what
