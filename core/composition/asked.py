"""Samples that a network is asked about type by type: of one type alone, or of all types mixed evenly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.composition.mixtures import from_counts
from core.composition.pseudobulk import UNITS

if TYPE_CHECKING:
    from core.composition.plan import Plan
    from core.composition.signature import Signature
    from core.data.dataset import Unit

ASKED = 100
"""The stream of random numbers of these samples, apart from those of a plan."""
LEAST_COUNTS = 50_000
"""Counts of a sample drawn from profiles, at least: profiles of one read each say nothing of how many there are."""


@dataclass(frozen=True)
class Asked:
    """Samples and the type that each is asked about.

    Attributes
    ----------
    values
        (n_samples, n_genes), in ``unit``.
    unit
        What the pseudo-bulk leaves.
    own
        (n_samples,), number of the type.
    cells
        (n_types,), cells of each type that the samples were drawn from; 0 where none is at hand.
    """

    values: np.ndarray
    unit: Unit
    own: np.ndarray
    cells: np.ndarray


def from_cells(plan: Plan, n: int, *, mixed: bool = False) -> Asked:
    """``n`` samples for each type, of ``cells_high`` test cells each, without gene factors or an unknown part.

    No sample holds a cell that the networks learned from. A type with fewer test cells than a sample needs gives some
    of them more than once.

    Parameters
    ----------
    plan
        That of the run.
    n
        Samples for each type.
    mixed
        Cells of all types, each as likely, in place of the type alone.
    """
    drawing = _drawing(plan.seed)
    own, wanted = _cells_wanted(len(plan.labels), plan.spec.cells_high, n, drawing, mixed=mixed)
    made = plan.simulation.of(from_counts(plan.test, wanted, drawing), drawing, unknown=False)
    return Asked(made.values, UNITS[plan.spec.pseudobulk], own, np.diff(plan.test.starts))


def from_signature(signature: Signature, cells: int, n: int, *, seed: int, mixed: bool = False) -> Asked:
    """The same drawn from mean profiles, for a model whose cells are not at hand.

    Counts are Poisson around the sum of the profiles of ``cells`` cells: cells of a type do not differ, and genes vary
    by chance alone.
    """
    rng = _drawing(seed)
    own, wanted = _cells_wanted(signature.n_types, cells, n, rng, mixed=mixed)
    expected = wanted @ signature.profiles.T
    expected *= np.maximum(1, LEAST_COUNTS / expected.sum(axis=1, keepdims=True))
    return Asked(rng.poisson(expected).astype(np.float32), "counts", own, np.zeros(signature.n_types, dtype=np.int64))


def _cells_wanted(
    n_types: int, cells: int, n: int, rng: np.random.Generator, *, mixed: bool
) -> tuple[np.ndarray, np.ndarray]:
    """(n_types * n,) type of each sample, and (n_types * n, n_types) cells of each type in it."""
    own = np.repeat(np.arange(n_types), n)
    if mixed:
        return own, rng.multinomial(cells, np.full(n_types, 1 / n_types), len(own))
    return own, cells * np.eye(n_types, dtype=np.int64)[own]


def _drawing(seed: int) -> np.random.Generator:
    return np.random.default_rng(np.random.SeedSequence([seed, ASKED]))
