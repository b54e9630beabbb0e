"""Means over an epoch: loss and terms, accuracy, macro F1, error and concordance of proportions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from core.networks.losses import UNLABELLED

if TYPE_CHECKING:
    from torch import Tensor

    from core.networks.batch import Batch
    from core.networks.objective import Objective


def metric_names(objective: Objective) -> list[str]:
    """Every value that an epoch of ``objective`` reports, and that a run can watch."""
    names = ["loss", *objective.weights]
    if objective.spec.classes:
        names += ["accuracy", "macro_f1"]
    if objective.spec.proportions:
        names += ["proportion_mae", "proportion_ccc"]
    return names


class Totals:
    """Running sums on the device of the batches; read once, at the end of the epoch."""

    def __init__(self) -> None:
        self.n = 0
        self.sums: dict[str, Tensor] = {}
        self.calls: Tensor | None = None
        self.moments: Tensor | None = None

    @torch.no_grad()
    def add(self, total: Tensor, terms: dict[str, Tensor], outputs: dict[str, Tensor], batch: Batch) -> None:
        """Take in one batch."""
        self.n += batch.whole
        for name, value in {"loss": total, **terms}.items():
            weighted = value.detach() * batch.whole
            self.sums[name] = weighted if name not in self.sums else self.sums[name] + weighted
        if "class_logits" in outputs and batch.labels is not None:
            calls = _calls(outputs["class_logits"].argmax(dim=1), batch.labels, outputs["class_logits"].shape[1])
            self.calls = calls if self.calls is None else self.calls + calls
        if "proportions" in outputs and batch.proportions is not None:
            moments = _moments(outputs["proportions"], batch.proportions)
            self.moments = moments if self.moments is None else self.moments + moments

    def tensors(self) -> list[Tensor]:
        """Every sum, in an order that is the same on all devices."""
        return [*self.sums.values(), *(each for each in (self.calls, self.moments) if each is not None)]

    def values(self) -> dict[str, float]:
        """Each mean by name."""
        found = {name: float(value) / self.n for name, value in self.sums.items()}
        if self.calls is not None:
            found |= class_metrics(self.calls.cpu())
        if self.moments is not None:
            found |= proportion_metrics(self.moments.cpu())
        return found


def class_metrics(calls: Tensor) -> dict[str, float]:
    """Accuracy over all labelled cells, and the mean F1 of the classes that occur as label or call.

    Parameters
    ----------
    calls
        (3, n_classes): cells called right, cells called so, cells labelled so.
    """
    right, called, labelled = calls.double()
    seen = (called + labelled) > 0
    f1 = 2 * right[seen] / (called + labelled)[seen]
    return {
        "accuracy": float(right.sum() / labelled.sum().clamp_min(1)),
        "macro_f1": float(f1.mean()) if len(f1) else 0.0,
    }


def proportion_metrics(moments: Tensor) -> dict[str, float]:
    """Mean absolute error, and Lin's concordance correlation over all samples and types together.

    Parameters
    ----------
    moments
        (7,): number of proportions; sums of absolute error, predicted, true, predicted^2, true^2, predicted x true.
    """
    n, error, p, t, pp, tt, pt = (float(value) for value in moments)
    p, t = p / n, t / n
    spread = (pp / n - p * p) + (tt / n - t * t) + (p - t) ** 2
    return {"proportion_mae": error / n, "proportion_ccc": 2 * (pt / n - p * t) / spread if spread > 0 else 1.0}


def _calls(called: Tensor, labels: Tensor, n_classes: int) -> Tensor:
    counts = torch.zeros(3, n_classes, device=called.device)
    known = (labels != UNLABELLED).float()
    safe = labels.clamp_min(0)
    counts[0].scatter_add_(0, safe, known * (called == labels))
    counts[1].scatter_add_(0, called, known)
    counts[2].scatter_add_(0, safe, known)
    return counts


def _moments(predicted: Tensor, true: Tensor) -> Tensor:
    exact = torch.float32 if predicted.device.type == "mps" else torch.float64
    p, t = predicted.to(exact).flatten(), true.to(exact).flatten()
    n = torch.full((), p.numel(), dtype=exact, device=p.device)
    return torch.stack([n, (p - t).abs().sum(), p.sum(), t.sum(), p @ p, t @ t, p @ t])
