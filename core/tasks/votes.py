"""Votes among the query cells of a run: who has a say in whose type, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.annotation.voting import Vote, cluster_vote, majority_vote, neighbour_vote
from core.embedding.clusters import leiden
from core.embedding.neighbours import Neighbours
from core.specs import VotingSpec


@dataclass(frozen=True)
class Voted:
    """``vote`` and, where clusters voted, ``clusters``: (n_cells,) numbers from 1, the largest cluster first."""

    vote: Vote
    clusters: np.ndarray | None


def voted(probabilities: np.ndarray, own: np.ndarray, neighbours: Neighbours, spec: VotingSpec, seed: int) -> Voted:
    """Let query cells vote.

    Parameters
    ----------
    probabilities
        (n_cells, n_types), each cell's own.
    own
        (n_cells,), the type number each cell votes for.
    neighbours
        Nearest query cells, as the picture of the cells by their genes has them.
    spec
        Who votes.
    seed
        For the clusters.
    """
    if spec.over == "neighbours":
        near = neighbours.first(spec.neighbours).indices
        return Voted(neighbour_vote(probabilities, near, spec.share, own), None)
    clusters = leiden(neighbours, seed, resolution=spec.resolution) + 1
    if spec.over == "majority":
        return Voted(majority_vote(probabilities, clusters, spec.least_cells, own), clusters)
    return Voted(cluster_vote(probabilities, clusters, spec.share, spec.least_cells, own), clusters)


def vote_table(
    found: Voted, cells: pd.Index, types: tuple[str, ...], own: np.ndarray, called: np.ndarray, sure: np.ndarray
) -> pd.DataFrame:
    """One row for each cell: cell, own_type, own_probability, vote_fraction, voters and, of clusters, cluster.

    Parameters
    ----------
    own, called
        (n_cells,), type numbers before and after the vote.
    sure
        (n_cells,), the cell's own probability of ``own``.
    """
    names = np.asarray(types, dtype=object)
    table = pd.DataFrame(
        {
            "cell": cells,
            "own_type": names[own],
            "own_probability": sure,
            "vote_fraction": found.vote.fraction_for(called),
            "voters": found.vote.voters,
        }
    )
    return table if found.clusters is None else table.assign(cluster=found.clusters.astype(str))


def vote_clusters(
    found: Voted, types: tuple[str, ...], own: np.ndarray, called: np.ndarray, least_cells: int
) -> pd.DataFrame:
    """One row for each cluster and each type that its cells vote for, the largest share first.

    Returns
    -------
    Columns cluster, cells, voted (False for small clusters, whose cells keep their own type), cell_type,
    vote_fraction (share of the cluster's cells whose own best type this is) and called (cells called so in the end).
    """
    assert found.clusters is not None
    names = np.asarray(types, dtype=object)
    table = pd.DataFrame({"cluster": found.clusters, "cell_type": names[own], "called": names[called]})
    ballots = table.value_counts(["cluster", "cell_type"], sort=False).rename("ballots")
    given = table.value_counts(["cluster", "called"], sort=False).rename("called")
    rows = pd.concat([ballots, given.rename_axis(["cluster", "cell_type"])], axis=1).fillna(0).astype(int).reset_index()
    rows["cells"] = rows.groupby("cluster")["ballots"].transform("sum")
    rows["voted"] = rows["cells"] >= least_cells
    rows["vote_fraction"] = rows["ballots"] / rows["cells"]
    rows = rows.sort_values(["cluster", "ballots", "cell_type"], ascending=[True, False, True])
    columns = ["cluster", "cells", "voted", "cell_type", "vote_fraction", "called"]
    return rows.loc[:, columns].reset_index(drop=True).astype({"cluster": str})
