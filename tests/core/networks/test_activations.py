from __future__ import annotations

from math import exp, log, log1p, tanh
from typing import get_args

import pytest
import torch
from torch import nn

from core.networks.activations import activation, bounds
from core.specs import Activation

AT_MINUS_ONE = {
    "relu": 0.0,
    "leaky_relu": -0.01,
    "elu": exp(-1) - 1,
    "sigmoid": 1 / (1 + exp(1)),
    "logsigmoid": -log(1 + exp(1)),
    "tanh": tanh(-1),
    "softplus": log1p(exp(-1)),
    "softshrink": -0.5,
    "linear": -1.0,
}


@pytest.mark.parametrize(("name", "value"), AT_MINUS_ONE.items())
def test_value_at_minus_one(name, value):
    assert activation(name)(torch.tensor([-1.0])).item() == pytest.approx(value, abs=1e-6)


def test_softmax_sums_to_one_over_the_units():
    torch.testing.assert_close(activation("softmax")(torch.tensor([[1.0, 1.0, 1.0]])), torch.full((1, 3), 1 / 3))


@pytest.mark.parametrize("name", get_args(Activation))
def test_every_activation_is_a_fresh_module(name):
    assert isinstance(activation(name), nn.Module)
    assert activation(name) is not activation(name)


def test_only_sigmoid_and_tanh_are_bounded():
    assert {name: bounds(name) for name in get_args(Activation) if bounds(name)} == {
        "sigmoid": (0.0, 1.0),
        "tanh": (-1.0, 1.0),
    }
