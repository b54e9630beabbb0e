"""A cell type that no reference knows, as far as it can be imitated: profiles unlike any of the known ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.errors import SpecError

UNKNOWN = "Unknown"
"""Name of the share that belongs to no type of the reference."""
SWITCHED_ON = (0.05, 1.0)
"""Smallest and largest share of the genes of the bulk alone that an imitated type shows."""
FACTOR_SD = 0.5
PRESENT = 0.5
"""Share of the mixtures that hold an unknown part."""


def require_no_such_type(labels: Sequence[str]) -> None:
    """Refuse a reference that has a type with the name of the unknown share.

    Raises
    ------
    SpecError
        If it has.
    """
    if UNKNOWN in labels:
        raise SpecError(
            "A type of the reference has the name of the unknown share",
            UNKNOWN,
            "Rename or leave out that type, or set analysis.unknown to 0",
        )


def unknown_profiles(profiles: np.ndarray, alone: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """Mean counts per cell of ``n`` types that do not exist.

    Each starts from a known type and keeps a random share of what sets that type off: other genes fall to the lowest
    level of any type. A random share of the genes that the reference lacks is switched on, at levels that markers of
    known types have in their own type. Each gene gets a log-normal factor.

    Parameters
    ----------
    profiles
        (n_genes, n_types), mean counts per cell of the known types.
    alone
        (n_genes,), True for genes that bulk samples show and no type of the reference does.

    Returns
    -------
    (n, n_genes), float64.
    """
    n_genes, n_types = profiles.shape
    kept = rng.random((n, n_genes)) < rng.random((n, 1))
    known = np.where(kept, profiles.T[rng.integers(n_types, size=n)], profiles.min(axis=1))
    if alone.any():
        levels = rng.choice(profiles[~alone].max(axis=1), size=(n, int(alone.sum())))
        on = rng.random(levels.shape) < rng.uniform(*SWITCHED_ON, size=(n, 1))
        known[:, alone] = np.where(on, levels, known[:, alone])
    return known * np.exp(FACTOR_SD * rng.standard_normal((n, n_genes)))


def with_unknown(
    values: np.ndarray,
    proportions: np.ndarray,
    sizes: np.ndarray,
    profiles: np.ndarray,
    alone: np.ndarray,
    most: float,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Mixtures of which half hold cells of a type of their own that nobody knows.

    Parameters
    ----------
    values
        (n, n_genes), summed counts.
    proportions
        (n, n_types), shares of the known types.
    sizes
        (n,), known cells in each mixture.
    profiles
        (n_genes, n_types), mean counts per cell.
    alone
        (n_genes,), True for genes that bulk samples show and no type of the reference does.
    most
        Largest unknown share; shares are uniform up to it.

    Returns
    -------
    The counts, float32, and (n, n_types + 1) proportions whose last column is the unknown share.
    """
    n = len(values)
    share = np.where(rng.random(n) < PRESENT, rng.uniform(0, most, n), 0.0)
    cells = sizes * share / (1 - share)
    strange = rng.poisson(cells[:, None] * unknown_profiles(profiles, alone, n, rng))
    return (values + strange).astype(np.float32), np.column_stack([proportions * (1 - share)[:, None], share])
