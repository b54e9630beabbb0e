"""Poisson and negative binomial losses; with the non-zero targets at hand they touch only those."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

if TYPE_CHECKING:
    from core.networks.batch import NonZero

SMALL = 1e-8


def poisson(rebuilt: Tensor, target: Tensor, nonzero: NonZero | None = None) -> Tensor:
    """Poisson negative log-likelihood without its constant: ``mean(y - x log(y + 1e-8))``.

    Parameters
    ----------
    rebuilt
        (n, n_genes), y: expected counts, not negative.
    target
        (n, n_genes), x: counts.
    nonzero
        The non-zero values of ``target``: the same loss and gradient for less work.

    Source: Kinalis et al. 2019, equation 1, with prediction and target in the places its words give them.
    """
    if nonzero is None:
        return (rebuilt - target * torch.log(rebuilt + SMALL)).mean()
    loss = _SparsePoisson.apply(rebuilt, nonzero.position, nonzero.value)
    assert isinstance(loss, Tensor)
    return loss


def negative_binomial(rebuilt: Tensor, target: Tensor, dispersion: Tensor, nonzero: NonZero | None = None) -> Tensor:
    """Mean negative log-likelihood of counts with mean ``rebuilt`` and variance ``rebuilt + rebuilt**2 / dispersion``.

    Parameters
    ----------
    rebuilt
        (n, n_genes), expected counts, not negative.
    target
        (n, n_genes), counts.
    dispersion
        (n_genes,), positive; large values approach the Poisson distribution.
    nonzero
        The non-zero values of ``target``: the same loss and gradient, the gamma functions at those alone.
    """
    zero_part = dispersion * torch.log1p(rebuilt / dispersion)
    if nonzero is None:
        return (zero_part + _above_zero(rebuilt, target, dispersion)).mean()
    mean = rebuilt.reshape(-1).gather(0, nonzero.position)
    gene = nonzero.position % rebuilt.shape[1]
    return (zero_part.sum() + _above_zero(mean, nonzero.value, dispersion[gene]).sum()) / rebuilt.numel()


def _above_zero(mean: Tensor, count: Tensor, dispersion: Tensor) -> Tensor:
    """What a count adds to the loss of a zero at the same place; exactly 0 where the count is 0."""
    gammas = torch.lgamma(count + dispersion) - torch.lgamma(dispersion) - torch.lgamma(count + 1)
    return count * (torch.log(mean + dispersion) - torch.log(mean + SMALL)) - gammas


class _SparsePoisson(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, rebuilt: Tensor, position: Tensor, value: Tensor) -> Tensor:
        expected = rebuilt.reshape(-1)[position] + SMALL
        ctx.save_for_backward(position, value, expected)
        ctx.shape = rebuilt.shape
        return (rebuilt.sum() - (value * expected.log()).sum()) / rebuilt.numel()

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        position, value, expected = ctx.saved_tensors
        scale = gradients[0] / ctx.shape.numel()
        gradient = scale.expand(ctx.shape).contiguous()
        gradient.view(-1)[position] = scale * (1 - value / expected)
        return gradient, None, None
