from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.interpretation.top_genes import by_gene, stability, top_genes, union_of_top

GRADIENT = np.array([0.1, -0.5, 0.0, 0.3, -0.2, 0.3])


@pytest.mark.parametrize(("sign", "known"), [("absolute", [1, 3, 5, 4]), ("positive", [3, 5, 0]), ("negative", [1, 4])])
def test_the_strongest_come_first_and_ties_keep_their_order(sign, known):
    assert top_genes(GRADIENT, 4, sign).tolist() == known


def test_the_union_lists_each_gene_at_the_first_type_that_names_it():
    both = np.stack([GRADIENT, -GRADIENT])
    assert union_of_top(both, 2, "positive").tolist() == [3, 5, 1, 4]
    assert union_of_top(both, 2, "absolute").tolist() == [1, 3]


@given(arrays(float, (4, 6), elements=st.floats(-5, 5, width=16)))
def test_scaled_genes_have_mean_0_and_deviation_1_or_are_0(values):
    scaled = by_gene(values)
    np.testing.assert_allclose(scaled.mean(axis=0), 0, atol=1e-6)
    spread = scaled.std(axis=0, ddof=1)
    assert np.all(np.isclose(spread, 1, atol=1e-6) | (spread == 0))


def test_a_gene_that_is_alike_in_all_types_is_0():
    assert not by_gene(np.ones((3, 2))).any() and not by_gene(np.array([[1.0, 2.0]])).any()


def test_networks_share_what_they_have_in_common():
    other = np.array([0.9, -0.5, 0.0, 0.3, -0.2, 0.0])
    common, in_all = stability([GRADIENT, GRADIENT, other], 2, "positive")
    assert common == pytest.approx((1 + 0.5 + 0.5) / 3) and in_all == 1
    alone, genes = stability([GRADIENT], 2, "positive")
    assert np.isnan(alone) and genes == 2
