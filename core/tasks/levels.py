"""Levels of labels in a run: the tree, what is learned about it on held-out cells, and the labels of query cells."""

from __future__ import annotations

from typing import cast

import numpy as np
import pandas as pd

from core.annotation.agreement import confusion, per_type
from core.annotation.backoff import NONE, SAFE, Backoff, answers, certainty, fit_backoff
from core.annotation.calibration import LEVELS, label_sets, reliability
from core.annotation.hierarchy import Hierarchy, from_clusters, from_table
from core.annotation.rejection import OpenSet
from core.annotation.transfer import network_logits
from core.data.dataset import Dataset
from core.data.levels import label_levels
from core.errors import SpecError
from core.export.adata import LevelLabels
from core.export.tables import write_table
from core.model import TrainedModel
from core.runs.run import Run
from core.specs import AnnotateSpec
from core.tasks.level_view import safe_labels

TYPES = "cell type"
"""Name of the finest level where the labels have no column of their own."""


def tree_of_columns(reference: Dataset) -> Hierarchy | None:
    """The levels that the columns of ``reference`` make; ``None`` where no coarser column is chosen.

    Raises
    ------
    DataError
        If a label has two parents, or none.
    """
    coarser, finest = reference.source.coarser_columns, reference.label_column
    if not coarser or finest is None:
        return None
    return from_table(label_levels(pd.DataFrame(reference.adata.obs), [*coarser, finest]))


def require_groups(groups: tuple[int, ...], classes: tuple[str, ...]) -> None:
    """Refuse more groups than there are types to put into them.

    Raises
    ------
    SpecError
        If a level has as many groups as there are types, or more.
    """
    if groups and max(groups) >= len(classes):
        remedy = f"Use fewer than {len(classes)}" if len(classes) > 2 else "Leave it empty: two types make no tree"
        raise SpecError("analysis.groups asks for more groups than the types can fill", list(groups), remedy)


def tree_of_groups(model: TrainedModel, values: np.ndarray, labels: np.ndarray) -> Hierarchy | None:
    """The levels that grouping like types makes; ``None`` where the run asks for no groups.

    Types are alike where the networks answer alike: a type's centroid is the mean of its cells' logits.

    Parameters
    ----------
    model
        Its networks.
    values
        (n_cells, n_inputs), reference cells as the networks see them.
    labels
        (n_cells,), type numbers.
    """
    groups = cast("AnnotateSpec", model.spec.analysis).groups
    if not groups:
        return None
    logits = np.mean([network_logits(network, values) for network in model.networks], axis=0)
    centroids = np.stack([logits[labels == kind].mean(axis=0) for kind in range(len(model.classes))])
    source = model.spec.data.reference
    finest = source.label_column if source and source.label_column else TYPES
    return from_clusters(centroids, model.classes, np.bincount(labels), groups, finest)


def learned_levels(
    tree: Hierarchy,
    probabilities: np.ndarray,
    types: np.ndarray,
    folds: np.ndarray,
    known: OpenSet,
    false_label_rate: float,
    run: Run,
) -> Backoff:
    """Learn when labels are safe, and write hierarchy.csv, levels.csv and what was measured at each level.

    Parameters
    ----------
    tree
        The levels.
    probabilities
        (n_held, n_types), calibrated, of held-out reference cells.
    types
        (n_held,), true type numbers.
    folds
        (n_held,), fold of each cell.
    known
        The open set, for how many labels are right when only so many cells get one: of the held-out cells that it
        kept, a sample where there are many.
    """
    backoff = fit_backoff(tree, probabilities, types, false_label_rate)
    levels, table = answers(tree, probabilities, types, folds, false_label_rate)
    write_table(tree.table(), "hierarchy", run.directory)
    write_table(levels, "levels", run.directory)
    write_table(table, "level_answers", run.directory)
    path, truth = tree.path(probabilities), tree.above(types)
    called, told = tree.names(path), tree.names(truth)
    for name, measured in (("level_per_type", per_type), ("level_confusion", confusion)):
        parts = [measured(told[:, k], called[:, k]).assign(level=level) for k, level in enumerate(tree.levels)]
        write_table(_level_first(pd.concat(parts, ignore_index=True)), name, run.directory)
    bins = [
        reliability(part, truth[:, k]).assign(level=level)
        for k, (level, part) in enumerate(zip(tree.levels, tree.summed(probabilities), strict=True))
    ]
    write_table(_level_first(pd.concat(bins, ignore_index=True)), "level_reliability", run.directory)
    if known.held_rows is not None:
        deepest = backoff.deepest(path, certainty(tree, probabilities, path))[known.held_rows]
        write_table(_coverage(tree, (path == truth)[known.held_rows], deepest, known), "level_coverage", run.directory)
    return backoff


def level_labels(backoff: Backoff, probabilities: pd.DataFrame, path: np.ndarray, assigned: np.ndarray) -> LevelLabels:
    """Labels at every level with their probability and label sets, and the deepest that is safe.

    Parameters
    ----------
    backoff
        When a label is safe.
    probabilities
        Cell x type, calibrated, each cell's own.
    path
        (n_cells, n_levels), the labels as called.
    assigned
        (n_cells,), False where the reference does not know the cell; then no label is safe.
    """
    tree = backoff.hierarchy
    own = probabilities.to_numpy()
    summed, sure, names = tree.summed(own), certainty(tree, own, path), tree.names(path)
    table = pd.DataFrame({"cell": probabilities.index})
    for level, part in enumerate(summed):
        table[f"level_{level + 1}"] = names[:, level]
        table[f"level_{level + 1}_probability"] = sure[:, level]
        for share in LEVELS:
            sets = label_sets(part, tree.labels[level], backoff.cutoffs[share][level])
            table[f"level_{level + 1}_set_{100 * share:.0f}"] = sets
    deepest = backoff.deepest(path, sure)
    table["safe_level"] = np.append(np.asarray(tree.levels, dtype=object), "none")[deepest]
    table["safe_label"] = safe_labels(names, deepest, assigned)
    coarser = [
        pd.DataFrame(part, index=probabilities.index, columns=pd.Index(labels))
        for part, labels in zip(summed[:-1], tree.labels[:-1], strict=True)
    ]
    return LevelLabels(tree.levels, table, tuple(coarser))


def _coverage(tree: Hierarchy, right: np.ndarray, deepest: np.ndarray, known: OpenSet) -> pd.DataFrame:
    """Coverage and accuracy of each answer at each cut-off of the open set, as `OpenSet.curve` has them for types.

    ``right`` and ``deepest`` are of the held-out cells that the open set kept.
    """
    curve = known.curve()
    n = np.arange(len(right))
    marks: dict[str, tuple[np.ndarray, np.ndarray]] = {
        level: (np.ones(len(right), dtype=bool), right[:, k]) for k, level in enumerate(tree.levels)
    }
    marks[SAFE] = (deepest > NONE, right[n, deepest])
    parts = []
    for name, (labelled, hit) in marks.items():
        masks = [labelled & (known.held_scores <= cut) for cut in curve["threshold"]]
        part = curve.assign(
            level=name,
            coverage=[mask.mean() for mask in masks],
            accuracy=[hit[mask].mean() if mask.any() else np.nan for mask in masks],
        )
        parts.append(part)
    return _level_first(pd.concat(parts, ignore_index=True))


def _level_first(table: pd.DataFrame) -> pd.DataFrame:
    return table.loc[:, ["level", *(name for name in table if name != "level")]]
