"""Count losses whose gradients are written out: only where a count was seen is more than a few operations needed.

Each loss is a mean over all values, and its gradient is worked out with it, in one sweep over pieces that stay in the
processor's cache: what a training step costs is mostly the reading and writing of matrices of cells x genes.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

SMALL = 1e-8
PIECE = 65_536  # values; with what is computed from them they fit a processor core's own cache
TABLE = 16  # counts up to this one have their gamma functions in a table


class SparsePoisson(torch.autograd.Function):
    """``count_losses.poisson`` of (n, n_genes) expected counts, position and value of those seen."""

    @staticmethod
    def forward(ctx: Any, rebuilt: Tensor, position: Tensor, value: Tensor) -> Tensor:
        expected = rebuilt.reshape(-1).index_select(0, position) + SMALL
        ctx.save_for_backward(position, value, expected)
        ctx.shape = rebuilt.shape
        return (rebuilt.sum() - (value * expected.log()).sum()) / rebuilt.numel()

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        position, value, expected = ctx.saved_tensors
        scale = gradients[0] / ctx.shape.numel()
        gradient = expected.new_empty(ctx.shape).fill_(scale)  # an expanded copy takes eight times as long
        gradient.view(-1).scatter_(0, position, scale * (1 - value / expected))
        return gradient, None, None


class SparsePoissonOfLinear(torch.autograd.Function):
    """``count_losses.poisson_of_linear`` of (n, n_genes) values, position and value of the counts seen."""

    @staticmethod
    def forward(ctx: Any, linear: Tensor, position: Tensor, value: Tensor) -> Tensor:
        gradient = torch.empty_like(linear, memory_format=torch.contiguous_format)
        total, share = torch.zeros((), device=linear.device), 1 / linear.numel()
        for rows in _pieces(linear):
            part = linear[rows].float()
            torch.mul(part.sigmoid(), share, out=gradient[rows])
            # softplus(a) = max(a, 0) + log(1 + exp(-|a|)); rounding its small values costs the sum nothing
            total += part.abs().neg_().exp_().add_(1).log_().add_(part.clamp_min(0)).sum()
        seen = linear.reshape(-1).index_select(0, position).float()
        expected = functional.softplus(seen) + SMALL
        at_counts = seen.sigmoid() * (1 - value / expected) * share
        gradient.view(-1).scatter_(0, position, at_counts.to(gradient.dtype))
        ctx.save_for_backward(gradient)
        return (total - (value * expected.log()).sum()) * share

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        (gradient,) = ctx.saved_tensors
        return _times(gradient, gradients[0]), None, None


class SparseNegativeBinomial(torch.autograd.Function):
    """``count_losses.negative_binomial`` of expected counts, dispersions, position and value of the counts seen."""

    @staticmethod
    def forward(ctx: Any, rebuilt: Tensor, dispersion: Tensor, position: Tensor, value: Tensor) -> Tensor:
        to_rebuilt = torch.empty_like(rebuilt, memory_format=torch.contiguous_format)
        to_dispersion = torch.zeros_like(dispersion)
        total, learning = torch.zeros((), device=rebuilt.device), any(ctx.needs_input_grad)
        share = 1 / rebuilt.numel()
        for rows in _pieces(rebuilt):
            odds = rebuilt[rows] / dispersion
            logs = odds.log1p().sum(dim=0)
            total += logs @ dispersion
            if learning:
                slope = odds.add_(1).reciprocal_()
                to_dispersion += logs - len(slope) + slope.sum(dim=0)
                torch.mul(slope, share, out=to_rebuilt[rows])
        gene = position % rebuilt.shape[1]
        mean, above = rebuilt.reshape(-1).index_select(0, position), dispersion.index_select(0, gene)
        gammas, slope = _gammas(value, gene, dispersion)
        above += mean
        total += (value * (above.log() - (mean + SMALL).log()) - gammas).sum()
        if not learning:
            return total * share
        above.reciprocal_()
        to_rebuilt.view(-1).scatter_add_(0, position, value * share * (above - 1 / (mean + SMALL)))
        to_dispersion.scatter_add_(0, gene, value * above - slope)
        ctx.save_for_backward(to_rebuilt, to_dispersion.mul_(share))
        return total * share

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, None, None]:
        to_rebuilt, to_dispersion = ctx.saved_tensors
        return _times(to_rebuilt, gradients[0]), to_dispersion * gradients[0], None, None


def _times(gradient: Tensor, weight: Tensor) -> Tensor:
    """``gradient`` times a loss's weight in the total, which is mostly 1; a GPU is not asked, as that would halt it."""
    return gradient if weight.device.type == "cpu" and weight == 1 else gradient * weight


def _gammas(count: Tensor, gene: Tensor, dispersion: Tensor) -> tuple[Tensor, Tensor]:
    """The gammas of a count r: log gamma(r) - log gamma(count + 1) of counts above 0, and its derivative by r.

    A whole count k gives a sum of k logarithms, log r + log(r + 1) + ..., which a table holds for each gene: on a
    processor that is many times faster than the gamma functions, and as exact.

    Parameters
    ----------
    count, gene
        (n_counts,).
    dispersion
        (n_genes,), r.
    """
    if count.device.type != "cpu":
        return _gammas_of_any(count, dispersion[gene])
    steps = dispersion.unsqueeze(1) + torch.arange(TABLE)
    logs, slopes = steps.log().cumsum(dim=1), steps.reciprocal_().cumsum(dim=1)
    logs -= torch.lgamma(torch.arange(2.0, TABLE + 2))
    whole = count.long()
    place = gene * TABLE + (whole - 1).clamp_(0, TABLE - 1)
    values, slope = logs.view(-1).index_select(0, place), slopes.view(-1).index_select(0, place)
    others = ((count > TABLE) | (count != count.trunc())).nonzero().squeeze(1)
    if len(others):
        values[others], slope[others] = _gammas_of_any(count[others], dispersion[gene[others]])
    return values, slope


def _gammas_of_any(count: Tensor, dispersion: Tensor) -> tuple[Tensor, Tensor]:
    """As ``_gammas``, for counts of any size and kind, each with its own dispersion."""
    values = torch.lgamma(count + dispersion) - torch.lgamma(dispersion) - torch.lgamma(count + 1)
    return values, torch.digamma(count + dispersion) - torch.digamma(dispersion)


def _pieces(values: Tensor) -> list[slice]:
    """Rows of ``values`` in stretches of about a quarter megabyte; all at once on a GPU."""
    rows = len(values) if values.device.type != "cpu" else max(1, PIECE // values.shape[1])
    return [slice(first, first + rows) for first in range(0, len(values), max(1, rows))]
