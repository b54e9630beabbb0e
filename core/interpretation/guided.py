"""The guided rule for any activation, as hooks on a network's activation modules."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from collections.abc import Iterator

ACTIVATIONS = (
    nn.ReLU,
    nn.LeakyReLU,
    nn.PReLU,
    nn.ELU,
    nn.CELU,
    nn.GELU,
    nn.SELU,
    nn.SiLU,
    nn.Mish,
    nn.Sigmoid,
    nn.LogSigmoid,
    nn.Tanh,
    nn.Softplus,
    nn.Softsign,
    nn.Softshrink,
    nn.Hardtanh,
    nn.Softmax,
)
"""What the guided rule applies to. A linear layer has no activation, so gradients pass it as they are."""


class Helping(torch.autograd.Function):
    """Passes values on, and back only what helps: negative gradients become zero."""

    generate_vmap_rule = True

    @staticmethod
    def forward(values: Tensor) -> Tensor:
        return values.view_as(values)

    @staticmethod
    def setup_context(ctx: object, inputs: tuple[Tensor], output: Tensor) -> None:
        """Nothing is kept: the rule looks at the gradient alone."""

    @staticmethod
    def backward(ctx: object, *gradients: Tensor) -> Tensor:
        return gradients[0].clamp(min=0)


@contextmanager
def guided(network: nn.Module) -> Iterator[None]:
    """Within this block gradients through ``network`` follow the guided rule.

    Behind every activation, the code's own included, a gradient R becomes max(R, 0); the activation's own derivative
    comes after it, and the input is not clipped. For a ReLU this is the published rule; any other activation keeps its
    smooth derivative in the place of the ReLU's step.

    Source: Springenberg et al., guided backpropagation; Kinalis et al., saliency maps of an autoencoder.
    """
    hooks = [
        module.register_forward_hook(lambda _module, _inputs, output: Helping.apply(output))
        for module in network.modules()
        if isinstance(module, ACTIVATIONS)
    ]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


@contextmanager
def evaluating(network: nn.Module) -> Iterator[None]:
    """Within this block no unit is dropped and batch norm uses what it learned; each module's own mode comes back."""
    modes = [(module, module.training) for module in network.modules()]
    network.eval()
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training
