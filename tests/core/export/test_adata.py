from __future__ import annotations

import json

import anndata
import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from core import keys
from core.errors import DataError
from core.export.adata import assemble, storable, write_adata


@pytest.fixture
def cells() -> anndata.AnnData:
    adata = anndata.AnnData(
        sparse.csr_matrix(np.eye(3, dtype=np.float32)),
        obs=pd.DataFrame({"batch": ["a", "a", "b"]}, index=["c1", "c2", "c3"]),
    )
    adata.layers[keys.COUNTS] = adata.X.copy()
    return adata


ANNOTATION = pd.DataFrame(
    {
        "cell": ["c1", "c2", "c3"],
        "cell_type": ["B", "NK", "B"],
        "probability": [0.9, 0.8, 0.4],
        "assigned": [True, True, False],
        "open_set_score": [0.1, 0.2, 0.9],
        "label_set_90": [("B",), ("NK",), ("B", "NK")],
        "label_set_95": ["B", "NK", "B|NK"],
    }
)


def test_everything_comes_back_from_the_file_under_its_key(cells, tmp_path):
    shares = pd.DataFrame([[0.9, 0.1], [0.2, 0.8], [0.5, 0.5]], columns=["B", "NK"])
    impact = pd.DataFrame([[0.2, 1.0]], index=["Apoptosis"], columns=["unit_1", "unit_2"])
    made = assemble(
        cells,
        annotation=ANNOTATION,
        probabilities=shares,
        code=np.ones((3, 2), np.float32),
        code_umap=np.zeros((3, 2)),
        input_umap=np.zeros((3, 2)),
        impact=impact,
        source=["reference", "query", "query"],
        colours={"B": "#0072B2", "NK": "#CC79A7"},
        about={"seed": 3},
    )
    back = anndata.read_h5ad(write_adata(made, tmp_path / "results.h5ad"))
    assert back.obs[keys.LABEL].tolist() == ["B", "NK", "B"]
    assert back.obs[keys.LABEL].dtype == "category"
    assert back.obs[keys.ASSIGNED].tolist() == [True, True, False]
    assert back.obs[keys.LABEL_SET_90].tolist() == ["B", "NK", "B|NK"]
    pd.testing.assert_frame_equal(back.obsm[keys.PROBABILITIES], shares.set_axis(cells.obs_names))
    pd.testing.assert_frame_equal(back.uns[keys.IMPACT], impact)
    assert back.obsm[keys.CODE].shape == (3, 2)
    assert list(back.uns[keys.colours(keys.LABEL)]) == ["#0072B2", "#CC79A7"]
    assert json.loads(back.uns[keys.ABOUT]) == {"seed": 3}


def test_the_data_given_are_not_changed(cells):
    assemble(cells, annotation=ANNOTATION, code=np.ones((3, 2)), about={})
    assert list(cells.obs) == ["batch"]
    assert not cells.obsm
    assert not cells.uns


def test_counts_can_be_left_out(cells, tmp_path):
    back = anndata.read_h5ad(write_adata(cells, tmp_path / "a.h5ad", counts=False))
    assert keys.COUNTS not in back.layers
    assert keys.COUNTS in cells.layers


def test_a_cell_type_with_a_slash_can_be_stored(cells, tmp_path):
    shares = pd.DataFrame(np.full((3, 2), 0.5), columns=["T/NK", "B"])
    back = anndata.read_h5ad(write_adata(assemble(cells, probabilities=shares), tmp_path / "a.h5ad"))
    assert list(back.obsm[keys.PROBABILITIES]) == storable(["T/NK", "B"]) == ["T∕NK", "B"]


def test_another_number_of_rows_is_refused(cells):
    with pytest.raises(DataError, match="2 and 3"):
        assemble(cells, code=np.ones((2, 4)))
