"""Markers of the reference looked up in a query, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from core.annotation.marker_panels import marker_sets, own_type_share, set_size, side_by_side
from core.data.markers import group_scores, marker_scores
from tests.core.data.toys import toy

GENES = ["OnlyA", "OnlyB", "Same"]
REFERENCE = toy([[4, 0, 1], [6, 0, 1], [0, 3, 1], [0, 5, 1]], GENES, list("aabb"), unit="log1p")
QUERY = toy([[2, 0, 1], [0, 1, 1], [0, 3, 1]], GENES, role="query", unit="log1p")


def scores(groups: list[int]):
    return marker_scores(REFERENCE), group_scores(QUERY, np.array(groups), ("a", "b"))


def test_both_files_show_the_same_genes_and_each_is_scaled_by_its_own_highest_mean():
    dots = side_by_side(*scores([0, 1, 1]), 1).set_index(["source", "cell_type", "gene"])
    assert dots.loc[("reference", "a", "OnlyA"), "mean"] == 5 and dots.loc[("query", "a", "OnlyA"), "mean"] == 2
    assert dots.loc[("reference", "a", "OnlyA"), "level"] == dots.loc[("query", "a", "OnlyA"), "level"] == 1
    assert dots.loc[("query", "b", "OnlyB"), ["share", "cells"]].tolist() == [1, 2]
    assert dots["marker_of"].unique().tolist() == ["a", "b"]


def test_markers_are_highest_where_labels_are_right_and_not_where_they_are_swapped():
    assert own_type_share(side_by_side(*scores([0, 1, 1]), 1)) == {"markers": 2, "own": 2, "share": 1, "chance": 0.5}
    assert own_type_share(side_by_side(*scores([1, 0, 0]), 1))["own"] == 0


def test_a_type_that_no_cell_is_called_cannot_be_looked_at():
    found = own_type_share(side_by_side(*scores([0, 0, 0]), 1))
    assert found["markers"] == 1 and found["chance"] == 1


def test_small_groups_have_no_marker_set():
    query = scores([0, 1, 1])[1]
    assert list(marker_sets(query, 1, least_cells=2)) == ["b"]


@pytest.mark.parametrize(("wanted", "universe", "size"), [(100, 5000, 100), (100, 300, 30), (100, 20, 5), (9, 3, 3)])
def test_a_set_is_at_most_a_tenth_of_all_genes(wanted: int, universe: int, size: int):
    assert set_size(wanted, universe) == size
