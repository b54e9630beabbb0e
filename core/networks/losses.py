"""Losses of the three heads. Count losses have a module of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn import functional

from core.networks.count_losses import negative_binomial, poisson

if TYPE_CHECKING:
    from core.networks.batch import Batch

UNLABELLED = -1
SMALLEST = 1e-30  # far below float32's softmax, far above its underflow: the gradient stays exact


def reconstruction(kind: str, rebuilt: Tensor, batch: Batch, dispersion: Tensor | None = None) -> Tensor:
    """Mean loss per cell and gene.

    Parameters
    ----------
    kind
        mse, mae, huber (quadratic below a difference of 1), poisson or negative_binomial.
    rebuilt
        (n, n_genes), the network's output.
    batch
        Holds the target.
    dispersion
        (n_genes,), positive, for the negative binomial.
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
    raise AssertionError(kind)


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
    labelled = labels != UNLABELLED
    weight = labelled.float() if class_weights is None else class_weights[labels.clamp_min(0)] * labelled
    return loss / weight.sum().clamp_min(1e-12)


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
