"""Layers: fully connected with norm, activation and dropout; input noise; limits of their weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from core.networks.activations import activation
from core.networks.dropout import Dropout
from core.networks.start_weights import linear_layer, masked_layer

if TYPE_CHECKING:
    from core.specs import LayerSpec


class DenseLayer(nn.Module):
    """One fully connected layer.

    The order is linear, norm, activation, dropout; with ``norm_after`` it is linear, activation, dropout, norm
    (DeepSCore's order). Its weights are set by ``start_weights.start``.

    With a ``mask`` (units, n_in) each unit is joined to some of the inputs alone.

    Shapes: (n, n_in) -> (n, units).
    """

    def __init__(self, n_in: int, spec: LayerSpec, mask: Tensor | None = None) -> None:
        super().__init__()
        self.spec = spec
        self.linear = linear_layer(n_in, spec.units) if mask is None else masked_layer(mask)
        self.norm = norm(spec.norm, spec.units)
        self.activation = activation(spec.activation)
        self.dropout = Dropout(spec.dropout) if spec.dropout else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        x = self.linear(x)
        if self.spec.norm_after:
            return self.norm(self.dropout(self.activation(x)))
        return self.dropout(self.activation(self.norm(x)))


class LogOfCounts(nn.Module):
    """log(1 + count).

    Shapes: (n, n_inputs) -> (n, n_inputs).
    """

    def forward(self, x: Tensor) -> Tensor:
        return torch.log1p(x)


class GaussianNoise(nn.Module):
    """Normal noise of standard deviation ``deviation``, in training only; the target stays clean.

    Shapes: (n, n_inputs) -> (n, n_inputs).
    """

    def __init__(self, deviation: float) -> None:
        super().__init__()
        self.deviation = deviation

    def forward(self, x: Tensor) -> Tensor:
        return x + self.deviation * torch.randn_like(x) if self.training else x


def norm(kind: str, units: int) -> nn.Module:
    """Batch norm, layer norm or none for ``units`` units."""
    if kind == "batch":
        return nn.BatchNorm1d(units)
    return nn.LayerNorm(units) if kind == "layer" else nn.Identity()


def stack(n_in: int, layers: tuple[LayerSpec, ...], mask: Tensor | None = None) -> nn.Sequential:
    """``layers`` one behind the other, the first with ``n_in`` inputs and joined to them as ``mask`` says."""
    widths = (n_in, *(layer.units for layer in layers))
    masks = (mask, *(None for _ in layers))
    return nn.Sequential(*(DenseLayer(*each) for each in zip(widths, layers, masks, strict=False)))


@dataclass(frozen=True)
class Limit:
    """What a layer's weights (units, inputs) may be: ``max_norm`` of each unit (``None`` for any), ``non_negative``."""

    weight: Tensor
    max_norm: float | None
    non_negative: bool


def limits(network: nn.Module) -> list[Limit]:
    """The layers whose weights are limited."""
    dense = (module for module in network.modules() if isinstance(module, DenseLayer))
    every = (Limit(layer.linear.weight, layer.spec.max_norm, layer.spec.non_negative) for layer in dense)
    return [each for each in every if each.max_norm is not None or each.non_negative]


@torch.no_grad()
def constrain(limited: list[Limit]) -> None:
    """Lift negative weights to zero and shorten each unit's incoming weights to its max-norm, where that is asked."""
    for limit in limited:
        if limit.non_negative:
            limit.weight.clamp_(min=0)
        if limit.max_norm is not None:
            limit.weight.renorm_(p=2, dim=0, maxnorm=limit.max_norm)
