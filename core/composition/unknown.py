"""A cell type that no reference knows, as far as it can be imitated: profiles unlike any of the known ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.errors import SpecError

UNKNOWN = "Unknown"
"""Name of the share that belongs to no type of the reference."""
OWN_GENES = (0.02, 1.0)
"""Smallest and largest share of the genes in which an imitated type differs from the known one it starts from."""
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


def unknown_profiles(profiles: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """Mean counts per cell of ``n`` types that do not exist.

    Each starts from a known type. In a random share of its genes it takes the values that another known type has in
    other genes, so that levels are those of real cells while markers are not; each gene gets a log-normal factor.

    Parameters
    ----------
    profiles
        (n_genes, n_types), mean counts per cell of the known types.

    Returns
    -------
    (n, n_genes), float64.
    """
    n_genes, n_types = profiles.shape
    start, other = rng.integers(n_types, size=(2, n))
    own = rng.random((n, n_genes)) < np.exp(rng.uniform(*np.log(OWN_GENES), size=(n, 1)))
    shuffled = rng.permuted(profiles.T[other], axis=1)
    return np.where(own, shuffled, profiles.T[start]) * np.exp(FACTOR_SD * rng.standard_normal((n, n_genes)))


def with_unknown(
    values: np.ndarray,
    proportions: np.ndarray,
    sizes: np.ndarray,
    profiles: np.ndarray,
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
    most
        Largest unknown share; shares are uniform up to it.

    Returns
    -------
    The counts, float32, and (n, n_types + 1) proportions whose last column is the unknown share.
    """
    n = len(values)
    share = np.where(rng.random(n) < PRESENT, rng.uniform(0, most, n), 0.0)
    cells = sizes * share / (1 - share)
    strange = rng.poisson(cells[:, None] * unknown_profiles(profiles, n, rng))
    return (values + strange).astype(np.float32), np.column_stack([proportions * (1 - share)[:, None], share])
