"""Integrated gradients: how much each gene adds to a type's logit, on the way from an average cell to the cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from core.errors import SpecError
from core.interpretation.guided import evaluating
from core.interpretation.path import along_path, cells_at_once

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

    from core.networks.network import Network

TOLERANCE = 0.02
"""Largest gap between the sum of attributions and the difference of logits, a share of it (of 1 where it is less)."""
MOST_STEPS = 1024


@dataclass(frozen=True)
class Attributions:
    """What each gene adds to each contrast of logits.

    Attributes
    ----------
    values
        (n_contrasts, n_cells, n_genes), in logits.
    difference
        (n_contrasts, n_cells), contrast of the cell minus that of the baseline: what the values should sum to.
    """

    values: np.ndarray
    difference: np.ndarray

    @property
    def gap(self) -> np.ndarray:
        """(n_contrasts, n_cells), sum of the attributions minus the difference, in logits; 0 where complete."""
        return self.values.sum(axis=2) - self.difference


@dataclass(frozen=True)
class Projection:
    """Components between the genes and the network: ``loadings`` (n_components, n_genes), ``centre`` (n_genes,)."""

    loadings: np.ndarray
    centre: np.ndarray


def against_rest(n_types: int) -> np.ndarray:
    """(n_types, n_types) contrasts: each type's logit minus the mean logit of all others.

    A constant added to all logits of a cell changes no probability, and no contrast either.
    """
    if n_types < 2:
        return np.ones((n_types, n_types))
    return (np.eye(n_types) * n_types - 1) / (n_types - 1)


def against(n_types: int, first: int, second: int) -> np.ndarray:
    """(1, n_types) contrast: logit of ``first`` minus that of ``second``, the log odds between the two."""
    contrast = np.zeros((1, n_types))
    contrast[0, first], contrast[0, second] = 1.0, -1.0
    return contrast


def integrated_gradients(
    network: Network,
    values: np.ndarray,
    baseline: np.ndarray,
    contrasts: np.ndarray,
    *,
    steps: int = 32,
    projection: Projection | None = None,
) -> Attributions:
    """Attribution of each gene: its distance from the baseline times its mean gradient along the straight path.

    The mean is taken by Gauss and Legendre's rule; where attributions do not add up within 2 %, the steps are doubled.

    Parameters
    ----------
    network
        Trained network with a class head; dropout is off and batch norm uses what it learned. It is left as it was.
    values
        (n_cells, n_genes), scaled as in training, before components are taken.
    baseline
        (n_genes,), where each path starts: an average cell.
    contrasts
        (n_contrasts, n_types), weights of the logits.
    steps
        Points of the path at first.
    projection
        Components that the network sees in place of genes.

    Raises
    ------
    SpecError
        If the network has no class head.

    Source: Sundararajan et al. 2017.
    """
    if network.class_head is None:
        raise SpecError("This network has no such head", "classes", "Train one with objective.classes")
    with evaluating(network):
        found = _attributions(_logits_of(network, projection), network, values, baseline, contrasts, steps)
        rows = _incomplete(found)
        while len(rows) and steps < MOST_STEPS:
            steps = min(2 * steps, MOST_STEPS)
            better = _attributions(_logits_of(network, projection), network, values[rows], baseline, contrasts, steps)
            found.values[:, rows] = better.values
            rows = rows[_incomplete(better)]
    return found


def linear_attributions(
    weight: np.ndarray,
    values: np.ndarray,
    baseline: np.ndarray,
    contrasts: np.ndarray,
    *,
    projection: Projection | None = None,
) -> Attributions:
    """The same for a linear model, in closed form: the gradient is its weights everywhere.

    Parameters
    ----------
    weight
        (n_types, n_inputs), logit per unit of input.
    values, baseline, contrasts, projection
        As for `integrated_gradients`.
    """
    by_gene = weight if projection is None else weight @ projection.loadings
    slope = contrasts @ by_gene
    made = slope[:, None, :] * (values - baseline).astype(np.float64)[None]
    return Attributions(made, made.sum(axis=2))


def shared_out(
    attribute: Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray],
    values: np.ndarray,
    baseline: np.ndarray,
    contrasts: np.ndarray,
    *,
    projection: Projection | None = None,
) -> Attributions:
    """The same for a member that attributes to its inputs by itself, such as trees.

    What it gives to a component is divided among genes by what each adds to the component.

    Parameters
    ----------
    attribute
        (n, n_inputs) values, (n_inputs,) baseline and (n_contrasts, n_types) contrasts -> (n_contrasts, n, n_inputs).
    values, baseline, contrasts, projection
        As for `integrated_gradients`.

    Source: Shrikumar et al. 2017, the rescale rule.
    """
    if projection is None:
        made = attribute(values, baseline, contrasts)
        return Attributions(made, made.sum(axis=2))
    at, start = ((part - projection.centre) @ projection.loadings.T for part in (values, baseline))
    given, moved = attribute(at, start, contrasts), at - start
    slope = np.divide(given, moved[None], out=np.zeros_like(given), where=np.abs(moved[None]) > 1e-6)
    return Attributions((slope @ projection.loadings) * (values - baseline)[None], given.sum(axis=2))


def weighted(parts: list[Attributions], shares: np.ndarray) -> Attributions:
    """Attributions of the weighted mean of several members' logits: those of the members, weighted alike."""
    values = sum(share * part.values for share, part in zip(shares, parts, strict=True))
    difference = sum(share * part.difference for share, part in zip(shares, parts, strict=True))
    return Attributions(np.asarray(values), np.asarray(difference))


def _incomplete(found: Attributions) -> np.ndarray:
    """Rows of cells whose attributions do not add up."""
    allowed = TOLERANCE * np.maximum(np.abs(found.difference), 1.0)
    return np.flatnonzero((np.abs(found.gap) > allowed).any(axis=0))


def _logits_of(network: Network, projection: Projection | None) -> Callable[[Tensor], Tensor]:
    head = network.class_head
    assert head is not None
    if projection is None:
        return lambda x: head(network.encode(x))
    device = next(network.parameters()).device
    loadings = torch.as_tensor(projection.loadings, dtype=torch.float32, device=device)
    centre = torch.as_tensor(projection.centre, dtype=torch.float32, device=device)
    return lambda x: head(network.encode((x - centre) @ loadings.T))


def _attributions(
    logits: Callable[[Tensor], Tensor],
    network: Network,
    values: np.ndarray,
    baseline: np.ndarray,
    contrasts: np.ndarray,
    steps: int,
) -> Attributions:
    device = next(network.parameters()).device
    start = torch.as_tensor(np.asarray(baseline, dtype=np.float32), device=device)
    weigh = torch.as_tensor(np.asarray(contrasts, dtype=np.float32), device=device)
    made = np.zeros((len(contrasts), *values.shape))
    difference = np.zeros((len(contrasts), len(values)))
    contrasted = range(len(contrasts))
    cells = cells_at_once(steps)
    with torch.no_grad():
        origin = logits(start[None]) @ weigh.T
    for first in range(0, len(values), cells):
        rows = slice(first, first + cells)
        block = torch.as_tensor(np.ascontiguousarray(values[rows], dtype=np.float32), device=device)
        with torch.no_grad():
            difference[:, rows] = (logits(block) @ weigh.T - origin).T.double().cpu().numpy()
        parts = along_path(lambda x: logits(x) @ weigh.T, block, start, steps, contrasted)
        for row, part in enumerate(parts):
            made[row, rows] = part.double().cpu().numpy()
    return Attributions(made, difference)
