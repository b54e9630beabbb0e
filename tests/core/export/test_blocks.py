from __future__ import annotations

import anndata
import h5py
import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from core.export import blocks
from core.export.adata import write_adata


def cells(n: int, genes: str) -> anndata.AnnData:
    return anndata.AnnData(None, pd.DataFrame(index=map(str, range(n))), pd.DataFrame(index=list(genes)))


@pytest.mark.parametrize("chunk", [4, 27, 2**18])
@pytest.mark.parametrize("at_once", [1, 7, 40])
def test_matrices_written_in_blocks_are_read_as_any_other(tmp_path, monkeypatch, at_once, chunk):
    monkeypatch.setattr(blocks, "CHUNK", chunk)
    counts = sparse.random(40, 9, 0.3, format="csr", rng=np.random.default_rng(0), dtype=np.float32)
    whole = {"X": counts.log1p(), "layers/counts": counts}
    parts = ({name: m[start : start + at_once] for name, m in whole.items()} for start in range(0, 40, at_once))
    found = anndata.read_h5ad(write_adata(cells(40, "abcdefghi"), tmp_path / "cells.h5ad", blocks=parts))
    for read, written in ((found.X, whole["X"]), (found.layers["counts"], counts)):
        assert isinstance(read, sparse.csr_matrix)
        assert read.dtype == np.float32
        np.testing.assert_array_equal(read.toarray(), written.toarray())


def test_matrices_share_the_places_of_their_values_on_disk(tmp_path):
    part = sparse.csr_matrix(np.eye(3, dtype=np.float32))
    path = write_adata(cells(3, "abc"), tmp_path / "cells.h5ad", blocks=[{"X": part, "layers/counts": part}])
    with h5py.File(path) as file:
        assert file["X/indices"] == file["layers/counts/indices"]
        assert file["X/data"] != file["layers/counts/data"]


def test_nothing_is_left_where_a_block_fails(tmp_path):
    def parts():
        yield {"X": sparse.csr_matrix((2, 3), dtype=np.float32)}
        raise ValueError("the source ended early")

    with pytest.raises(ValueError, match="ended early"):
        write_adata(cells(2, "xyz"), tmp_path / "cells.h5ad", blocks=parts())
    assert list(tmp_path.iterdir()) == []
