"""How much each kind of member has to say: set by hand, or learned from cells that no member saw."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from scipy.special import log_softmax, logsumexp

from core.annotation.calibration import temperature
from core.annotation.transfer import Votes

Kind = Literal["networks", "linear", "boosted"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Said = Mapping[Kind, Votes]
"""What each kind of member says about the same cells, its own members and the views of the cells averaged."""
STEPS = 500
EVEN = 0.5
"""How far learned weights are drawn to equal ones: few held-out cells say little, and a query differs from them."""


@dataclass(frozen=True)
class Shares:
    """Weight and temperature of each kind of member; kept in the model file.

    Attributes
    ----------
    weights
        By kind, sum to one.
    temperatures
        By kind; divide its log-probabilities before they are averaged, so that no kind is heard for being loud.
    """

    weights: Mapping[Kind, float]
    temperatures: Mapping[Kind, float]

    def joined(self, said: Said) -> Votes:
        """The weighted mean of probabilities, and of logits."""
        weights = np.array([self.weights[kind] for kind in said])[:, None, None]
        mean = logsumexp(np.stack([self._cooled(kind, votes) for kind, votes in said.items()]), b=weights, axis=0)
        return Votes(np.asarray(mean), (weights * np.stack([votes.logits for votes in said.values()])).sum(axis=0))

    def _cooled(self, kind: Kind, votes: Votes) -> np.ndarray:
        return log_softmax(votes.log_probabilities / self.temperatures[kind], axis=1)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for the model file's JSON."""
        return {"weights": dict(self.weights), "temperatures": dict(self.temperatures)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Shares:
        """The shares that `to_dict` wrote."""
        return cls(dict(values["weights"]), dict(values["temperatures"]))


def set_shares(kinds: Collection[Kind], linear: float, boosted: float) -> Shares:
    """Shares as a user sets them; the networks have what the others leave.

    Parameters
    ----------
    kinds
        Kinds that there are. One that stands alone has the whole say.
    linear, boosted
        Weights of the linear member and of the trees, 0 to 1.
    """
    asked: dict[Kind, float] = {"linear": linear, "boosted": boosted}
    others: dict[Kind, float] = {kind: asked[kind] for kind in kinds if kind != "networks"}
    weights: dict[Kind, float] = {kind: others.get(kind, 1 - sum(others.values())) for kind in kinds}
    whole = sum(weights.values())
    even = 1 / len(weights)
    shares: dict[Kind, float] = {kind: weights[kind] / whole if whole > 0 else even for kind in weights}
    return Shares(shares, dict.fromkeys(kinds, 1.0))


def learned_shares(said: Said, labels: np.ndarray) -> Shares:
    """Shares by which held-out cells are most probable, drawn half-way to equal ones.

    Each kind has its own temperature first. The weights are those of a mixture, found by expectation maximisation.

    Parameters
    ----------
    said
        On held-out cells.
    labels
        (n_held,), true type numbers.

    Source: Breiman 1996 (stacking, weights of zero or more); Guo et al. 2017 (temperature).
    """
    rows = np.arange(len(labels))
    heat: dict[Kind, float] = {kind: temperature(votes.log_probabilities, labels) for kind, votes in said.items()}
    true = np.stack([log_softmax(said[kind].log_probabilities / heat[kind], axis=1)[rows, labels] for kind in said])
    weights = np.full(len(true), 1 / len(true))
    for _ in range(STEPS):
        joint = np.log(np.maximum(weights, np.finfo(float).tiny))[:, None] + true
        weights = np.exp(joint - logsumexp(joint, axis=0)).mean(axis=1)
    drawn = (1 - EVEN) * weights + EVEN / len(true)
    return Shares({kind: float(each) for kind, each in zip(said, drawn, strict=True)}, heat)
