"""Penalties on weights and code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn

if TYPE_CHECKING:
    from torch import Tensor

SMALLEST_VARIANCE = 1e-12


def orthogonality(weight: Tensor) -> Tensor:
    """Frobenius norm ``||I - W W'||`` (not squared): 0 when the units' weights are orthonormal.

    Parameters
    ----------
    weight
        (units, inputs), no more units than inputs.

    Source: Kinalis et al. 2019, equation 1.
    """
    gram = weight @ weight.T
    return torch.linalg.norm(torch.eye(len(gram), device=weight.device, dtype=weight.dtype) - gram)


def decorrelation(code: Tensor) -> Tensor:
    """Mean squared correlation of pairs of code units over the batch; 0 for one unit or one cell.

    Parameters
    ----------
    code
        (n, units).
    """
    n, units = code.shape
    if n < 2 or units < 2:
        return code.new_zeros(())
    centred = code - code.mean(dim=0)
    scaled = centred / (centred.square().sum(dim=0) + SMALLEST_VARIANCE).sqrt()
    squared = (scaled.T @ scaled).square()
    return (squared.sum() - squared.diagonal().sum()) / (units * (units - 1))


def l1(weights: list[Tensor]) -> Tensor:
    """Sum of absolute weights."""
    return torch.stack([weight.abs().sum() for weight in weights]).sum()


def l2(weights: list[Tensor]) -> Tensor:
    """Sum of squared weights."""
    return torch.stack([weight.square().sum() for weight in weights]).sum()


def layer_weights(network: nn.Module) -> list[Tensor]:
    """The weights of every linear layer; biases and norms are left alone."""
    return [module.weight for module in network.modules() if isinstance(module, nn.Linear)]
