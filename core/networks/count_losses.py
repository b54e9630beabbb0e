"""Poisson and (zero-inflated) negative binomial losses; with the non-zero targets at hand they touch only those."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn import functional

from core.networks.sparse_losses import SMALL, SMALLEST_SUM, SparsePoisson, SparsePoissonOfLinear
from core.networks.sparse_negative_binomial import SparseNegativeBinomial, SparseNegativeBinomialOfLinear

if TYPE_CHECKING:
    from core.networks.batch import NonZero


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
    loss = SparsePoisson.apply(rebuilt, nonzero)
    assert isinstance(loss, Tensor)
    return loss


def poisson_of_linear(linear: Tensor, target: Tensor, nonzero: NonZero | None = None) -> Tensor:
    """``poisson(softplus(linear), target, nonzero)``, for less work.

    Parameters
    ----------
    linear
        (n, n_genes), what the softplus of the output layer is applied to; its gradient keeps its type (bfloat16).
    target, nonzero
        As in :func:`poisson`.
    """
    if nonzero is None:
        return poisson(functional.softplus(linear.float()), target)
    loss = SparsePoissonOfLinear.apply(linear, nonzero)
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
    if nonzero is None:
        zero_part = dispersion * torch.log1p(rebuilt / dispersion)
        return (zero_part + _above_zero(rebuilt, target, dispersion)).mean()
    loss = SparseNegativeBinomial.apply(rebuilt, dispersion, nonzero)
    assert isinstance(loss, Tensor)
    return loss


def negative_binomial_of_linear(
    linear: Tensor,
    activation: str,
    library: Tensor | None,
    target: Tensor,
    dispersion: Tensor,
    nonzero: NonZero | None = None,
) -> Tensor:
    """``negative_binomial`` of an activation of ``linear``, scaled to each cell's library size, for less work.

    Parameters
    ----------
    linear
        (n, n_genes), what the activation of the output layer is applied to; its gradient keeps its type (bfloat16).
    activation
        softplus, or softmax with library sizes.
    library
        (n,), what the expected counts of each cell add up to; ``None`` for the softplus's values as they are.
    target, dispersion, nonzero
        As in :func:`negative_binomial`.
    """
    if nonzero is None:
        values = linear.float()
        rebuilt = values.softmax(dim=1) if activation == "softmax" else functional.softplus(values)
        return negative_binomial(rebuilt if library is None else of_library(rebuilt, library), target, dispersion)
    loss = SparseNegativeBinomialOfLinear.apply(linear, activation == "softmax", library, dispersion, nonzero)
    assert isinstance(loss, Tensor)
    return loss


def of_library(genes: Tensor, library: Tensor) -> Tensor:
    """(n, n_genes) values above 0, made to add up to each cell's library size (n,)."""
    return genes * (library.unsqueeze(1) / genes.sum(dim=1, keepdim=True).clamp_min(SMALLEST_SUM))


def zero_inflated_negative_binomial(
    rebuilt: Tensor, target: Tensor, dispersion: Tensor, zero_logits: Tensor, nonzero: NonZero | None = None
) -> Tensor:
    """Mean negative log-likelihood of negative binomial counts of which some are replaced by 0.

    Parameters
    ----------
    rebuilt
        (n, n_genes), expected counts where none is replaced, not negative.
    target
        (n, n_genes), counts.
    dispersion
        (n_genes,), positive; as in ``negative_binomial``.
    zero_logits
        (n, n_genes), log odds that a count is replaced by 0.
    nonzero
        The non-zero values of ``target``: the same loss and gradient, the gamma functions at those alone.

    Source: Eraslan et al. 2019, zero-inflated negative binomial of the deep count autoencoder.
    """
    # with s(x) = log(1 + exp(x)), l the logit and z what a zero costs without inflation, a zero costs
    # s(-l) - s(-l - z), and a count s(l + z) more than a zero, beside what it costs more without inflation
    log_odds = zero_logits + dispersion * torch.log1p(rebuilt / dispersion)
    zero_part = functional.softplus(-zero_logits) - functional.softplus(-log_odds)
    if nonzero is None:
        above = _above_zero(rebuilt, target, dispersion) + functional.softplus(log_odds)
        return (zero_part + torch.where(target > 0, above, 0.0)).mean()
    position, gene = nonzero.position, nonzero.column
    mean = rebuilt.reshape(-1).gather(0, position)
    above = _above_zero(mean, nonzero.value, dispersion[gene])
    above = above + functional.softplus(log_odds.reshape(-1).gather(0, position))
    return (zero_part.sum() + above.sum()) / rebuilt.numel()


def _above_zero(mean: Tensor, count: Tensor, dispersion: Tensor) -> Tensor:
    """What a count adds to the loss of a zero at the same place; exactly 0 where the count is 0."""
    gammas = torch.lgamma(count + dispersion) - torch.lgamma(dispersion) - torch.lgamma(count + 1)
    return count * (torch.log(mean + dispersion) - torch.log(mean + SMALL)) - gammas
