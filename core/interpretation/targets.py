"""What saliency can ask of a network: the units of its code, or the outputs of one of its heads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import torch

from core.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from core.networks.network import Network

Target = Literal["code", "classes", "proportions", "reconstruction"]
HEADS = {"classes": "class_head", "proportions": "proportion_head", "reconstruction": "output"}


def outputs(network: Network, x: Tensor, target: Target) -> Tensor:
    """What the network says of some cells.

    Parameters
    ----------
    network
        Not in training.
    x
        (n, n_inputs).
    target
        code: the code units. classes: logits of the cell types. proportions: shares of the cell types. reconstruction:
        the rebuilt genes, whose library size is that of the input where the network takes one.

    Returns
    -------
    (n, n_units).

    Raises
    ------
    SpecError
        If the network has no such head.
    """
    if target == "code":
        return network.encode(x)
    head = getattr(network, HEADS[target])
    if head is None:
        raise SpecError("This network has no such head", target, f"Train one with objective.{target}")
    # what stands beside the head asked for, such as the decoder, is not worth its time
    return network(x)["reconstruction"] if target == "reconstruction" else head(network.encode(x))


def chosen_units(network: Network, x: Tensor, target: Target, units: Sequence[int] | None) -> list[int]:
    """Numbers of the outputs asked about, from 0.

    Parameters
    ----------
    network, x, target
        As for `outputs`.
    units
        ``None`` for all.

    Raises
    ------
    SpecError
        If the network has no such head, or no unit of that number.
    """
    with torch.no_grad():
        n_units = outputs(network, x, target).shape[1]
    chosen = list(range(n_units)) if units is None else [int(unit) for unit in units]
    wrong = [unit for unit in chosen if not 0 <= unit < n_units]
    if wrong:
        raise SpecError("There is no unit of that number", wrong[0] + 1, f"Use a number from 1 to {n_units}")
    return chosen
