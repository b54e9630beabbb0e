"""Integrated gradients along the straight path from a baseline to each cell, for any output of a network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from torch import Tensor

POINTS = 1024
"""Points of all paths that pass through the network at once."""


def nodes(steps: int, like: Tensor) -> tuple[Tensor, Tensor]:
    """Where on the path (0 to 1) the gradient is taken and with which weight, each (steps,); Gauss and Legendre's rule.

    Parameters
    ----------
    steps
        Points of the path.
    like
        Gives kind of number and device.
    """
    points, weights = np.polynomial.legendre.leggauss(steps)
    at = torch.as_tensor((points + 1) / 2, dtype=like.dtype, device=like.device)
    return at, torch.as_tensor(weights / 2, dtype=like.dtype, device=like.device)


def cells_at_once(steps: int) -> int:
    """Cells whose paths pass through the network together."""
    return max(POINTS // steps, 1)


def along_path(
    outputs: Callable[[Tensor], Tensor], cells: Tensor, start: Tensor, steps: int, units: Sequence[int]
) -> Iterator[Tensor]:
    """For each unit the attribution of every gene: its distance from the baseline times its mean gradient on the way.

    Parameters
    ----------
    outputs
        (n, n_genes) -> (n, n_units), each row from its own cell alone.
    cells
        (n_cells, n_genes); no more of them than ``cells_at_once``.
    start
        (n_genes,), the baseline.
    steps
        Points of the path.
    units
        Numbers of the outputs.

    Returns
    -------
    Tensors (n_cells, n_genes), in the unit of the output.

    Source: Sundararajan et al. 2017.
    """
    at, weights = nodes(steps, cells)
    way = cells - start
    with torch.enable_grad():
        points = (start + at[:, None, None] * way).reshape(-1, cells.shape[1]).requires_grad_()
        output = outputs(points)
    for position, unit in enumerate(units):
        # a cell's output depends on that cell alone, so the gradient of the sum is each point's own
        (slope,) = torch.autograd.grad(output[:, unit].sum(), points, retain_graph=position < len(units) - 1)
        mean = torch.tensordot(weights, slope.reshape(steps, *cells.shape), dims=1)
        yield mean * way
