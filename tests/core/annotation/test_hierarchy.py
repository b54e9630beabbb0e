from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.annotation.hierarchy import Hierarchy, from_clusters, from_table
from core.errors import SpecError

TREE = from_table(
    pd.DataFrame(
        {
            "lineage": ["L", "L", "L", "L", "M"],
            "coarse": ["T", "T", "T", "B", "Mono"],
            "fine": ["CD4 naive", "CD4 memory", "CD8", "B", "Mono"],
        }
    )
)
"""Types in the order B, CD4 memory, CD4 naive, CD8, Mono."""


def cells(n_types: int = 5) -> st.SearchStrategy[np.ndarray]:
    share = st.floats(1e-6, 1)
    rows = st.lists(st.lists(share, min_size=n_types, max_size=n_types), min_size=1, max_size=20)
    return rows.map(lambda values: np.array(values) / np.array(values).sum(axis=1, keepdims=True))


def test_the_types_are_the_last_level_and_in_alphabetical_order():
    assert TREE.labels == (("L", "M"), ("B", "Mono", "T"), ("B", "CD4 memory", "CD4 naive", "CD8", "Mono"))
    assert [parents.tolist() for parents in TREE.parents] == [[0, 1, 0], [0, 2, 2, 2, 1]]


def test_probabilities_are_summed_upward():
    lineage, coarse, fine = TREE.summed(np.array([[0.4, 0.2, 0.2, 0.15, 0.05]]))
    np.testing.assert_allclose(coarse, [[0.4, 0.05, 0.55]])
    np.testing.assert_allclose(lineage, [[0.95, 0.05]])
    np.testing.assert_array_equal(fine, [[0.4, 0.2, 0.2, 0.15, 0.05]])


def test_the_best_group_is_chosen_before_the_best_type_in_it():
    path = TREE.path(np.array([[0.4, 0.2, 0.25, 0.1, 0.05]]))
    assert TREE.names(path).tolist() == [["L", "T", "CD4 naive"]]


@given(cells())
def test_a_parent_is_exactly_the_sum_of_its_children(probabilities):
    summed = TREE.summed(probabilities)
    for level, parents in enumerate(TREE.parents):
        for parent in range(len(TREE.labels[level])):
            children = np.flatnonzero(parents == parent)
            total = np.zeros(len(probabilities))
            for child in children:
                total = total + summed[level + 1][:, child]
            np.testing.assert_array_equal(summed[level][:, parent], total)
        np.testing.assert_allclose(summed[level].sum(axis=1), 1)


@given(cells())
def test_no_two_levels_conflict(probabilities):
    path = TREE.path(probabilities)
    np.testing.assert_array_equal(path, TREE.above(path[:, -1]))
    certainty = [part[np.arange(len(path)), path[:, level]] for level, part in enumerate(TREE.summed(probabilities))]
    assert (np.diff(np.column_stack(certainty), axis=1) <= 0).all()  # a parent is at least as likely as its child


def test_one_level_gives_the_most_probable_type():
    flat = from_table(pd.DataFrame({"fine": ["a", "b", "c"]}))
    probabilities = np.array([[0.2, 0.5, 0.3], [0.6, 0.1, 0.3]])
    np.testing.assert_array_equal(flat.path(probabilities)[:, 0], probabilities.argmax(axis=1))


def test_a_label_with_one_child_is_known_as_such():
    assert TREE.only_child(0).tolist() == [False, True]
    assert TREE.only_child(1).tolist() == [True, True, False]
    assert not TREE.only_child(2).any()


def test_it_comes_back_from_json():
    back = Hierarchy.from_dict(json.loads(json.dumps(TREE.to_dict())))
    pd.testing.assert_frame_equal(back.table(), TREE.table())
    assert back.origin == "columns"


CENTROIDS = np.array([[5, 5, 0, 0, 0.0], [5, 4, 0, 0, 0.1], [0, 0, 5, 4, 0], [0, 0, 4, 5, 0], [0, 0, 1, 0, 6]])
TYPES = ("CD4", "CD8", "Mono", "DC", "B")


def test_types_with_like_centroids_are_grouped_and_named_by_the_commonest():
    tree = from_clusters(CENTROIDS, TYPES, np.array([9, 5, 7, 8, 3]), [3, 4], "cell_type")
    assert tree.levels == ("3 groups", "4 groups", "cell_type")
    assert set(tree.labels[0]) == {"CD4 + CD8", "DC + Mono", "B"}
    assert tree.origin == "clusters"
    assert tree.labels[-1] == tuple(sorted(TYPES))


def test_large_groups_are_named_by_two_members():
    tree = from_clusters(np.vstack([CENTROIDS[:1]] * 4 + [CENTROIDS[2:3]] * 2), tuple("abcdef"), np.arange(6), [2], "x")
    assert "d + c + 2 more" in tree.labels[0]


def test_the_order_of_the_types_does_not_matter():
    order = np.array([3, 1, 4, 0, 2])
    size = np.array([9, 5, 7, 8, 3])
    one = from_clusters(CENTROIDS, TYPES, size, [2, 3], "cell_type").table()
    two = from_clusters(CENTROIDS[order], [TYPES[i] for i in order], size[order], [2, 3], "cell_type").table()
    pd.testing.assert_frame_equal(one, two)


def test_as_many_groups_as_types_are_refused():
    with pytest.raises(SpecError, match="too few types"):
        from_clusters(CENTROIDS, TYPES, np.ones(5), [2, 5], "cell_type")
