"""The same network before it learned anything: what its attributions show comes from the data, not from learning."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING

import torch
from torch import nn

from core.networks.layers import limits
from core.networks.start_weights import MaskedLinear, start, start_masked

if TYPE_CHECKING:
    from core.networks.network import Network


def untrained(network: Network, seed: int) -> Network:
    """A copy of ``network`` with new random weights.

    The norm of the input keeps its statistics, which describe the data; all other norms begin anew.

    Parameters
    ----------
    network
        Left as it was.
    seed
        The same seed gives the same weights.

    Source: Adebayo et al. 2018, randomised parameters as a sanity check.
    """
    made = deepcopy(network)
    generator = torch.Generator().manual_seed(seed)
    of_input = set(made.input.modules())
    for module in made.modules():
        if isinstance(module, MaskedLinear):
            start_masked(module, "xavier", generator)
        elif isinstance(module, nn.Linear):
            start(module, "xavier", generator)
        elif isinstance(module, nn.BatchNorm1d | nn.LayerNorm) and module not in of_input:
            module.reset_parameters()
    for limit in limits(made):
        if limit.non_negative:
            with torch.no_grad():
                limit.weight.abs_()
    return made.eval()
