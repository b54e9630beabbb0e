from __future__ import annotations

import anndata
import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from core.export.adata import write_adata


@pytest.mark.parametrize("at_once", [1, 7, 40])
def test_a_matrix_written_in_blocks_is_read_as_any_other(tmp_path, at_once):
    values = sparse.random(40, 9, 0.3, format="csr", rng=np.random.default_rng(0), dtype=np.float32)
    cells = anndata.AnnData(None, pd.DataFrame(index=map(str, range(40))), pd.DataFrame(index=list("abcdefghi")))
    parts = {
        name: (values[start : start + at_once] for start in range(0, 40, at_once)) for name in ("X", "layers/counts")
    }
    found = anndata.read_h5ad(write_adata(cells, tmp_path / "cells.h5ad", blocks=parts))
    for matrix in (found.X, found.layers["counts"]):
        assert isinstance(matrix, sparse.csr_matrix)
        assert matrix.dtype == np.float32
        np.testing.assert_array_equal(matrix.toarray(), values.toarray())


def test_nothing_is_left_where_a_block_fails(tmp_path):
    def parts():
        yield sparse.csr_matrix((2, 3), dtype=np.float32)
        raise ValueError("the source ended early")

    cells = anndata.AnnData(None, pd.DataFrame(index=list("ab")), pd.DataFrame(index=list("xyz")))
    with pytest.raises(ValueError, match="ended early"):
        write_adata(cells, tmp_path / "cells.h5ad", blocks={"X": parts()})
    assert list(tmp_path.iterdir()) == []
