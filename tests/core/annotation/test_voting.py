from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.annotation.voting import cluster_vote, majority_vote, neighbour_vote

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


def test_the_voters_of_a_cell_are_its_neighbours_and_itself():
    vote = neighbour_vote(CELLS, np.array([[1, 2], [0, 2], [0, 1]]))
    np.testing.assert_allclose(vote.ballots, np.tile([1 / 3, 2 / 3], (3, 1)))
    assert vote.voters.tolist() == [3, 3, 3]
    np.testing.assert_allclose(vote.fraction_for(np.array([0, 1, 1])), [1 / 3, 2 / 3, 2 / 3])


def test_a_cell_may_vote_for_another_type_than_its_most_probable():
    vote = neighbour_vote(CELLS, np.array([[1, 2], [0, 2], [0, 1]]), own=np.array([0, 0, 1]))
    np.testing.assert_allclose(vote.ballots[0], [2 / 3, 1 / 3])


def test_the_majority_of_a_cluster_takes_all_its_cells_and_small_clusters_stay():
    probabilities = np.vstack([CELLS, [[0.9, 0.1]]])
    vote = majority_vote(probabilities, np.array(["a", "a", "a", "b"]), small=2)
    np.testing.assert_allclose(vote.probabilities[:3], np.tile([1 / 3, 2 / 3], (3, 1)))
    np.testing.assert_allclose(vote.probabilities[3], [0.9, 0.1])
    np.testing.assert_allclose(vote.fraction, [2 / 3, 2 / 3, 2 / 3, 1])
    assert vote.voters.tolist() == [3, 3, 3, 1]


@given(st.integers(2, 30), st.integers(2, 5), st.integers(0, 99), st.floats(0, 1))
def test_voted_probabilities_and_ballots_sum_to_one(n_cells, n_types, seed, share):
    rng = np.random.default_rng(seed)
    probabilities = rng.dirichlet(np.ones(n_types), n_cells)
    others = np.array([rng.permutation(np.delete(np.arange(n_cells), i))[: n_cells - 1] for i in range(n_cells)])
    clusters = rng.integers(0, 3, n_cells)
    for vote in (
        neighbour_vote(probabilities, others, share),
        cluster_vote(probabilities, clusters, share, 3),
        majority_vote(probabilities, clusters, 3),
    ):
        np.testing.assert_allclose(vote.probabilities.sum(axis=1), 1)
        np.testing.assert_allclose(vote.ballots.sum(axis=1), 1)
        assert ((vote.fraction >= 0) & (vote.fraction <= 1)).all()
