from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.data.read import read
from core.data.validate import require_classes, require_shared
from core.errors import DataError
from core.specs import SourceSpec
from tests.conftest import real
from tests.wrong_files import WRONG_FILES, cells


@pytest.mark.parametrize("name", WRONG_FILES)
def test_wrong_files_give_one_clear_error(name, tmp_path):
    wrong = WRONG_FILES[name](tmp_path)
    source = SourceSpec(path=str(wrong.path), **wrong.settings)
    if wrong.refused_by == "read":
        with pytest.raises(DataError) as caught:
            read(source, wrong.role)
    else:
        data = read(source, wrong.role)
        with pytest.raises(DataError) as caught:
            if wrong.refused_by == "require_classes":
                require_classes(data)
            else:
                require_shared(read(SourceSpec(path=str(wrong.reference)), "reference"), data)
    assert caught.value.what and caught.value.remedy
    assert not Path("/tmp/escaped.csv").exists() and not (tmp_path / "escaped.csv").exists()


SHAPES = {
    "pbmc3k.h5ad": (2638, 13714, 8, "counts"),
    "pbmc_3tech.h5ad": (1200, 1767, 9, "counts"),
    "pbmc_kang.h5ad": (1556, 1267, 5, "counts"),
    "pbmc_hao_small.h5ad": (1336, 11180, 11, "counts"),
    "paul15.h5ad": (2660, 3004, 7, "counts"),
    "pbmc_rna.h5ad": (1338, 13714, 8, "counts"),
    "pbmc_gene_activity_semisynthetic.h5ad": (1300, 13714, 8, "counts"),
    "pancreas_lawlor.h5ad": (617, 237, 7, "log2"),
    "pancreas_wang.h5ad": (501, 223, 7, "counts"),
    "pancreas_xin.h5ad": (674, 980, 4, "counts"),
    "tasic_v1.h5ad": (1679, 100, 20, "log2"),
    "cbmc_adt.parquet": (7733, 13, 9, "counts"),
    "dslabs_7_tissues.parquet": (189, 500, 7, "log2"),
    "nakayama_sarcoma.parquet": (105, 22283, 10, "linear"),
}
COLUMNS = {"cbmc_adt.parquet": "type", "dslabs_7_tissues.parquet": "tissue", "nakayama_sarcoma.parquet": "label"}


@pytest.mark.parametrize("name", SHAPES)
def test_every_labelled_real_file(name):
    source = SourceSpec(path=str(real(name)), label_column=COLUMNS.get(name, "cell_type"))
    data = read(source, "reference")
    assert (data.n_cells, data.n_genes, len(data.labels.cat.categories), data.unit) == SHAPES[name]
    assert data.adata.X.format == "csr" and data.adata.X.dtype == np.float32 and data.genes.is_unique


@pytest.mark.parametrize(("name", "shape"), [("gtex_means.parquet", (54, 25224)), ("dmap_means.parquet", (38, 21246))])
def test_real_tables_of_means_as_bulk(name, shape):
    data = read(SourceSpec(path=str(real(name))), "bulk")
    assert data.adata.shape == shape and data.unit == "linear"


def test_markers_of_protein_tables_are_genes_and_the_rest_describes_cells():
    data = read(SourceSpec(path=str(real("cbmc_adt.parquet"))), "query")
    assert data.adata.shape == (8617, 13)
    assert list(data.adata.obs.columns) == ["type", "tsne1", "tsne2", "cluster"]


def test_cells_without_a_label_leave_the_reference_and_are_reported():
    data = read(SourceSpec(path=str(real("cbmc_adt.parquet")), label_column="type"), "reference")
    assert data.report.find("missing_labels").what.startswith("884 cells have no label in `type`.")
    assert data.n_cells == 8617 - 884 and data.labels.notna().all()
    kept = read(SourceSpec(path=str(real("cbmc_adt.parquet")), label_column="type"), "query")
    assert kept.n_cells == 8617 and kept.labels.isna().sum() == 884


def test_the_demo_set_is_read_as_counts(tmp_path):
    import scanpy as sc

    sc.datasets.pbmc68k_reduced().write_h5ad(tmp_path / "demo.h5ad")
    data = read(SourceSpec(path=str(tmp_path / "demo.h5ad"), label_column="bulk_labels"), "reference")
    assert (data.n_cells, data.n_genes, data.unit, data.adata.X.max()) == (700, 765, "counts", 259)
    assert len(data.adata.uns["bulk_labels_colors"]) == 10 and "X_umap" in data.adata.obsm
    assert data.report.find("place").value == "raw"


def test_repeated_cell_names_are_told_apart_and_reported(tmp_path):
    adata = cells()
    adata.obs_names = ["cell0", "cell0", *adata.obs_names[2:]]
    adata.write_h5ad(tmp_path / "cells.h5ad")
    data = read(SourceSpec(path=str(tmp_path / "cells.h5ad")), "query")
    assert list(data.adata.obs_names[:3]) == ["cell0", "cell0-1", "cell2"]
    assert data.report.find("cell_names").what.startswith("1 cell name occurs more than once.")


def test_a_file_that_changed_since_it_was_chosen_is_reported(tmp_path):
    path = str(tmp_path / "cells.h5ad")
    cells().write_h5ad(path)
    first = read(SourceSpec(path=path), "query")
    assert read(SourceSpec(path=path, fingerprint=first.fingerprint), "query").report.find("changed") is None
    cells(seed=1).write_h5ad(path)
    assert read(SourceSpec(path=path, fingerprint=first.fingerprint), "query").report.find("changed").kind == "choose"


def test_a_home_relative_path_is_found(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    cells().write_h5ad(tmp_path / "cells.h5ad")
    assert read(SourceSpec(path="~/cells.h5ad"), "query").n_cells == 60


DAMAGED = ["anndata_0.7.0.h5ad", "cellranger3.h5", "starmap.loom", "umi_tools.tsv.gz", "tiny.csv", "cbmc_adt.parquet"]


@pytest.mark.parametrize("name", DAMAGED)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.floats(0.02, 1), places=st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), max_size=5))
def test_damaged_files_are_read_or_refused_never_anything_else(name, tmp_path, cut, places):
    content = bytearray(real(name).read_bytes())
    content = content[: max(1, int(cut * len(content)))]
    for share, byte in places:
        content[int(share * len(content))] = byte
    path = tmp_path / name
    path.write_bytes(content)
    try:
        data = read(SourceSpec(path=str(path)), "query")
    except DataError as error:
        assert error.what and error.remedy
    else:
        assert data.n_cells > 1 and np.isfinite(data.adata.X.data).all()
