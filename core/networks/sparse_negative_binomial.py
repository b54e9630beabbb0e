"""The negative binomial loss with its gradient written out: the gamma functions only where a count was seen.

As in ``sparse_losses``, loss and gradient are worked out together, a piece at a time that stays in the processor's
cache.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.nn import functional

from core.networks.batch import NonZero
from core.networks.sparse_losses import SMALL, SMALLEST_SUM, pieces, times

if TYPE_CHECKING:
    from collections.abc import Iterator

TABLE = 16  # counts up to this one are tallied for each gene, which spares them their gamma functions


class SparseNegativeBinomial(torch.autograd.Function):
    """``count_losses.negative_binomial`` of expected counts, dispersions and the counts seen."""

    @staticmethod
    def forward(ctx: Any, rebuilt: Tensor, dispersion: Tensor, seen: NonZero) -> Tensor:
        sums, share = _Sums(dispersion), 1 / rebuilt.numel()
        gradient = torch.empty_like(rebuilt, memory_format=torch.contiguous_format)
        for rows, counts in _pieces(rebuilt, seen):
            torch.mul(sums.add(rebuilt[rows], counts), share, out=gradient[rows])
        sums.add_gammas(seen)
        ctx.save_for_backward(gradient, sums.to_dispersion.mul_(share))
        return sums.total * share

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, None]:
        to_rebuilt, to_dispersion = ctx.saved_tensors
        return times(to_rebuilt, gradients[0]), to_dispersion * gradients[0], None


class SparseNegativeBinomialOfLinear(torch.autograd.Function):
    """``count_losses.negative_binomial_of_linear`` of the same arguments; ``exponential`` stands for a softmax."""

    @staticmethod
    def forward(
        ctx: Any, linear: Tensor, exponential: bool, library: Tensor | None, dispersion: Tensor, seen: NonZero
    ) -> Tensor:
        sums, share, nothing = _Sums(dispersion), 1 / linear.numel(), torch.zeros((), device=linear.device)
        gradient = torch.empty_like(linear, memory_format=torch.contiguous_format)
        for rows, counts in _pieces(linear, seen):
            values = linear[rows].float()
            if library is None:
                slope, change = sums.add(functional.softplus(values), counts), values.sigmoid()
            else:
                total = library[rows].unsqueeze(1)
                mean, change = _of_library(values, total, exponential)
                slope = sums.add(mean, counts)
                # the counts of a cell add up to its library size: a change that they all share changes none of them
                slope -= (mean * slope).sum(dim=1, keepdim=True).div_(total.clamp_min(SMALLEST_SUM))
            torch.addcmul(nothing, slope, change, value=share, out=gradient[rows])
        sums.add_gammas(seen)
        ctx.save_for_backward(gradient, sums.to_dispersion.mul_(share))
        return sums.total * share

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None, Tensor, None]:
        to_linear, to_dispersion = ctx.saved_tensors
        return times(to_linear, gradients[0]), None, None, to_dispersion * gradients[0], None


def _of_library(values: Tensor, total: Tensor, exponential: bool) -> tuple[Tensor, Tensor]:
    """(n, n_genes) expected counts with the sums ``total`` (n, 1), and by how much a value changes its own."""
    if exponential:
        mean = values.softmax(dim=1).mul_(total)
        return mean, mean
    mean = functional.softplus(values)
    scale = total / mean.sum(dim=1, keepdim=True).clamp_min_(SMALLEST_SUM)
    return mean.mul_(scale), values.sigmoid().mul_(scale)


class _Sums:
    """The summed loss of a batch, and its gradient by the dispersions.

    Attributes
    ----------
    total
        ().
    to_dispersion
        (n_genes,).
    """

    def __init__(self, dispersion: Tensor) -> None:
        self.dispersion, self.inverse = dispersion, dispersion.reciprocal()
        self.to_dispersion = torch.zeros_like(dispersion)
        self.total = torch.zeros((), device=dispersion.device)

    def add(self, mean: Tensor, seen: NonZero) -> Tensor:
        """(n, n_genes), gradient of the sum by the ``mean`` of some cells, whose loss it takes in but for the gammas.

        With r the dispersion a zero costs r log(1 + mean / r), and a count above it as much more as is then added.
        """
        above = (mean * self.inverse).add_(1)
        slope = above.reciprocal()
        logs = above.log_().sum(dim=0)
        self.total += (logs * self.dispersion).sum()
        self.to_dispersion += logs.sub_(len(slope)).add_(slope.sum(dim=0))

        mean_seen = mean.reshape(-1).index_select(0, seen.position)
        above = self.dispersion.index_select(0, seen.column).add_(mean_seen)
        mean_seen += SMALL
        self.total += (above / mean_seen).log_().mul_(seen.value).sum()
        by_dispersion = seen.value / above
        slope.view(-1).scatter_add_(0, seen.position, by_dispersion - seen.value / mean_seen)
        self.to_dispersion.scatter_add_(0, seen.column, by_dispersion)
        return slope

    def add_gammas(self, seen: NonZero) -> None:
        """Take in what depends on counts c and dispersions r alone: log gamma(r) + log gamma(c + 1) - log gamma(c + r).

        For a whole count that is the sum of log(j + 1) - log(r + j) over j below c, so that it is enough to know in how
        many cells the count of a gene is above each j.
        """
        r, genes = self.dispersion, len(self.dispersion)
        steps = torch.arange(TABLE, device=r.device, dtype=r.dtype).unsqueeze(1)
        tallied = seen.value.clamp_max(TABLE).trunc_()
        place = torch.add(seen.column, tallied.long(), alpha=genes)
        exactly = r.new_zeros((TABLE + 1) * genes).scatter_add_(0, place, r.new_ones(len(place)))
        more = exactly.view(-1, genes)[1:].flip(0).cumsum(dim=0).flip(0)
        each = steps + r
        self.to_dispersion -= (more / each).sum(dim=0)
        self.total += ((steps + 1) / each).log_().mul_(more).sum()

        others = (seen.value != tallied).nonzero().squeeze(1)
        count, begun, gene = seen.value[others], tallied[others], seen.column[others]
        above = r[gene]
        self.total += (torch.lgamma(count + 1) - torch.lgamma(begun + 1)).sum()
        self.total -= (torch.lgamma(count + above) - torch.lgamma(begun + above)).sum()
        slope = torch.digamma(count + above) - torch.digamma(begun + above)
        self.to_dispersion.scatter_add_(0, gene, -slope)


def _pieces(values: Tensor, seen: NonZero) -> Iterator[tuple[slice, NonZero]]:
    """Rows of ``values`` (n, n_genes) in pieces, with the counts seen in each."""
    parts = pieces(values)
    starts = [rows.start * values.shape[1] for rows in parts]
    edges = [*torch.searchsorted(seen.position, torch.tensor(starts, device=values.device)).tolist(), len(seen.value)]
    for rows, start, first, last in zip(parts, starts, edges[:-1], edges[1:], strict=True):
        yield rows, NonZero(seen.position[first:last] - start, seen.column[first:last], seen.value[first:last])
