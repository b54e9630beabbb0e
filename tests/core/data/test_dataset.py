from __future__ import annotations

import numpy as np
import pytest

from core.data.read import read
from core.errors import DataError
from core.specs import SourceSpec
from tests.wrong_files import cells


@pytest.fixture
def data(tmp_path):
    cells().write_h5ad(tmp_path / "cells.h5ad")
    return read(
        SourceSpec(path=str(tmp_path / "cells.h5ad"), label_column="cell_type", batch_column="batch"), "reference"
    )


def test_sizes_labels_and_batches(data):
    assert (data.n_cells, data.n_genes, len(data.genes)) == (60, 30, 30)
    assert list(data.labels.cat.categories) == ["type 0", "type 1", "type 2"]
    assert list(data.batches.cat.categories) == ["b0", "b1"]


def test_subset_leaves_the_original_alone(data):
    mask = (data.labels == "type 1").to_numpy()
    part = data.subset(cells=mask, genes=["GENE5", "GENE2"])
    assert part.n_cells == 20 and list(part.genes) == ["GENE5", "GENE2"]
    assert list(part.labels.cat.categories) == ["type 1"]
    np.testing.assert_array_equal(part.adata.X.toarray(), data.adata.X.toarray()[mask][:, [5, 2]])
    part.adata.X.data[:] = 0
    assert data.adata.X.sum() > 0 and data.n_cells == 60
    np.testing.assert_array_equal(data.subset(cells=np.array([3, 1])).adata.obs_names, ["cell3", "cell1"])


def test_absent_genes_and_labels_are_refused(data, tmp_path):
    with pytest.raises(DataError, match="lacks 1 of the genes"):
        data.subset(genes=["GENE1", "CD3D"])
    bare = read(SourceSpec(path=str(tmp_path / "cells.h5ad")), "query")
    with pytest.raises(DataError, match="`cell_type` and `batch`"):
        _ = bare.labels
    assert bare.batches is None
