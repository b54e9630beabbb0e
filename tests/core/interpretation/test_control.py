"""The control without a network."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from core.errors import DataError
from core.interpretation.control import expression_control, ranked
from core.interpretation.gene_sets import read_gmt
from core.interpretation.membership import membership
from tests.conftest import real


@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_matrix])
def test_mean_difference_in_standard_deviations(kind):
    values = np.array([[1.0, 0, 2], [3, 0, 2], [0, 4, 2], [0, 0, 2]])
    sets = membership({"A": ["g1", "g2"], "B": ["g3"]}, ["g1", "g2", "g3"], 1)
    found = expression_control(kind(values), ["x", "x", "y", "y"], sets)
    z1, z2 = 2 / values[:, 0].std(), -2 / values[:, 1].std()
    np.testing.assert_allclose(found.loc["A"], [(z1 + z2) / 2, -(z1 + z2) / 2])
    assert found.loc["B"].tolist() == [0, 0]
    assert ranked(found)["x"].tolist() == [1, 2]


def test_one_label_cannot_be_compared():
    sets = membership({"A": ["g1"]}, ["g1"], 1)
    with pytest.raises(DataError, match="two or more"):
        expression_control(np.ones((3, 1)), ["x"] * 3, sets)


def test_signatures_of_blood_cells_rank_first_without_a_network():
    import anndata

    cells = anndata.read_h5ad(real("pbmc3k.h5ad"))
    depth = sparse.diags(1e4 / np.asarray(cells.X.sum(axis=1)).ravel())
    values = sparse.csr_matrix(depth @ cells.X).log1p()
    sets = membership(read_gmt(real("dmap_derived.gmt")), list(cells.var_names), 5)
    ranks = ranked(expression_control(values, cells.obs["cell_type"].astype(str).to_numpy(), sets))
    expected = {"CD4 T": "CD4+", "CD8 T": "CD8+", "NK": "NK_CELL", "CD14 Mono": "MONOCYTE", "DC": "DENDRITIC"}
    assert {label: ranks.filter(like=name, axis=0)[label].min() for label, name in expected.items()} == dict.fromkeys(
        expected, 1
    )
    assert ranks.filter(like="B-CELL", axis=0)["B"].min() <= 2
