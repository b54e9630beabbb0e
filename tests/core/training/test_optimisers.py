from __future__ import annotations

import pytest
import torch
from torch import nn

from core.errors import SpecError
from core.specs import TrainSpec
from core.training.optimisers import optimiser


def stepped(steps: int = 1, **settings) -> torch.Tensor:
    """Weight of a 1 x 1 layer, from 1, after steps with a gradient of 2."""
    layer = nn.Linear(1, 1)
    nn.init.ones_(layer.weight)
    nn.init.ones_(layer.bias)
    chosen = optimiser(layer, TrainSpec(learning_rate=0.1, **settings))
    for _ in range(steps):
        layer.weight.grad, layer.bias.grad = torch.full((1, 1), 2.0), torch.zeros(1)
        chosen.step()
    assert layer.bias.item() == 1
    return layer.weight.item()


@pytest.mark.parametrize(
    ("settings", "steps", "expected"),
    [
        ({"optimiser": "sgd", "momentum": 0.0}, 1, 1 - 0.1 * 2),
        ({"optimiser": "sgd", "momentum": 0.5}, 2, 1 - 0.1 * 2 - 0.1 * 3),
        ({"optimiser": "nesterov", "momentum": 0.5}, 1, 1 - 0.1 * (2 + 0.5 * 2)),
        ({"optimiser": "adam"}, 1, 1 - 0.1),
        ({"optimiser": "rmsprop", "momentum": 0.0}, 1, 1 - 0.1 * 2 / (0.01 * 4) ** 0.5),
        ({"optimiser": "adamw", "weight_decay": 0.5}, 1, 1 - 0.1 * 0.5 - 0.1),
        ({"optimiser": "sgd", "momentum": 0.0, "weight_decay": 0.5}, 1, 1 - 0.1 * 2.5),
    ],
)
def test_steps_by_hand_and_no_decay_of_biases(settings, steps, expected):
    assert stepped(steps, **settings) == pytest.approx(expected, abs=1e-5)


def test_nesterov_without_momentum_is_refused():
    with pytest.raises(SpecError, match="needs momentum"):
        stepped(optimiser="nesterov", momentum=0.0)
