"""Saliency of encoders with two layers, written out as matrix products: same numbers, no graph."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from core.interpretation.guided import ACTIVATIONS
from core.interpretation.path import nodes
from core.networks.layers import GaussianNoise

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from core.networks.network import Network

ELEMENTWISE = tuple(kind for kind in ACTIVATIONS if kind is not nn.Softmax)
SILENT = (nn.Identity, nn.Dropout, GaussianNoise)
"""Modules that do nothing outside training."""


@dataclass(frozen=True)
class TwoLayers:
    """code = act2(w2 act1(w1 x + b1) + b2), norms folded into the weights.

    Shapes: w1 (n_hidden, n_genes), b1 (n_hidden,), w2 (n_units, n_hidden), b2 (n_units,).
    """

    w1: Tensor
    b1: Tensor
    act1: nn.Module
    w2: Tensor
    b2: Tensor
    act2: nn.Module

    def code(self, x: Tensor) -> Tensor:
        """(n_cells, n_genes) -> (n_cells, n_units)."""
        return self.act2(self.act1(x @ self.w1.T + self.b1) @ self.w2.T + self.b2)

    def gradients(self, x: Tensor, units: Sequence[int], *, guided: bool) -> Iterator[Tensor]:
        """For each unit j the saliency (n_cells, n_genes).

        With s1, s2 the slopes of the activations, cell i and gene g:
        sum over k of c(s2[i, j] w2[j, k]) s1[i, k] w1[k, g], where c is max(., 0) if guided and nothing otherwise.
        """
        with torch.no_grad():
            hidden = x @ self.w1.T + self.b1
            before = self.act1(hidden) @ self.w2.T + self.b2
        slope1, slope2 = slope(self.act1, hidden), slope(self.act2, before)
        for unit in units:
            back = slope2[:, unit, None] * self.w2[unit]
            if not guided:
                yield (back * slope1) @ self.w1
                continue
            back = back.clamp_(min=0)
            # about half of the hidden units work against a unit in every cell: their products are all zero
            helping = back.any(dim=0).nonzero()[:, 0]
            yield (back[:, helping] * slope1[:, helping]) @ self.w1[helping]

    def integrated(self, x: Tensor, start: Tensor, units: Sequence[int], steps: int) -> Iterator[Tensor]:
        """For each unit the attribution (n_cells, n_genes) along the path from ``start`` (n_genes,) to each cell.

        The weights are the same all along the path, so only the slopes are averaged over its ``steps`` points: it costs
        little more than one gradient.
        """
        with torch.no_grad():
            low, high = start @ self.w1.T + self.b1, x @ self.w1.T + self.b1
        both = torch.zeros(len(x), len(self.b2), len(self.b1), dtype=x.dtype, device=x.device)
        for at, weight in zip(*nodes(steps, x), strict=True):
            hidden = low + at * (high - low)
            with torch.no_grad():
                before = self.act1(hidden) @ self.w2.T + self.b2
            both += weight * slope(self.act2, before)[:, :, None] * slope(self.act1, hidden)[:, None, :]
        for unit in units:
            yield ((both[:, unit] * self.w2[unit]) @ self.w1).mul_(x - start)


def two_layers(network: Network, x: Tensor) -> TwoLayers | None:
    """The encoder as two layers, or ``None`` where it is anything else.

    The leaf modules are listed in the order in which they run on ``x`` (n_cells, n_genes), and the folded layers must
    then give the network's own code: what happens between modules, such as a linear path around them, cannot hide.
    """
    with torch.no_grad():
        modules, code = _modules_in_order(network, x)
        found = _folded([module for module in modules if not _does_nothing(module)], x.shape[1])
        if found is None or found.b2.shape[0] != code.shape[1]:
            return None
        return found if torch.allclose(found.code(x), code, rtol=1e-4, atol=1e-5) else None


def slope(activation: nn.Module, values: Tensor) -> Tensor:
    """Derivative of an elementwise activation at ``values``, same shape."""
    if isinstance(activation, SILENT):
        return torch.ones_like(values)
    with torch.enable_grad():
        values = values.detach().requires_grad_()
        return torch.autograd.grad(activation(values).sum(), values)[0]


def _modules_in_order(network: Network, x: Tensor) -> tuple[list[nn.Module], Tensor]:
    called: list[nn.Module] = []
    leaves = [module for module in network.modules() if not list(module.children())]
    hooks = [leaf.register_forward_hook(lambda module, _inputs, _output: called.append(module)) for leaf in leaves]
    try:
        code = network.encode(x)
    finally:
        for hook in hooks:
            hook.remove()
    return called, code


def _does_nothing(module: nn.Module) -> bool:
    # a network without input norm or dropout has an empty container in its place
    return isinstance(module, SILENT) or (isinstance(module, nn.Sequential) and not len(module))


def _folded(modules: list[nn.Module], n_inputs: int) -> TwoLayers | None:
    """Two (linear, activation) pairs with batch norms folded in; the second activation may be absent."""
    layers: list[tuple[Tensor, Tensor]] = []
    activations: list[nn.Module] = []
    before: tuple[Tensor, Tensor] | None = None  # norm in front of the next linear layer
    for module in modules:
        after_activation = len(activations) == len(layers)
        if isinstance(module, nn.BatchNorm1d) and module.running_var is not None:
            if len(layers) == 2 and after_activation:
                return None
            a, b = _affine(module)
            if after_activation:
                before = (a, b) if before is None else (a * before[0], a * before[1] + b)
            else:
                weight, bias = layers[-1]
                layers[-1] = (a[:, None] * weight, a * bias + b)
        elif isinstance(module, nn.Linear) and after_activation and len(layers) < 2:
            weight = module.weight.detach()
            bias = torch.zeros(len(weight), device=weight.device) if module.bias is None else module.bias.detach()
            if before is not None:
                weight, bias = weight * before[0], bias + weight @ before[1]
                before = None
            layers.append((weight, bias))
        elif isinstance(module, ELEMENTWISE) and not after_activation:
            activations.append(module)
        else:
            return None
    if len(layers) != 2 or not activations or layers[0][0].shape[1] != n_inputs:
        return None
    act2 = activations[1] if len(activations) == 2 else nn.Identity()
    return TwoLayers(*layers[0], activations[0], *layers[1], act2)


def _affine(norm: nn.BatchNorm1d) -> tuple[Tensor, Tensor]:
    """Factor and offset of a batch norm that no longer learns."""
    assert norm.running_mean is not None
    assert norm.running_var is not None
    scale = torch.rsqrt(norm.running_var + norm.eps)
    scale = scale if norm.weight is None else scale * norm.weight.detach()
    shift = -norm.running_mean * scale
    return scale, shift if norm.bias is None else shift + norm.bias.detach()
