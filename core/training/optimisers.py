"""Optimisers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import nn, optim

from core.errors import SpecError

if TYPE_CHECKING:
    from core.specs import TrainSpec


def optimiser(network: nn.Module, spec: TrainSpec) -> optim.Optimizer:
    """The optimiser of ``spec`` for all weights of ``network``.

    Weight decay shrinks weight matrices only, not biases, norms or dispersions.

    Raises
    ------
    SpecError
        If Nesterov's gradient is asked for without momentum.
    """
    learned = [parameter for parameter in network.parameters() if parameter.requires_grad]
    groups = [{"params": learned}]  # one group where none decays: each group is a call of its own
    if spec.weight_decay:
        matrices = [parameter for parameter in learned if parameter.ndim > 1]
        others = [parameter for parameter in learned if parameter.ndim <= 1]
        groups = [{"params": matrices, "weight_decay": spec.weight_decay}, {"params": others, "weight_decay": 0.0}]
    match spec.optimiser:
        case "sgd":
            return optim.SGD(groups, lr=spec.learning_rate, momentum=spec.momentum, fused=True)
        case "nesterov":
            if spec.momentum == 0:
                raise SpecError("Nesterov's gradient needs momentum", 0.0, "Set momentum to 0.9, or use sgd")
            return optim.SGD(groups, lr=spec.learning_rate, momentum=spec.momentum, nesterov=True, fused=True)
        case "adam":
            return optim.Adam(groups, lr=spec.learning_rate, fused=True)
        case "adamw":
            return optim.AdamW(groups, lr=spec.learning_rate, weight_decay=0.0, fused=True)
        case "rmsprop":
            return optim.RMSprop(groups, lr=spec.learning_rate, momentum=spec.momentum)
