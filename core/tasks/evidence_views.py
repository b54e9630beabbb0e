"""One query cell as the members of a run saw it: what they made of it, and what each gene added."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.annotation.calibration import Calibration
from core.annotation.shares import Kind
from core.annotation.transfer import Votes, joined, mean_votes
from core.data.align import Aligned
from core.interpretation.integrated import (
    Attributions,
    Projection,
    integrated_gradients,
    linear_attributions,
    shared_out,
    weighted,
)
from core.tasks.evidence_sets import Sets, projection_of
from core.tasks.judge import Members
from core.tasks.type_averages import scaled_genes

STEPS = 64


@dataclass(frozen=True)
class View:
    """The cell in one scaling of the query.

    ``cell``: (n_genes,), scaled, before components are taken; ``through``: the components of this view, if any.
    ``moved``: (n_genes,), how far the centre of the components lies from that of the reference; 0 without them.
    """

    cell: np.ndarray
    through: Projection | None
    moved: np.ndarray

    def inputs(self, values: np.ndarray) -> np.ndarray:
        """(n, n_genes) scaled genes -> (n, n_inputs), what the members are given."""
        if self.through is None:
            return values
        return np.asarray((values - self.through.centre) @ self.through.loadings.T, dtype=np.float32)


def seen_by(sets: Sets, number: int) -> tuple[Aligned, list[View]]:
    """The query cell of that number in the model's genes as the run judged it, and its view in each scaling."""
    one, learned = sets.judged.rows(np.array([number])).in_memory(), sets.model.transform
    still = np.zeros(len(sets.model.genes), dtype=np.float32)
    views = []
    for transform in sets.members.transforms(sets.judged):
        own, reference = transform.centre, learned.centre
        moved = still if own is None or reference is None else own - reference
        views.append(View(scaled_genes(transform, one)[0], projection_of(transform), moved))
    return one, views


def probabilities(sets: Sets, views: list[View]) -> np.ndarray:
    """(n_types,), calibrated, of the very values that are explained."""
    members = sets.members
    heard: list[dict[Kind, Votes]] = [
        {kind: joined(logits) for kind, logits in members.logits(view.inputs(view.cell[None])).items()}
        for view in views
    ]
    votes = members.shares.joined({kind: mean_votes([view[kind] for view in heard]) for kind in heard[0]})
    calibration = Calibration.from_dict(sets.model.learned["calibration"])
    return votes.probabilities(calibration.temperature)[0]


def mean_of_views(
    members: Members, views: list[View], start: np.ndarray, contrast: np.ndarray
) -> tuple[Attributions, np.ndarray]:
    """Attributions of the members' mean logit, and their standard deviation over the networks (n_genes,).

    Parameters
    ----------
    members
        All that vote.
    views
        Of one cell.
    start
        (n_genes,), the average cell that the path begins at, scaled by the reference.
    contrast
        (1, n_types), weights of the logits.
    """
    found, spreads = [], []
    for view in views:
        cell, begin, through = view.cell[None], start + view.moved, view.through
        parts = [
            integrated_gradients(network, cell, begin, contrast, steps=STEPS, projection=through)
            for network in members.networks
        ]
        each = np.stack([part.values[0, 0] for part in parts]) if parts else np.zeros((0, len(start)))
        spreads.append(each.std(axis=0, ddof=1) if len(each) > 1 else np.full(len(start), np.nan))
        if members.linear is not None:
            parts.append(linear_attributions(members.linear.weight, cell, begin, contrast, projection=through))
        if members.boosted is not None:
            parts.append(shared_out(members.boosted.attributions, cell, begin, contrast, projection=through))
        found.append(weighted(parts, members.each_share))
    return weighted(found, np.full(len(found), 1 / len(found))), np.mean(spreads, axis=0)


def margin(members: Members, view: View, first: int, second: int) -> Callable[[np.ndarray], np.ndarray]:
    """(n, n_genes) scaled genes -> (n,), mean logit of one type minus that of another."""

    def lead(values: np.ndarray) -> np.ndarray:
        parts = [logits for of_kind in members.logits(view.inputs(values)).values() for logits in of_kind]
        return members.each_share @ np.stack([part[:, first] - part[:, second] for part in parts])

    return lead
