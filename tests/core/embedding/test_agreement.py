"""Measures of pictures and clusters, worked out by hand where they can be."""

from __future__ import annotations

import numpy as np
import pytest

from core.embedding import agreement
from core.embedding.agreement import (
    clustering_agreement,
    neighbour_accuracy,
    neighbours_kept,
    picture_quality,
    silhouette,
    trustworthiness,
)
from core.embedding.neighbours import Neighbours, nearest_neighbours
from core.errors import DataError

GROUP = np.repeat(["a", "b", "c"], 40)
VALUES = np.random.default_rng(0).normal(size=(120, 4)) + 15 * np.eye(4)[np.repeat([0, 1, 2], 40)]


def known(indices: list[list[int]]) -> Neighbours:
    return Neighbours(np.array(indices), np.ones_like(indices, dtype=float), exact=True)


def test_neighbours_kept_by_hand():
    before = known([[1, 2], [0, 2], [0, 1], [0, 1]])
    # cell 0 keeps both, cells 1 and 2 keep one each, cell 3 none
    after = known([[2, 1], [0, 3], [3, 1], [2, 5]])
    assert neighbours_kept(before, after) == 4 / 8


def test_majority_of_neighbours_and_the_nearer_one_on_a_tie():
    neighbours = known([[1, 2], [0, 2], [0, 1]])
    # cells 0 and 1 see a label each: the nearer wins, both times a; cell 2 sees a twice
    assert neighbour_accuracy(neighbours, np.array(["a", "a", "b"])) == pytest.approx(2 / 3)


def test_the_same_space_is_a_perfect_picture():
    found = picture_quality(VALUES, VALUES, GROUP, 0)
    assert found.neighbours_kept == 1
    assert found.trustworthiness == 1
    assert found.accuracy == 1
    assert found.ari == pytest.approx(1)
    assert found.nmi == pytest.approx(1)
    assert found.silhouette is not None
    assert found.silhouette > 0.7


def test_a_shuffled_picture_is_a_poor_one():
    shuffled = np.random.default_rng(1).permutation(VALUES)
    found = picture_quality(VALUES, shuffled, GROUP, 0)
    assert found.neighbours_kept < 0.25
    assert found.trustworthiness < 0.65
    assert found.ari is not None
    assert abs(found.ari) < 0.1


def test_of_many_cells_a_sample_is_measured(monkeypatch):
    monkeypatch.setattr(agreement, "QUALITY_CELLS", 60)
    found = picture_quality(VALUES, VALUES, GROUP, 0)
    assert found.cells == 60 < len(VALUES)
    assert found.neighbours_kept == found.accuracy == 1


def test_without_labels_only_neighbours_are_measured():
    found = picture_quality(VALUES, VALUES[:, :2], None, 0, knn=nearest_neighbours(VALUES, 20))
    assert found.ari is None
    assert 0 < found.neighbours_kept < 1


def test_few_cells_and_a_single_label():
    rng = np.random.default_rng(0)
    assert trustworthiness(VALUES[:5], VALUES[:5], rng) == 1
    assert silhouette(VALUES, np.repeat("a", 120), rng) is None


def test_twenty_runs_of_k_means():
    table = clustering_agreement({"input": VALUES, "code": VALUES[:, :3]}, GROUP, 0)
    assert list(table.columns) == ["first", "second", "run", "nmi"]
    assert table.groupby(["first", "second"]).size().to_dict() == {
        ("code", "labels"): 20,
        ("input", "code"): 20,
        ("input", "labels"): 20,
    }
    assert table["nmi"].median() == pytest.approx(1)
    with pytest.raises(DataError, match="single label"):
        clustering_agreement({"input": VALUES}, np.repeat("a", 120), 0)
