"""Gradients of what a composition network says of a type, at samples that hold it: which genes it looks at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import torch
from torch import Tensor

from core.errors import SpecError
from core.interpretation.guided import evaluating
from core.networks.losses import proportions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.interpretation.integrated import Projection
    from core.networks.network import Network

Answer = Literal["class", "loss"]
ROWS = 1024
"""Samples that pass through the network at once."""


@dataclass(frozen=True)
class TypeGradients:
    """Gradients averaged over the samples that are asked about each type.

    Attributes
    ----------
    networks
        (n_networks, n_types, n_genes), of each network by itself, per unit of the gene's input.
    error
        (n_types, n_genes), standard error over the samples of the networks' mean; NaN for a single sample.
    """

    networks: np.ndarray
    error: np.ndarray

    @property
    def mean(self) -> np.ndarray:
        """(n_types, n_genes), over the networks."""
        return self.networks.mean(axis=0)

    @property
    def agreement(self) -> np.ndarray:
        """(n_types, n_genes), share of the networks whose gradient has the sign of the mean, 0 to 1."""
        return (np.sign(self.networks) == np.sign(self.mean)).mean(axis=0)


def class_gradients(
    network: Network,
    values: np.ndarray,
    own: np.ndarray,
    *,
    of: Answer = "class",
    loss: str = "kl",
    projection: Projection | None = None,
) -> np.ndarray:
    """Gradient of what a network says of one type in each sample, with respect to the network's input.

    Parameters
    ----------
    network
        With a proportion head; dropout is off and batch norm uses what it learned. It is left as it was.
    values
        (n_samples, n_inputs), the network's input.
    own
        (n_samples,), number of the type that each sample is asked about.
    of
        class: the share of that type, after softmax. loss: the training loss, if the type were all there is.
    loss
        Which loss, as in `core.networks.losses.proportions`.
    projection
        Components that the network sees in place of genes; gradients are led back to the genes.

    Returns
    -------
    (n_samples, n_genes), float64, per unit of a gene's input.

    Raises
    ------
    SpecError
        If the network has no proportion head.

    Source: digitalDLSorteR, interGradientsDL (method "class" and "loss").
    """
    if network.proportion_head is None:
        raise SpecError("This network has no such head", "proportions", "Train one with objective.proportions")
    device = next(network.parameters()).device
    with evaluating(network):
        parts = [
            _gradients(
                network,
                torch.as_tensor(np.ascontiguousarray(values[start : start + ROWS]), dtype=torch.float32, device=device),
                torch.as_tensor(own[start : start + ROWS], dtype=torch.int64, device=device),
                of,
                loss,
            )
            for start in range(0, len(values), ROWS)
        ]
    found = np.concatenate(parts)
    return found if projection is None else found @ projection.loadings


def type_gradients(
    networks: Sequence[Network],
    values: np.ndarray,
    own: np.ndarray,
    n_types: int,
    *,
    of: Answer = "class",
    loss: str = "kl",
    projection: Projection | None = None,
) -> TypeGradients:
    """Gradients of several networks, averaged over the samples that are asked about each type.

    Parameters
    ----------
    networks
        The members of an ensemble, whose shares are averaged.
    values, own, of, loss, projection
        As for `class_gradients`.
    n_types
        Types in all; each is asked about at least once.
    """
    each = np.stack([class_gradients(net, values, own, of=of, loss=loss, projection=projection) for net in networks])
    together = each.mean(axis=0)
    rows = [own == number for number in range(n_types)]
    return TypeGradients(
        networks=np.stack([each[:, mine].mean(axis=1) for mine in rows], axis=1),
        error=np.stack([_standard_error(together[mine]) for mine in rows]),
    )


def _gradients(network: Network, x: Tensor, own: Tensor, of: Answer, loss: str) -> np.ndarray:
    with torch.enable_grad():
        x = x.requires_grad_()
        shares = _shares(network, x)
        truth = torch.nn.functional.one_hot(own, shares.shape[1]).to(shares.dtype)
        # one graph for all: an answer depends on its own sample alone, so the sum's gradient is each one's own
        answer = (shares * truth).sum() if of == "class" else proportions(loss, shares, truth) * len(x)
        (gradient,) = torch.autograd.grad(answer, x)
    return gradient.double().cpu().numpy()


def _shares(network: Network, x: Tensor) -> Tensor:
    """(n, n_types), the softmax in float64: a network that is all but certain has a gradient that float32 loses."""
    head = network.proportion_head
    assert head is not None
    logits: list[Tensor] = []
    hook = head.softmax.register_forward_pre_hook(lambda _module, inputs: logits.append(inputs[0]))
    try:
        head(network.encode(x))
    finally:
        hook.remove()
    return torch.softmax(logits[0].double(), dim=1)


def _standard_error(gradients: np.ndarray) -> np.ndarray:
    """(n_samples, n_genes) -> (n_genes,)."""
    n = len(gradients)
    return gradients.std(axis=0, ddof=1) / np.sqrt(n) if n > 1 else np.full(gradients.shape[1], np.nan)
