"""From the probabilities of a query cell to its label: by vote where cells vote, at each level if there are any."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
import pandas as pd

from core.annotation.backoff import Backoff
from core.annotation.hierarchy import Hierarchy, best_types_of
from core.embedding.neighbours import Neighbours
from core.export.adata import LevelLabels
from core.export.tables import write_table
from core.model import TrainedModel
from core.runs.run import Run
from core.specs import AnnotateSpec
from core.tasks.levels import level_labels
from core.tasks.votes import vote_clusters, vote_table, voted


@dataclass(frozen=True)
class Called:
    """The query's labels.

    Attributes
    ----------
    annotation
        annotation.csv: with levels, ``cell_type`` is the best type of the best group; after a vote, the type voted for.
        ``probability`` is always the cell's own, of the type in ``cell_type``.
    levels
        The labels at every level; None where there is one level.
    votes
        votes.csv; None where nobody votes.
    clusters
        vote_clusters.csv; None where no clusters vote.
    """

    annotation: pd.DataFrame
    levels: LevelLabels | None = None
    votes: pd.DataFrame | None = None
    clusters: pd.DataFrame | None = None

    def write(self, run: Run) -> None:
        """Write the tables into the folder of ``run``."""
        write_table(self.annotation, "annotation", run.directory)
        for name, table in (("votes", self.votes), ("vote_clusters", self.clusters)):
            if table is not None:
                write_table(table, name, run.directory)
        if self.levels is not None:
            write_table(self.levels.table, "label_levels", run.directory)
            for number, table in enumerate(self.levels.probabilities, start=1):
                write_table(table.reset_index(), f"level_{number}_probabilities", run.directory)


def backoff_of(model: TrainedModel) -> Backoff | None:
    """When labels of each level are safe; ``None`` where the model's labels have one level."""
    learned = model.learned.get("levels")
    return Backoff.from_dict(learned) if learned else None


def called(
    annotation: pd.DataFrame, probabilities: pd.DataFrame, model: TrainedModel, neighbours: Neighbours | None
) -> Called:
    """The labels of the query.

    Parameters
    ----------
    annotation
        annotation.csv by the most probable types.
    probabilities
        Cell x type, calibrated, each cell's own.
    model
        The model with what it learned about levels.
    neighbours
        Nearest query cells; needed where cells vote.
    """
    backoff = backoff_of(model)
    voting = cast("AnnotateSpec", model.spec.analysis).voting
    if backoff is None and voting is None:
        return Called(annotation)
    tree: Hierarchy | None = backoff.hierarchy if backoff else None
    values, rows = probabilities.to_numpy(), np.arange(len(probabilities))
    own, decided = best_types_of(values, tree), values
    votes = clusters = None
    best = own
    if voting is not None:
        assert neighbours is not None
        found = voted(values, own, neighbours, voting, model.spec.seed)
        decided = found.vote.probabilities
        best = best_types_of(decided, tree)
        votes = vote_table(found, probabilities.index, model.classes, own, best, values[rows, own])
        if found.clusters is not None:
            clusters = vote_clusters(found, model.classes, own, best, voting.least_cells)
    names = np.asarray(model.classes, dtype=object)
    annotation = annotation.assign(cell_type=names[best], probability=values[rows, best])
    levels = None
    if backoff is not None:
        path = backoff.hierarchy.path(decided)
        levels = level_labels(backoff, probabilities, path, annotation["assigned"].to_numpy(bool))
    return Called(annotation, levels, votes, clusters)
