from __future__ import annotations

import numpy as np

from core.annotation.voting import cluster_vote, neighbour_vote

CELLS = np.array([[0.6, 0.4], [0.2, 0.8], [0.1, 0.9]])


def test_neighbours_outvote_a_hesitant_cell():
    vote = neighbour_vote(CELLS, np.array([[1, 2], [0, 2], [0, 1]]), share=0.5)
    np.testing.assert_allclose(vote.probabilities[0], [0.375, 0.625])
    np.testing.assert_allclose(vote.fraction, 2 / 3)


def test_no_share_changes_nothing():
    vote = neighbour_vote(CELLS, np.array([[1, 2], [0, 2], [0, 1]]), share=0)
    np.testing.assert_allclose(vote.probabilities, CELLS)


def test_a_cluster_at_full_share_has_one_answer():
    vote = cluster_vote(CELLS, np.array(["a", "a", "a"]), share=1, small=2)
    np.testing.assert_allclose(vote.probabilities, np.tile([0.3, 0.7], (3, 1)))
    np.testing.assert_allclose(vote.fraction, 2 / 3)


def test_small_clusters_are_left_alone():
    vote = cluster_vote(CELLS, np.array(["a", "b", "b"]), share=1, small=2)
    np.testing.assert_allclose(vote.probabilities[0], CELLS[0])
    np.testing.assert_allclose(vote.fraction, 1)
