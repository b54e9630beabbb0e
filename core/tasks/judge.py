"""What the members of an annotation model say about cells, and how sure one may be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

import numpy as np
import pandas as pd

from core.annotation.calibration import Calibration, label_sets
from core.annotation.linear import LinearMember
from core.annotation.rejection import OpenSet
from core.annotation.transfer import Votes, best_types, joined, mean_votes, member_shares, network_logits, scalings
from core.data.align import Aligned
from core.data.blocks import Matrix, loaded
from core.data.transform import FittedTransform
from core.model import TrainedModel
from core.networks.network import Network
from core.specs import AnnotateSpec

LEAST_FOR_OWN_STATISTICS = 50
"""Fewer query cells than this are scaled by the reference alone: their own means would say too little."""


@dataclass(frozen=True)
class Members:
    """Networks and a linear member that vote together, with the transform they were trained behind."""

    networks: tuple[Network, ...]
    linear: LinearMember | None
    transform: FittedTransform
    spec: AnnotateSpec

    @classmethod
    def of(cls, model: TrainedModel) -> Members:
        """The members of a trained model."""
        linear = model.learned.get("linear")
        member = LinearMember.from_dict(linear) if linear else None
        return cls(model.networks, member, model.transform, cast("AnnotateSpec", model.spec.analysis))

    def views(self, n_cells: int) -> list[Literal["learned", "own"]]:
        """By whose statistics cells are scaled, the first being the one for distances."""
        if not self.transform.scales or n_cells < LEAST_FOR_OWN_STATISTICS:
            return ["learned"]
        return ["learned" if view == "reference" else "own" for view in scalings(self.spec.query_scaling)]

    def transforms(self, cells: Aligned) -> tuple[FittedTransform, ...]:
        """The transform of each view; what a view learns, it learns from all of ``cells``."""
        views = self.views(cells.values.shape[0])
        return tuple(self.transform.own(cells) if view == "own" else self.transform for view in views)

    def votes(self, cells: Aligned, by: tuple[FittedTransform, ...] = ()) -> tuple[Votes, np.ndarray]:
        """Votes on ``cells``, and the network input (n_cells, n_inputs) of the last view, for distances.

        ``by``: transforms that were learned from more cells than these; from these by default.
        """
        seen: list[Votes] = []
        values = np.empty(0)
        for transform in by or self.transforms(cells):
            values = dense(transform.apply(cells))
            logits = [network_logits(network, values) for network in self.networks]
            if self.linear is not None:
                logits.append(self.linear.logits(values))
            shares = member_shares(len(self.networks), self.linear is not None, self.spec.linear_weight)
            seen.append(joined(logits, shares))
        return mean_votes(seen), values


def annotation(
    cells: pd.Index,
    votes: Votes,
    values: np.ndarray,
    classes: tuple[str, ...],
    calibration: Calibration,
    known: OpenSet,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The tables annotation (one row for each cell) and probabilities (cell x type).

    ``annotation``: cell, cell_type (always the best type), probability, assigned, open_set_score, label_set_90,
    label_set_95.
    """
    probabilities = votes.probabilities(calibration.temperature)
    scores = known.scores(values, votes.logits)
    table = best_types(probabilities, classes, cells)
    table["assigned"] = known.assigned(scores)
    table["open_set_score"] = scores
    for level in (0.9, 0.95):
        table[f"label_set_{level * 100:.0f}"] = label_sets(probabilities, classes, calibration.cutoffs[level])
    return table, pd.DataFrame(probabilities, index=pd.Index(cells, name="cell"), columns=pd.Index(classes))


def dense(values: Matrix) -> np.ndarray:
    """``values`` as a dense array in memory, float32."""
    values = loaded(values)
    return np.asarray(values if isinstance(values, np.ndarray) else values.toarray(), dtype=np.float32)
