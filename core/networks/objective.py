"""The objective: the weighted sum of the heads' losses and the penalties."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from core.errors import DataError, SpecError
from core.networks import losses, penalties

if TYPE_CHECKING:
    from torch import Tensor, nn

    from core.networks.batch import Batch
    from core.specs import ObjectiveSpec


class Objective:
    """What training minimises.

    Parameters
    ----------
    spec
        Heads with their losses and weights, and penalties.
    class_weights
        (n_classes,), from ``losses.class_weights``; ``None`` for equal weights.

    Attributes
    ----------
    weights
        Each term that is switched on, with its weight in the total.
    """

    def __init__(self, spec: ObjectiveSpec, class_weights: Tensor | None = None) -> None:
        self.spec = spec
        self.class_weights = class_weights
        heads = {"reconstruction": spec.reconstruction, "classes": spec.classes, "proportions": spec.proportions}
        on = {name: head.weight for name, head in heads.items() if head is not None}
        factors = {name: getattr(spec, name) for name in ("orthogonality", "decorrelation", "l1", "l2")}
        self.weights: dict[str, float] = on | {name: factor for name, factor in factors.items() if factor > 0}

    def to(self, device: torch.device) -> Objective:
        """The same objective with its class weights on ``device``."""
        return Objective(self.spec, None if self.class_weights is None else self.class_weights.to(device))

    def __call__(
        self, network: nn.Module, outputs: dict[str, Tensor], batch: Batch
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """The total loss of a batch, and each term before weighting.

        Raises
        ------
        DataError
            If the batch lacks the labels or proportions that a head learns from.
        SpecError
            If a network of the user's own lacks a part that the objective needs.
        """
        terms = {name: self._term(name, network, outputs, batch) for name in self.weights}
        weighted = [terms[name] if weight == 1 else weight * terms[name] for name, weight in self.weights.items()]
        return (weighted[0] if len(weighted) == 1 else torch.stack(weighted).sum()), terms

    def _term(self, name: str, network: nn.Module, outputs: dict[str, Tensor], batch: Batch) -> Tensor:
        spec = self.spec
        match name:
            case "reconstruction":
                assert spec.reconstruction is not None
                kind = spec.reconstruction.loss
                dispersion = _part(network, "log_dispersion", kind).exp() if kind == "negative_binomial" else None
                return losses.reconstruction(kind, outputs["reconstruction"], batch, dispersion)
            case "classes":
                assert spec.classes is not None
                if batch.labels is None:
                    raise DataError("The cells have no cell types to learn from", None, "Choose a label column")
                return losses.cross_entropy(
                    outputs["class_logits"],
                    batch.labels,
                    smoothing=spec.classes.label_smoothing,
                    class_weights=self.class_weights,
                )
            case "proportions":
                assert spec.proportions is not None
                if batch.proportions is None:
                    raise DataError("The mixtures have no proportions to learn from", None, "Simulate mixtures first")
                return losses.proportions(spec.proportions.loss, outputs["proportions"], batch.proportions)
            case "orthogonality":
                return penalties.orthogonality(_part(network, "code_weight", name))
            case "decorrelation":
                return penalties.decorrelation(outputs["code"])
            case "l1":
                return penalties.l1(penalties.layer_weights(network))
            case _:
                return penalties.l2(penalties.layer_weights(network))


def _part(network: nn.Module, name: str, setting: str) -> Tensor:
    part = getattr(network, name, None)
    if part is None:
        raise SpecError(f"This network has no {name}, which {setting} needs", type(network).__name__, "Give it one")
    return part
