"""Losses of the three heads. Count losses have a module of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn import functional

from core.networks.count_losses import (
    negative_binomial,
    negative_binomial_of_linear,
    poisson,
    poisson_of_linear,
    zero_inflated_negative_binomial,
)

if TYPE_CHECKING:
    from core.networks.batch import Batch

UNLABELLED = -1
SMALLEST = 1e-30  # far below float32's softmax, far above its underflow: the gradient stays exact


def reconstruction(
    kind: str, rebuilt: Tensor, batch: Batch, dispersion: Tensor | None = None, zero_logits: Tensor | None = None
) -> Tensor:
    """Mean loss per cell and gene.

    Parameters
    ----------
    kind
        mse, mae, huber (quadratic below a difference of 1), poisson, negative_binomial or
        zero_inflated_negative_binomial.
    rebuilt
        (n, n_genes), the network's output.
    batch
        Holds the target.
    dispersion
        (n_genes,), positive, for the negative binomials.
    zero_logits
        (n, n_genes), log odds of a count replaced by 0, for the zero-inflated one.
    """
    match kind:
        case "mse":
            return functional.mse_loss(rebuilt, batch.reconstruction_target)
        case "mae":
            return functional.l1_loss(rebuilt, batch.reconstruction_target)
        case "huber":
            return functional.huber_loss(rebuilt, batch.reconstruction_target)
        case "poisson":
            return poisson(rebuilt, batch.reconstruction_target, batch.nonzero)
        case "negative_binomial":
            assert dispersion is not None
            return negative_binomial(rebuilt, batch.reconstruction_target, dispersion, batch.nonzero)
        case "zero_inflated_negative_binomial":
            assert dispersion is not None
            assert zero_logits is not None
            target = batch.reconstruction_target
            return zero_inflated_negative_binomial(rebuilt, target, dispersion, zero_logits, batch.nonzero)
    raise AssertionError(kind)


def reconstruction_of_linear(
    kind: str,
    linear: Tensor,
    activation: str,
    batch: Batch,
    dispersion: Tensor | None = None,
    library: Tensor | None = None,
) -> Tensor:
    """``reconstruction`` of the output activation of ``linear``, for less work.

    Parameters
    ----------
    kind
        poisson or negative_binomial.
    linear
        (n, n_genes), what the activation of the output layer is applied to.
    activation
        softplus, or softmax for the negative binomial with library sizes.
    batch, dispersion
        As in :func:`reconstruction`.
    library
        (n,), what each cell's expected counts are scaled to add up to; for the negative binomial alone.
    """
    target, nonzero = batch.reconstruction_target, batch.nonzero
    if kind == "poisson":
        return poisson_of_linear(linear, target, nonzero)
    assert dispersion is not None
    return negative_binomial_of_linear(linear, activation, library, target, dispersion, nonzero)


def code_divergence(mean: Tensor, deviation: Tensor) -> Tensor:
    """Kullback-Leibler divergence of each cell's code from a standard normal one: summed over units, mean over cells.

    Parameters
    ----------
    mean, deviation
        (n, units), mean and standard deviation of the code.

    Returns
    -------
    In nats.

    Source: Kingma and Welling 2014, appendix B.
    """
    per_unit = (mean.square() + deviation.square() - 1) / 2 - deviation.log()
    return per_unit.sum(dim=1).mean()


def cross_entropy(
    logits: Tensor, labels: Tensor, *, smoothing: float = 0.0, class_weights: Tensor | None = None
) -> Tensor:
    """Mean cross-entropy per labelled cell, weighted by the cell's class; 0 if no cell has a label.

    Parameters
    ----------
    logits
        (n, n_classes).
    labels
        (n,), int64; -1 marks a cell without a label, which does not count.
    smoothing
        Share of certainty spread over all classes.
    class_weights
        (n_classes,); ``None`` for equal weights.
    """
    loss = functional.cross_entropy(
        logits, labels, weight=class_weights, ignore_index=UNLABELLED, label_smoothing=smoothing, reduction="sum"
    )
    return loss / class_weight_sum(labels, class_weights).clamp_min(1e-12)


def class_weight_sum(labels: Tensor, class_weights: Tensor | None = None) -> Tensor:
    """What ``cross_entropy`` divides by: the summed weights of the labelled cells, their number for equal weights."""
    labelled = labels != UNLABELLED
    weight = labelled.float() if class_weights is None else class_weights[labels.clamp_min(0)] * labelled
    return weight.sum()


def proportions(kind: str, predicted: Tensor, true: Tensor) -> Tensor:
    """Mean loss per sample.

    Parameters
    ----------
    kind
        kl (Kullback-Leibler divergence of the true from the predicted proportions, in nats), mse, mae (both per
        sample and type) or kl_mae (the sum of both).
    predicted, true
        (n_samples, n_types), rows sum to one.

    Source: digitalDLSorteR, training loss "kullback_leibler_divergence".
    """
    match kind:
        case "kl":
            return _kl(predicted, true)
        case "mse":
            return functional.mse_loss(predicted, true)
        case "mae":
            return functional.l1_loss(predicted, true)
        case "kl_mae":
            return _kl(predicted, true) + functional.l1_loss(predicted, true)
    raise AssertionError(kind)


def class_weights(sizes: Tensor, rule: str) -> Tensor | None:
    """Weight of each class, 1 on average over the cells; ``None`` for the rule none.

    Parameters
    ----------
    sizes
        (n_classes,), training cells of each class; a class without cells gets weight 0.
    rule
        none; balanced (each class counts the same in sum); sqrt (half-way between the two).
    """
    if rule == "none":
        return None
    sizes = sizes.float()
    present = sizes > 0
    raw = torch.where(present, 1 / sizes.clamp_min(1), 0.0)
    raw = raw.sqrt() if rule == "sqrt" else raw
    return raw * sizes.sum() / (raw * sizes).sum()


def _kl(predicted: Tensor, true: Tensor) -> Tensor:
    ratio = true.clamp_min(SMALLEST).log() - predicted.clamp_min(SMALLEST).log()
    return (true * ratio).sum(dim=1).mean()
