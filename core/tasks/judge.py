"""What the members of an annotation model say about cells, and how sure one may be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, cast

import numpy as np
import pandas as pd

from core.annotation.boosted import BoostedMember
from core.annotation.calibration import Calibration, label_sets
from core.annotation.held_out import Ballots
from core.annotation.linear import LinearMember
from core.annotation.rejection import OpenSet
from core.annotation.shares import KINDS, Kind, Said, Shares, learned_shares, set_shares
from core.annotation.transfer import Votes, best_types, joined, mean_votes, network_answers, scalings
from core.data.align import Aligned
from core.data.blocks import Matrix, loaded
from core.data.transform import FittedTransform
from core.model import TrainedModel
from core.networks.network import Network
from core.specs import AnnotateSpec, RunSpec
from core.training.precision import matrix_precision

LEAST_FOR_OWN_STATISTICS = 50
"""Fewer query cells than this are scaled by the reference alone: their own means would say too little."""


@dataclass(frozen=True)
class Members:
    """Networks, a linear member and boosted trees that vote together, with the transform they were trained behind.

    ``shares``: how much each kind has to say; as the settings have it until it is learned. ``precision``: the one that
    the networks were trained in, and answer in.
    """

    networks: tuple[Network, ...]
    linear: LinearMember | None
    boosted: BoostedMember | None
    transform: FittedTransform
    spec: AnnotateSpec
    shares: Shares
    precision: str

    @classmethod
    def of(cls, model: TrainedModel) -> Members:
        """The members of a trained model."""
        linear, boosted = (model.learned.get(name) for name in ("linear", "boosted"))
        made = cls.before_learning(
            model.networks,
            LinearMember.from_dict(linear) if linear else None,
            BoostedMember.from_dict(boosted) if boosted else None,
            model.transform,
            model.spec,
        )
        shares = model.learned.get("shares")
        return replace(made, shares=Shares.from_dict(shares)) if shares else made

    @classmethod
    def before_learning(
        cls,
        networks: tuple[Network, ...],
        linear: LinearMember | None,
        boosted: BoostedMember | None,
        transform: FittedTransform,
        run: RunSpec,
    ) -> Members:
        """Members with the shares that the settings give them."""
        spec = cast("AnnotateSpec", run.analysis)
        there = (bool(networks), linear is not None, boosted is not None)
        kinds: list[Kind] = [kind for kind, is_there in zip(KINDS, there, strict=True) if is_there]
        shares = set_shares(kinds, spec.linear_weight, spec.boosted_weight)
        return cls(networks, linear, boosted, transform, spec, shares, run.training.precision)

    def taught(self, told: Ballots, labels: np.ndarray) -> Members:
        """The same with shares learned from held-out cells, where the settings ask for it.

        ``labels``: (n_cells,) types of the reference.
        """
        if self.spec.member_shares == "set" or len(told.said) < 2:
            return self
        return replace(self, shares=learned_shares(told.said, labels[told.rows]))

    def learned(self) -> dict[str, Any]:
        """What the model file keeps of the members beside the networks."""
        beside = {"linear": self.linear, "boosted": self.boosted, "shares": self.shares}
        return {name: part.to_dict() for name, part in beside.items() if part is not None}

    @property
    def each_share(self) -> np.ndarray:
        """(n_members,), the share of every member in the mean logit: networks, linear member, trees."""
        sizes: dict[Kind, int] = {"networks": len(self.networks), "linear": 1, "boosted": 1}
        parts = [np.full(sizes[kind], weight / sizes[kind]) for kind, weight in self.shares.weights.items()]
        return np.concatenate(parts)

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
        said, values = self.said(cells, by)
        return self.shares.joined(said), values

    def said(self, cells: Aligned, by: tuple[FittedTransform, ...] = ()) -> tuple[Said, np.ndarray]:
        """As `votes`, each kind of member by itself."""
        seen = self.seen(cells, by)
        return self.said_of(seen), seen[-1]

    def seen(self, cells: Aligned, by: tuple[FittedTransform, ...] = ()) -> list[np.ndarray]:
        """The network input (n_cells, n_inputs) of each view of ``cells``; ``by`` as for `votes`."""
        normalised = loaded(self.transform.normalise(cells))
        return [dense(transform.scale(normalised)) for transform in by or self.transforms(cells)]

    def said_of(self, seen: Sequence[np.ndarray]) -> Said:
        """What each kind of member says of cells, from the network input (n_cells, n_inputs) of each view."""
        return self.judged(seen)[0]

    def judged(self, seen: Sequence[np.ndarray]) -> tuple[Said, np.ndarray]:
        """As `said_of`, and the code (n_cells, n_units) that the first network gives the first view."""
        answers = [self.answers(values) for values in seen]
        views: list[dict[Kind, Votes]] = [
            {kind: joined(logits) for kind, logits in found.items()} for found, _ in answers
        ]
        return {kind: mean_votes([view[kind] for view in views]) for kind in views[0]}, answers[0][1]

    def logits(self, values: np.ndarray) -> dict[Kind, list[np.ndarray]]:
        """Logits (n_cells, n_types) of every member about (n_cells, n_inputs) transformed cells, by kind."""
        return self.answers(values)[0]

    def answers(self, values: np.ndarray) -> tuple[dict[Kind, list[np.ndarray]], np.ndarray]:
        """As `logits`, and the first network's code (n_cells, n_units), without units where there is no network."""
        found: dict[Kind, list[np.ndarray]] = {}
        code = np.zeros((len(values), 0), dtype=np.float32)
        if self.networks:
            with matrix_precision(self.precision):
                asked = [network_answers(network, values) for network in self.networks]
            found["networks"], code = [logits for logits, _ in asked], asked[0][1]
        if self.linear is not None:
            found["linear"] = [self.linear.logits(values)]
        if self.boosted is not None:
            found["boosted"] = [self.boosted.logits(values)]
        return found, code


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
