"""Start weights: Xavier, He, identity with noise, principal components."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import torch
from torch import Tensor, nn

from core.errors import SpecError

if TYPE_CHECKING:
    from torch import Generator

XAVIER_BIAS = 0.01
IDENTITY_NOISE = 0.02


class Unset(nn.Linear):
    """A linear layer whose weights are not yet set, so that making it draws no random numbers.

    torch's ``skip_init`` does the same, but first imports its compiler, which takes most of a second.
    """

    def reset_parameters(self) -> None:
        """Leave the weights as memory gave them."""


def linear_layer(n_in: int, n_out: int) -> nn.Linear:
    """A linear layer whose weights are not yet set."""
    return Unset(n_in, n_out)


class MaskedLinear(nn.Linear):
    """A linear layer some of whose weights are fixed at zero.

    All that is learned passes through ``kept``, so that a weight outside the mask has no gradient: it starts at zero,
    and no optimiser, penalty, weight decay or limit moves it from there.

    Attributes
    ----------
    mask
        (n_out, n_in), True where there is a weight.
    """

    mask: Tensor

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__(in_features, out_features, bias, device, dtype)
        self.register_buffer("mask", torch.ones(out_features, in_features, dtype=torch.bool, device=device))

    @property
    def kept(self) -> Tensor:
        """(n_out, n_in), the weights, zero outside the mask."""
        return self.weight * self.mask

    def forward(self, input: Tensor) -> Tensor:
        return nn.functional.linear(input, self.kept, self.bias)


def masked_layer(mask: Tensor) -> MaskedLinear:
    """A linear layer with weights where ``mask`` (n_out, n_in) says so, not yet set."""
    n_out, n_in = mask.shape
    made = cast("MaskedLinear", nn.utils.skip_init(MaskedLinear, n_in, n_out))
    made.mask = mask.to(torch.bool, copy=True)  # a model's file takes no tensor that two layers share
    return made


@torch.no_grad()
def start_masked(linear: MaskedLinear, init: str, generator: Generator) -> None:
    """Set the weights of ``linear``; each unit as though it had no more inputs than its mask leaves it.

    Parameters are those of :func:`start`; ``init`` is xavier or he.
    """
    start(linear, init, generator)
    own = linear.mask.sum(dim=1, keepdim=True).clamp_min(1)
    others = linear.out_features if init == "xavier" else 0
    linear.weight.mul_(linear.mask * torch.sqrt((linear.in_features + others) / (own + others)))


@torch.no_grad()
def start(
    linear: nn.Linear,
    init: str,
    generator: Generator,
    *,
    components: Tensor | None = None,
    centre: Tensor | None = None,
) -> None:
    """Set the weights of ``linear``.

    Parameters
    ----------
    linear
        The layer, changed in place; its weight is (n_out, n_in).
    init
        xavier (uniform, bias 0.01), he (uniform, bias 0), identity (ones on the diagonal, normal noise of 0.02,
        bias 0) or pca.
    generator
        Where random numbers come from.
    components
        (n_components, n_in), orthonormal rows; needed for pca. Units beyond the components start as xavier.
    centre
        (n_in,), the mean that was taken off before the components were found; pca starts with bias
        ``-components @ centre``.

    Raises
    ------
    SpecError
        If the start is pca and no components are given, or they have another number of genes.
    """
    nn.init.xavier_uniform_(linear.weight, generator=generator)
    nn.init.constant_(linear.bias, XAVIER_BIAS if init == "xavier" else 0.0)
    if init == "he":
        nn.init.kaiming_uniform_(linear.weight, nonlinearity="relu", generator=generator)
    elif init == "identity":
        nn.init.normal_(linear.weight, std=IDENTITY_NOISE, generator=generator)
        linear.weight.add_(torch.eye(*linear.weight.shape))
    elif init == "pca":
        known = fitting(components, linear.in_features)[: linear.out_features]
        linear.weight[: len(known)] = known
        if centre is not None:
            linear.bias.sub_(linear.weight @ centre)


@torch.no_grad()
def start_backwards(
    linear: nn.Linear, components: Tensor | None, generator: Generator, *, centre: Tensor | None = None
) -> None:
    """Set the output layer to turn components back into genes: the weight is the components' transpose.

    Parameters are those of :func:`start`; here the layer is (n_genes, n_components). Its bias is the centre.
    """
    known = fitting(components, linear.out_features)[: linear.in_features]
    nn.init.xavier_uniform_(linear.weight, generator=generator)
    linear.weight[:, : len(known)] = known.T
    nn.init.zeros_(linear.bias)
    if centre is not None:
        linear.bias.add_(centre)


def fitting(components: Tensor | None, n_inputs: int) -> Tensor:
    """``components``, if they are there and have ``n_inputs`` columns.

    Raises
    ------
    SpecError
        Otherwise.
    """
    if components is None:
        raise SpecError(
            "Start weights pca need the principal components of the training data",
            None,
            "Give them, or use xavier or he",
        )
    if components.ndim != 2 or components.shape[1] != n_inputs:
        raise SpecError(
            "The principal components do not fit the network's input",
            tuple(components.shape),
            f"Give components x {n_inputs} genes",
        )
    return components
