"""Voting: let neighbours or clusters have a say in each cell's type."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

SHARE = 0.5
SMALL_CLUSTER = 10


@dataclass(frozen=True)
class Vote:
    """The outcome of a vote.

    Attributes
    ----------
    probabilities
        (n_cells, n_types), rows sum to one.
    fraction
        (n_cells,), share of the voters, the cell itself among them, whose own best type is the type now called.
    """

    probabilities: np.ndarray
    fraction: np.ndarray


def neighbour_vote(probabilities: np.ndarray, neighbours: np.ndarray, share: float = SHARE) -> Vote:
    """Mix each cell's probabilities with the mean of its neighbours'.

    Parameters
    ----------
    probabilities
        (n_cells, n_types), rows sum to one.
    neighbours
        (n_cells, n_neighbours), row numbers of the other cells nearest to each.
    share
        The neighbours' share in the mixture, 0 to 1.
    """
    mixed = (1 - share) * probabilities + share * probabilities[neighbours].mean(axis=1)
    called = mixed.argmax(axis=1)
    voters = np.column_stack([np.arange(len(neighbours)), neighbours])
    agree = probabilities.argmax(axis=1)[voters] == called[:, None]
    return Vote(mixed, agree.mean(axis=1))


def cluster_vote(
    probabilities: np.ndarray, clusters: np.ndarray, share: float = SHARE, small: int = SMALL_CLUSTER
) -> Vote:
    """Mix each cell's probabilities with the mean of its cluster's; small clusters are left as they are.

    Parameters
    ----------
    probabilities
        (n_cells, n_types), rows sum to one.
    clusters
        (n_cells,), cluster of each cell.
    share
        The cluster's share in the mixture, 0 to 1; at 1 all cells of a cluster get one type.
    small
        Clusters with fewer cells do not vote.
    """
    _, number = np.unique(clusters, return_inverse=True)
    size = np.bincount(number)
    total = np.zeros((len(size), probabilities.shape[1]))
    np.add.at(total, number, probabilities)
    weight = np.where(size[number] >= small, share, 0.0)[:, None]
    mixed = (1 - weight) * probabilities + weight * (total / size[:, None])[number]
    ballots = np.zeros_like(total)
    np.add.at(ballots, (number, probabilities.argmax(axis=1)), 1)
    called = mixed.argmax(axis=1)
    return Vote(mixed, ballots[number, called] / size[number])
