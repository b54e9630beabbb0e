from __future__ import annotations

import anndata
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import DataError
from core.interpretation.gene_sets import read_gmt
from core.interpretation.set_overlap import jaccard_matrix, nearly_same, overlaps
from tests.conftest import real

GENES = [f"G{number}" for number in range(40)]


def test_shared_genes_are_counted_among_those_of_the_data():
    sets = {"A": (*GENES[:6], "absent"), "B": GENES[3:9], "C": GENES[20:30], "INSIDE": GENES[20:25]}
    table = overlaps(sets, GENES, min_genes=5)
    assert table.to_dict("records") == [
        {
            **{"first": "C", "second": "INSIDE", "genes_first": 10, "genes_second": 5, "shared": 5},
            **{"jaccard": 0.5, "containment": 1.0},
        },
        {
            **{"first": "A", "second": "B", "genes_first": 6, "genes_second": 6, "shared": 3},
            **{"jaccard": 3 / 9, "containment": 0.5},
        },
    ]
    assert nearly_same(table)["first"].tolist() == ["C"]


@given(st.lists(st.sets(st.sampled_from(GENES), min_size=5), min_size=2, max_size=8))
def test_the_matrix_is_symmetric_with_ones_and_holds_what_the_pairs_say(drawn):
    sets = {f"S{number}": sorted(genes) for number, genes in enumerate(drawn)}
    matrix = jaccard_matrix(sets, GENES)
    values = matrix.to_numpy()
    np.testing.assert_allclose(values, values.T)
    np.testing.assert_allclose(np.diag(values), 1)
    for first, second, index in overlaps(sets, GENES)[["first", "second", "jaccard"]].itertuples(index=False):
        assert matrix.loc[first, second] == pytest.approx(index)
        together = set(sets[first]) | set(sets[second])
        assert index == pytest.approx(len(set(sets[first]) & set(sets[second])) / len(together))


def test_hallmark_sets_known_to_be_alike_come_first_on_real_cells():
    genes = list(anndata.read_h5ad(real("pbmc3k.h5ad"), backed="r").var_names)
    table = overlaps(read_gmt(real("hallmark_human.gmt")), genes)
    pairs = [frozenset(pair) for pair in table[["first", "second"]].head(2).itertuples(index=False, name=None)]
    assert {"HALLMARK_ESTROGEN_RESPONSE_EARLY", "HALLMARK_ESTROGEN_RESPONSE_LATE"} in pairs
    assert {"HALLMARK_INTERFERON_ALPHA_RESPONSE", "HALLMARK_INTERFERON_GAMMA_RESPONSE"} in pairs
    assert jaccard_matrix(read_gmt(real("hallmark_human.gmt")), genes, most=12).shape == (12, 12)


def test_sets_without_genes_in_the_data_are_refused():
    with pytest.raises(DataError, match="No gene set"):
        overlaps({"A": ["x"] * 6}, GENES)
