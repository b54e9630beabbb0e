"""The guided rule for every activation: a two-layer network written out in numpy, and finite differences, to 1e-6."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

import numpy as np
import pytest
import torch
from scipy.special import erf

from core.interpretation import saliency as module
from core.interpretation.saliency import saliency
from core.networks.activations import activation
from core.specs import Activation
from tests.core.interpretation.small import encoder

Function = Callable[[np.ndarray], np.ndarray]
SCALE, ALPHA = 1.0507009873554805, 1.6732632423543772


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def softmax_slope(x: np.ndarray) -> np.ndarray:
    """(n, k) -> (n, k, k), derivative of output i by input j."""
    share = np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)
    return share[:, :, None] * (np.eye(x.shape[1]) - share[:, None, :])


SLOPES: dict[str, Function] = {
    "linear": np.ones_like,
    "relu": lambda x: (x > 0) * 1.0,
    "leaky_relu": lambda x: np.where(x > 0, 1.0, 0.01),
    "elu": lambda x: np.where(x > 0, 1.0, np.exp(x)),
    "gelu": lambda x: (1 + erf(x / np.sqrt(2))) / 2 + x * np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi),
    "selu": lambda x: SCALE * np.where(x > 0, 1.0, ALPHA * np.exp(x)),
    "sigmoid": lambda x: sigmoid(x) * (1 - sigmoid(x)),
    "logsigmoid": lambda x: 1 - sigmoid(x),
    "tanh": lambda x: 1 - np.tanh(x) ** 2,
    "softplus": sigmoid,
    "softshrink": lambda x: (np.abs(x) > 0.5) * 1.0,
}
X = np.random.default_rng(4).normal(size=(6, 7))


def by_hand(name: str, slopes: list[np.ndarray], weights: list[np.ndarray], *, guided: bool) -> np.ndarray:
    """(n_cells, n_units, n_genes); each slope as (n, k, k), derivative of output i of the activation by input j."""
    helps = (lambda back: np.maximum(back, 0)) if guided and name != "linear" else (lambda back: back)
    code = helps(np.eye(3)[None].repeat(len(X), 0))  # what arrives behind the code's activation, for each unit
    hidden = helps(np.einsum("nui,nij,jk->nuk", code, slopes[1], weights[1]))
    return np.einsum("nui,nij,jg->nug", hidden, slopes[0], weights[0])


def as_matrix(slope: np.ndarray) -> np.ndarray:
    """(n, k) -> (n, k, k), of an activation that looks at one value at a time."""
    return slope[:, :, None] * np.eye(slope.shape[1])


def by_differences(of: torch.nn.Module, at: np.ndarray, step: float = 1e-6) -> np.ndarray:
    """(n, k, k), derivative of output i by input j."""

    def value(x: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            return of(torch.from_numpy(x)).numpy()

    columns = [(value(at + move) - value(at - move)) / (2 * step) for move in step * np.eye(at.shape[1])]
    return np.stack(columns, axis=2)


def per_cell(net: torch.nn.Module, method: str) -> np.ndarray:
    return np.stack([saliency(net, cell[None], method=method).signed for cell in X])  # type: ignore[arg-type]


def parts(name: str) -> tuple[torch.nn.Module, list[np.ndarray], list[np.ndarray]]:
    """The network in float64, its two weights, and what stands before its two activations."""
    net = encoder(activation(name), activation(name)).double()  # type: ignore[arg-type]
    first, act, second, _ = net.layers
    with torch.no_grad():
        first.weight.mul_(2)
        before = [first(torch.from_numpy(X))]
        before.append(second(act(before[0])))
    weights = [layer.weight.detach().numpy() for layer in (first, second)]
    return net, weights, [values.numpy() for values in before]


@pytest.mark.parametrize("engine", ["closed form", "graph"])
@pytest.mark.parametrize("name", get_args(Activation))
def test_every_activation_by_hand(name: str, engine: str, monkeypatch: pytest.MonkeyPatch):
    if engine == "graph":
        monkeypatch.setattr(module, "two_layers", lambda *_: None)
    net, weights, before = parts(name)
    slopes = [softmax_slope(at) if name == "softmax" else as_matrix(SLOPES[name](at)) for at in before]
    for method in ("guided", "gradient"):
        expected = by_hand(name, slopes, weights, guided=method == "guided")
        np.testing.assert_allclose(per_cell(net, method), expected, rtol=0, atol=1e-6)
        times = by_hand(name, slopes, weights, guided=method == "guided") * X[:, None]
        np.testing.assert_allclose(per_cell(net, f"{method}_x_input"), times, rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", get_args(Activation))
def test_every_activation_by_finite_differences(name: str):
    net, weights, before = parts(name)
    slopes = [by_differences(activation(name), at) for at in before]  # type: ignore[arg-type]
    for method in ("guided", "gradient"):
        expected = by_hand(name, slopes, weights, guided=method == "guided")
        np.testing.assert_allclose(per_cell(net, method), expected, rtol=0, atol=1e-6)
    whole = by_differences(net.layers, X)
    np.testing.assert_allclose(per_cell(net, "gradient"), whole, rtol=0, atol=1e-6)


def test_a_single_precision_network_is_as_near_as_its_numbers_allow():
    net, weights, before = parts("softplus")
    expected = by_hand("softplus", [as_matrix(sigmoid(at)) for at in before], weights, guided=True)
    np.testing.assert_allclose(per_cell(net.float(), "guided"), expected, rtol=0, atol=1e-6)
