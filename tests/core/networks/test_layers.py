from __future__ import annotations

import pytest
import torch
from torch import nn

from core.errors import SpecError
from core.networks.layers import DenseLayer, GaussianNoise, constrain, limits, stack
from core.specs import LayerSpec


def made(n_in: int, spec: LayerSpec) -> DenseLayer:
    layer = DenseLayer(n_in, spec)
    nn.init.constant_(layer.linear.weight, 1.0)
    nn.init.constant_(layer.linear.bias, -4.0)
    return layer


def test_linear_then_activation_by_hand():
    layer = made(2, LayerSpec(units=2, activation="relu"))
    torch.testing.assert_close(layer(torch.tensor([[1.0, 2.0], [3.0, 4.0]])), torch.tensor([[0.0, 0.0], [3.0, 3.0]]))


def test_norm_before_the_activation_by_hand():
    layer = made(1, LayerSpec(units=1, activation="relu", norm="batch"))
    out = layer(torch.tensor([[1.0], [3.0]]))  # -3, -1 normalise to -1, 1
    torch.testing.assert_close(out, torch.tensor([[0.0], [1.0]]), atol=1e-4, rtol=0)


def test_norm_after_the_activation_by_hand():
    layer = made(1, LayerSpec(units=1, activation="relu", norm="batch", norm_after=True))
    out = layer(torch.tensor([[1.0], [6.0]]))  # relu gives 0, 2: they normalise to -1, 1
    torch.testing.assert_close(out, torch.tensor([[-1.0], [1.0]]), atol=1e-4, rtol=0)


def test_layer_norm_works_for_one_cell():
    layer = DenseLayer(2, LayerSpec(units=2, norm="layer", activation="linear"))
    nn.init.eye_(layer.linear.weight)
    nn.init.zeros_(layer.linear.bias)
    torch.testing.assert_close(layer(torch.tensor([[0.0, 2.0]])), torch.tensor([[-1.0, 1.0]]), atol=1e-4, rtol=0)


def test_dropout_silences_its_share_in_training_only():
    layer = made(1, LayerSpec(units=10_000, activation="linear", dropout=0.3))
    cell = torch.tensor([[5.0]])
    assert (layer(cell) == 0).float().mean().item() == pytest.approx(0.3, abs=0.02)
    layer.eval()
    assert torch.all(layer(cell) == 1)


def test_noise_has_its_deviation_in_training_only():
    noise, cells = GaussianNoise(0.5), torch.zeros(100, 100)
    assert noise(cells).std().item() == pytest.approx(0.5, rel=0.05)
    assert torch.equal(noise.eval()(cells), cells)


def test_max_norm_shortens_only_what_is_too_long():
    layers = stack(2, (LayerSpec(units=2, max_norm=2.0), LayerSpec(units=1)))
    weight = layers[0].linear.weight
    with torch.no_grad():
        weight.copy_(torch.tensor([[3.0, 4.0], [0.6, 0.8]]))
    limited = limits(layers)
    constrain(limited)
    assert len(limited) == 1
    torch.testing.assert_close(weight.detach(), torch.tensor([[1.2, 1.6], [0.6, 0.8]]))


def test_a_unit_without_negative_weights_never_falls_as_its_inputs_rise():
    layers = stack(2, (LayerSpec(units=2, non_negative=True, max_norm=2.0), LayerSpec(units=1)))
    weight = layers[0].linear.weight
    with torch.no_grad():
        weight.copy_(torch.tensor([[-3.0, 4.0], [0.6, -0.8]]))
    constrain(limits(layers))
    torch.testing.assert_close(weight.detach(), torch.tensor([[0.0, 2.0], [0.6, 0.0]]))


def test_principal_components_cannot_start_a_layer_without_negative_weights():
    with pytest.raises(SpecError, match="negative weights"):
        LayerSpec(init="pca", non_negative=True)
