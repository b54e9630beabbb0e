"""What the devices that learn from shared batches tell each other, so that the result is that of one device.

With ``n`` cells of a batch in all, of which ``n_r`` are this device's, a mean over the cells counts ``n_r / n`` here,
and the gradients are summed over the devices. What is no mean over cells (class weights, correlations of the code,
batch norm) is worked out over the whole batch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from core.networks.losses import class_weight_sum
from core.networks.objective import CODE_OF_BATCH
from core.training.seeding import derived

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import nn

    from core.networks.batch import Batch
    from core.networks.objective import Objective
    from core.training.metrics import Totals
    from core.training.share import Share


class Alone:
    """One device: nobody to talk to."""

    several = False

    def seed(self, seed: int) -> int:
        """The seed of dropout and noise."""
        return seed

    def loss(
        self, objective: Objective, network: nn.Module, outputs: dict[str, Tensor], batch: Batch
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """What this device adds to the loss of the whole batch, and to each of its terms."""
        return objective(network, outputs, batch)

    def add_gradients(self, learned: list[nn.Parameter]) -> None:
        """Sum the gradients of all devices; they are those of the whole batch then."""

    def whole_batch(self, values: Tensor, batch: Batch) -> Tensor:
        """Rows (n, ...) of this device, and those of the others around them: (whole, ...)."""
        return values

    def add_totals(self, totals: Totals) -> Totals:
        """The sums of an epoch over all devices."""
        return totals


class Together(Alone):
    """One of several devices.

    Parameters
    ----------
    share
        The part of each batch that is this device's.
    add
        Sums a tensor over all devices, in place.
    gather
        A tensor (...) of each device as (devices, ...); gradients flow back to where they came from.
    """

    several = True

    def __init__(self, share: Share, add: Callable[[Tensor], Any], gather: Callable[[Tensor], Tensor]) -> None:
        self.share, self.add, self.gather = share, add, gather

    def seed(self, seed: int) -> int:
        """The first device draws what one alone would draw; the others must not draw the same for other cells."""
        return seed if self.share.number == 0 else derived(seed, "device", self.share.number)

    def loss(
        self, objective: Objective, network: nn.Module, outputs: dict[str, Tensor], batch: Batch
    ) -> tuple[Tensor, dict[str, Tensor]]:
        whole: dict[str, float | Tensor] = dict.fromkeys(objective.weights, batch.n / batch.whole)
        if "classes" in whole and batch.labels is not None:
            whole["classes"] = self._share_of_labels(batch.labels, objective.class_weights)
        if "decorrelation" in whole:
            outputs = outputs | {CODE_OF_BATCH: self.whole_batch(outputs["code"], batch)}
        if batch.n == 0:
            # a mean over no cells is not a number; empty sums keep in step with what the others ask for going backwards
            nothing = torch.stack([output[:0].sum() for output in outputs.values()]).sum()
            return nothing, dict.fromkeys(objective.weights, nothing)
        _, terms = objective(network, outputs, batch)
        terms = {name: whole[name] * term for name, term in terms.items()}
        return torch.stack([weight * terms[name] for name, weight in objective.weights.items()]).sum(), terms

    def add_gradients(self, learned: list[nn.Parameter]) -> None:
        flat = torch.cat([_gradient(parameter).flatten() for parameter in learned])
        self.add(flat)
        for parameter, summed in zip(learned, flat.split([each.numel() for each in learned]), strict=True):
            parameter.grad = summed.view_as(parameter)

    def whole_batch(self, values: Tensor, batch: Batch) -> Tensor:
        sizes = self.share.sizes(batch.whole)
        padded = torch.cat([values, values.new_zeros(max(sizes) - len(values), *values.shape[1:])])
        return torch.cat([part[:size] for part, size in zip(self.gather(padded), sizes, strict=True)])

    def add_totals(self, totals: Totals) -> Totals:
        tensors = totals.tensors()
        exact = torch.cat([each.double().flatten() for each in tensors])
        self.add(exact)
        for tensor, summed in zip(tensors, exact.split([each.numel() for each in tensors]), strict=True):
            tensor.copy_(summed.view_as(tensor))
        return totals

    def _share_of_labels(self, labels: Tensor, class_weights: Tensor | None) -> Tensor:
        here = class_weight_sum(labels, class_weights)
        everywhere = here.clone()
        self.add(everywhere)
        return here / everywhere.clamp_min(1e-12)


ALONE = Alone()


def _gradient(parameter: nn.Parameter) -> Tensor:
    return torch.zeros_like(parameter) if parameter.grad is None else parameter.grad
