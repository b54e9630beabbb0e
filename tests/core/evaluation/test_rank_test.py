from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from core.evaluation.rank_test import distances, rank_test, ranks
from tests.core.evaluation.toy import one_fold


def test_perfect_copies_are_first_both_ways():
    profiles = np.random.default_rng(0).normal(size=(6, 20))
    for measure in ("spearman", "mse"):
        found = ranks(profiles, profiles, measure)
        assert found.forward.tolist() == [1] * 6
        assert found.reverse.tolist() == [1] * 6


def test_ranks_by_hand():
    profiles = np.array([[0.0], [1.0], [5.0]])
    reproduced = np.array([[2.0], [1.1], [0.9]])
    found = ranks(profiles, reproduced, "mse")
    # From 0: the cell at 1 is nearer than its own copy at 2. From 5: 1 (4 away) is nearer than 0.9 (4.1 away).
    assert found.forward.tolist() == [2, 1, 2]
    # To 2: 1 is nearer than 0. To 0.9: 1, then 0, then 5.
    assert found.reverse.tolist() == [2, 1, 3]


def test_spearman_distance_is_that_of_scipy():
    rng = np.random.default_rng(1)
    left, right = rng.integers(0, 5, (4, 15)).astype(float), rng.normal(size=(3, 15))
    expected = [[1 - spearmanr(a, b).statistic for b in right] for a in left]
    np.testing.assert_allclose(distances(left, right, "spearman"), expected)


@given(st.integers(2, 12))
def test_squared_distance_is_the_mean_over_genes(n_genes):
    rng = np.random.default_rng(n_genes)
    left, right = rng.normal(size=(3, n_genes)), rng.normal(size=(5, n_genes))
    expected = ((left[:, None] - right[None]) ** 2).mean(axis=2)
    np.testing.assert_allclose(distances(left, right, "mse"), expected, atol=1e-12)


def test_rows_hold_shares_for_each_method():
    found = {(row["method"], row["metric"]): row["value"] for row in rank_test(one_fold())}
    assert {method for method, _ in found} == {"autoencoder", "classifier_autoencoder", "pca"}
    assert found["autoencoder", "first_rank_share"] == pytest.approx(found["pca", "first_rank_share"])
    assert 0.5 < found["pca", "first_rank_share_mse"] <= 1
    assert found["pca", "wilcoxon_p_mse"] < 0.05
