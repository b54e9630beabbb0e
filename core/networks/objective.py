"""The objective: the weighted sum of the heads' losses and the penalties."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING

import torch

from core.errors import DataError, SpecError
from core.networks import losses, penalties
from core.networks.batch import LINEAR
from core.networks.network import Network

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor, nn

    from core.networks.batch import Batch
    from core.specs import ObjectiveSpec

CODE_OF_BATCH = "code_of_batch"
"""Output with the code of all cells of a batch, where several devices share it: correlations need them all."""


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

    The term "kl" is the divergence of a variational code per cell, summed over units, divided by the number of genes:
    as count losses are means over cells and genes, weights of 1 then give the negative evidence lower bound per gene
    (with mse that of normal values of variance 1/2).
    """

    def __init__(self, spec: ObjectiveSpec, class_weights: Tensor | None = None) -> None:
        self.spec = spec
        self.class_weights = class_weights
        self.weights: dict[str, float] = spec.terms

    def to(self, device: torch.device) -> Objective:
        """The same objective with its class weights on ``device``."""
        return Objective(self.spec, None if self.class_weights is None else self.class_weights.to(device))

    def in_epoch(self, number: int) -> Objective:
        """The objective that epoch ``number`` (from 1) minimises: while a variational code warms up, less of "kl".

        The weight is 0 in the first epoch and rises by the same step in each, in full after ``warm_up`` epochs.
        """
        variational = self.spec.variational
        if variational is None or number > variational.warm_up:
            return self
        warming = copy(self)
        warming.weights = self.weights | {"kl": variational.weight * (number - 1) / variational.warm_up}
        return warming

    def total(self, terms: Mapping[str, float]) -> float:
        """The weighted sum of mean ``terms``."""
        return sum(weight * terms[name] for name, weight in self.weights.items())

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
                dispersion = _part(network, "log_dispersion", kind).exp() if spec.reconstruction.dispersed else None
                if LINEAR in outputs:
                    assert isinstance(network, Network)
                    library = batch.library_size if network.takes_library else None
                    output = network.spec.output_activation
                    return losses.reconstruction_of_linear(kind, outputs[LINEAR], output, batch, dispersion, library)
                logits = _output(outputs, "zero_logits", kind) if spec.reconstruction.zero_inflated else None
                return losses.reconstruction(kind, outputs["reconstruction"], batch, dispersion, logits)
            case "kl":
                deviation = _output(outputs, "code_deviation", "a variational code")
                return losses.code_divergence(outputs["code"], deviation) / batch.reconstruction_target.shape[1]
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
                return penalties.decorrelation(outputs.get(CODE_OF_BATCH, outputs["code"]))
            case "l1":
                return penalties.l1(penalties.layer_weights(network))
            case _:
                return penalties.l2(penalties.layer_weights(network))


def _output(outputs: dict[str, Tensor], name: str, setting: str) -> Tensor:
    if name not in outputs:
        raise SpecError(f"This network gives no {name}, which {setting} needs", sorted(outputs), "Add it to forward")
    return outputs[name]


def _part(network: nn.Module, name: str, setting: str) -> Tensor:
    part = getattr(network, name, None)
    if part is None:
        raise SpecError(f"This network has no {name}, which {setting} needs", type(network).__name__, "Give it one")
    return part
