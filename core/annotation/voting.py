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
        (n_cells, n_types), by which the cells are called; rows sum to one.
    ballots
        (n_cells, n_types), share of the voters, the cell itself among them, whose own best type this is.
    voters
        (n_cells,), how many cells ``ballots`` counts.
    """

    probabilities: np.ndarray
    ballots: np.ndarray
    voters: np.ndarray

    @property
    def fraction(self) -> np.ndarray:
        """(n_cells,), share of the voters whose own best type is the type with the most voted probability."""
        return self.fraction_for(self.probabilities.argmax(axis=1))

    def fraction_for(self, called: np.ndarray) -> np.ndarray:
        """(n_cells,), share of the voters whose own best type is the one in ``called``, (n_cells,) type numbers."""
        return self.ballots[np.arange(len(called)), called]


def neighbour_vote(
    probabilities: np.ndarray, neighbours: np.ndarray, share: float = SHARE, own: np.ndarray | None = None
) -> Vote:
    """Mix each cell's probabilities with the mean of its neighbours'.

    Parameters
    ----------
    probabilities
        (n_cells, n_types), rows sum to one.
    neighbours
        (n_cells, n_neighbours), row numbers of the other cells nearest to each.
    share
        The neighbours' share in the mixture, 0 to 1.
    own
        (n_cells,), the type number each cell votes for; None: its most probable one.
    """
    n, k = neighbours.shape
    theirs = np.zeros_like(probabilities, dtype=np.float64)
    ballots = np.zeros(probabilities.shape)
    best = _best(probabilities, own)
    rows = np.arange(n)
    ballots[rows, best] += 1
    for place in range(k):  # one neighbour at a time: all at once would need k copies of the table
        theirs += probabilities[neighbours[:, place]]
        ballots[rows, best[neighbours[:, place]]] += 1
    mixed = (1 - share) * probabilities + share * theirs / k
    return Vote(mixed, ballots / (k + 1), np.full(n, k + 1))


def cluster_vote(
    probabilities: np.ndarray,
    clusters: np.ndarray,
    share: float = SHARE,
    small: int = SMALL_CLUSTER,
    own: np.ndarray | None = None,
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
    own
        (n_cells,), the type number each cell votes for; None: its most probable one.
    """
    number, size, ballots = _counted(probabilities, clusters, own)
    total = np.zeros(ballots.shape)
    np.add.at(total, number, probabilities)
    weight = np.where(size[number] >= small, share, 0.0)[:, None]
    mixed = (1 - weight) * probabilities + weight * (total / size[:, None])[number]
    return Vote(mixed, (ballots / size[:, None])[number], size[number])


def majority_vote(
    probabilities: np.ndarray, clusters: np.ndarray, small: int = SMALL_CLUSTER, own: np.ndarray | None = None
) -> Vote:
    """Every cell gets the type that most cells of its cluster vote for; small clusters are left as they are.

    Parameters
    ----------
    probabilities, clusters, small, own
        As in `cluster_vote`.

    Source: Domínguez Conde et al. 2022, CellTypist's majority voting.
    """
    number, size, ballots = _counted(probabilities, clusters, own)
    shares = (ballots / size[:, None])[number]
    votes = (size[number] >= small)[:, None]
    return Vote(np.where(votes, shares, probabilities), shares, size[number])


def _counted(
    probabilities: np.ndarray, clusters: np.ndarray, own: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Number of each cell's cluster (n_cells,), cells of each (n_clusters,), and ballots (n_clusters, n_types)."""
    _, number = np.unique(clusters, return_inverse=True)
    size = np.bincount(number)
    ballots = np.zeros((len(size), probabilities.shape[1]))
    np.add.at(ballots, (number, _best(probabilities, own)), 1)
    return number, size, ballots


def _best(probabilities: np.ndarray, own: np.ndarray | None) -> np.ndarray:
    return probabilities.argmax(axis=1) if own is None else own
