"""Count losses whose gradients are written out: only where a count was seen is more than a few operations needed.

Each loss is a mean over all values, and its gradient is worked out with it, in one sweep over pieces that stay in the
processor's cache: what a training step costs is mostly the reading and writing of matrices of cells x genes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.nn import functional

if TYPE_CHECKING:
    from core.networks.batch import NonZero

SMALL = 1e-8
PIECE = 98_304  # values; with what is computed from them they fit a processor core's own cache
SMALLEST_SUM = 1e-30
LOWEST = -80.0  # the sigmoid of less has no logarithm in float32, and softplus is 0 there


class SparsePoisson(torch.autograd.Function):
    """``count_losses.poisson`` of (n, n_genes) expected counts, and the counts seen."""

    @staticmethod
    def forward(ctx: Any, rebuilt: Tensor, seen: NonZero) -> Tensor:
        position, value = seen.position, seen.value
        expected = rebuilt.reshape(-1).index_select(0, position) + SMALL
        ctx.save_for_backward(position, value, expected)
        ctx.shape = rebuilt.shape
        return (rebuilt.sum() - (value * expected.log()).sum()) / rebuilt.numel()

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        position, value, expected = ctx.saved_tensors
        scale = gradients[0] / ctx.shape.numel()
        gradient = expected.new_empty(ctx.shape).fill_(scale)  # an expanded copy takes eight times as long
        gradient.view(-1).scatter_(0, position, scale * (1 - value / expected))
        return gradient, None


class SparsePoissonOfLinear(torch.autograd.Function):
    """``count_losses.poisson_of_linear`` of (n, n_genes) values and the counts seen."""

    @staticmethod
    def forward(ctx: Any, linear: Tensor, counts: NonZero) -> Tensor:
        position, value = counts.position, counts.value
        gradient = torch.empty_like(linear, memory_format=torch.contiguous_format)
        total, share = torch.zeros((), device=linear.device), 1 / linear.numel()
        for rows in pieces(linear):
            part = linear[rows].float().clamp_min(LOWEST)
            slope = part.sigmoid()
            torch.mul(slope, share, out=gradient[rows])
            # softplus(a) = a - log(sigmoid(a)); rounding its small values costs the sum nothing
            total += part.sum() - slope.log_().sum()
        seen = linear.reshape(-1).index_select(0, position).float()
        expected = functional.softplus(seen) + SMALL
        at_counts = seen.sigmoid() * (1 - value / expected) * share
        # scatter_ of bfloat16 takes six times as long
        gradient.view(-1).index_copy_(0, position, at_counts.to(gradient.dtype))
        ctx.save_for_backward(gradient)
        return (total - (value * expected.log()).sum()) * share

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        (gradient,) = ctx.saved_tensors
        return times(gradient, gradients[0]), None


def times(gradient: Tensor, weight: Tensor) -> Tensor:
    """``gradient`` times a loss's weight in the total, which is mostly 1; a GPU is not asked, as that would halt it."""
    return gradient if weight.device.type == "cpu" and weight == 1 else gradient * weight


def pieces(values: Tensor) -> list[slice]:
    """Rows of ``values`` in stretches of about a quarter megabyte; all at once on a GPU."""
    rows = len(values) if values.device.type != "cpu" else max(1, PIECE // values.shape[1])
    return [slice(first, first + rows) for first in range(0, len(values), max(1, rows))]
