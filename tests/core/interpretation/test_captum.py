"""Saliency beside captum's, where captum has the same rule."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from captum.attr import GuidedBackprop, InputXGradient, IntegratedGradients
from captum.attr import Saliency as CaptumSaliency
from torch import Tensor, nn

from core.interpretation.saliency import saliency
from core.interpretation.targets import outputs
from tests.core.interpretation.small import network

X = np.random.default_rng(7).normal(size=(5, 12)).astype(np.float32)
START = np.random.default_rng(8).normal(size=12).astype(np.float32)
TARGETS = ["code", "classes", "proportions"]


class Says(nn.Module):
    """One target of a network as a module that captum can hook."""

    def __init__(self, net, target: str) -> None:
        super().__init__()
        self.net, self.target = net, target

    def forward(self, x: Tensor) -> Tensor:
        return outputs(self.net, x, self.target)  # type: ignore[arg-type]


def each(net, method: str, target: str, **more) -> np.ndarray:
    """(n_units, n_cells, n_genes)."""
    found = [saliency(net, cell[None], method=method, target=target, **more).signed for cell in X]  # type: ignore[arg-type]
    return np.stack(found, axis=1)


def theirs(net, target: str, attribute) -> np.ndarray:
    x = torch.from_numpy(X)
    units = outputs(net, x, target).shape[1]  # type: ignore[arg-type]
    return np.stack([attribute(x.clone().requires_grad_(), unit).detach().numpy() for unit in range(units)])


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", ["softplus", "relu", "tanh", "softmax"])
def test_gradient_times_input_and_integrated(name: str, target: str, layers: int):
    net = network(name, layers=layers).eval()
    says = Says(net, target)
    plain = theirs(net, target, lambda x, unit: CaptumSaliency(says).attribute(x, target=unit, abs=False))
    np.testing.assert_allclose(each(net, "gradient", target), plain, atol=1e-6)
    times = theirs(net, target, lambda x, unit: InputXGradient(says).attribute(x, target=unit))
    np.testing.assert_allclose(each(net, "gradient_x_input", target), times, atol=1e-6)
    start = torch.from_numpy(START)[None]
    path = theirs(
        net,
        target,
        lambda x, unit: IntegratedGradients(says).attribute(x, start, target=unit, n_steps=24, method="gausslegendre"),
    )
    np.testing.assert_allclose(each(net, "integrated", target, baseline=START, steps=24), path, atol=2e-6)


@pytest.mark.filterwarnings("ignore:Setting backward hooks")
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("target", ["code", "classes"])
def test_guided_of_networks_whose_only_activation_is_the_relu(target: str, layers: int):
    net = network("relu", layers=layers).eval()
    guided = theirs(net, target, lambda x, unit: GuidedBackprop(Says(net, target)).attribute(x, target=unit))
    np.testing.assert_allclose(each(net, "guided", target), guided, atol=1e-6)
