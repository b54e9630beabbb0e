"""Designs: the proportions of simulated mixtures, in whole percent or as free shares."""

from __future__ import annotations

import numpy as np

SIX_SETS = (
    "prior ranges",
    "permuted prior",
    "broken stick",
    "Dirichlet, exclusion",
    "Dirichlet",
    "pure",
)
SIX_SHARES = (10, 5, 20, 15, 35, 15)
SCADEN_SETS = ("all types", "some types")
DIRICHLET_SETS = ("Dirichlet", "around the reference", "pure")
CONCENTRATION = (0.3, 5.0)
TYPE_DROP = 0.15
PURE_SHARE = 0.05
REFERENCE_SHARE = 0.5
SMALLEST_FREQUENCY = 0.02


def six_sets(n: int, ranges: np.ndarray, sparsity: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """The six sets of digitalDLSorteR in their shares 10, 5, 20, 15, 35 and 15 per cent.

    1 each type uniform in its prior range; 2 the same with the types shuffled in each mixture; 3 a broken stick:
    random types take random whole parts of what is left of 100; 4 and 5 Dirichlet(1, ..., 1); 6 one type alone, each
    type equally often. Types may be excluded in sets 1 to 4.

    Parameters
    ----------
    n
        Mixtures in all.
    ranges
        (n_types, 2), smallest and largest percentage of each type.
    sparsity
        Probability that a mixture lacks types.

    Returns
    -------
    proportions
        (n, n_types), whole percent that sum to 100.
    design
        (n,), position in ``SIX_SETS``.

    Source: digitalDLSorteR, ``generateBulkCellMatrix`` (the code, whose help text describes set 4 otherwise).
    """
    n_types = len(ranges)
    sizes = whole_parts(np.array([SIX_SHARES], dtype=float), np.array([n]))[0]
    free = np.ones((sizes[4], n_types), dtype=bool)
    allowed = [excluded(size, n_types, sparsity, rng) for size in sizes[:4]]
    prior = rng.integers(ranges[:, 0], ranges[:, 1] + 1, size=(sizes[0], n_types))
    permuted = rng.integers(ranges[:, 0], ranges[:, 1] + 1, size=(sizes[1], n_types))
    parts = [
        percent(prior, allowed[0], rng),
        rng.permuted(percent(permuted, allowed[1], rng), axis=1),
        broken_stick(allowed[2], rng),
        percent(rng.dirichlet(np.ones(n_types), sizes[3]), allowed[3], rng),
        percent(rng.dirichlet(np.ones(n_types), sizes[4]), free, rng),
        100 * np.eye(n_types, dtype=np.int64)[np.arange(sizes[5]) % n_types],
    ]
    return np.concatenate(parts), np.repeat(np.arange(len(parts), dtype=np.int8), sizes)


def dirichlet(n: int, frequencies: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Dirichlet mixtures of many concentrations, half of them with the mean composition of the reference.

    The mean concentration over the types is log-uniform from 0.3 to 5. In half of the mixtures all types have the
    same concentration, in the others it is proportional to the type's frequency (2 per cent at least). Each type is
    absent with probability .15; one mixture in twenty is a single type.

    Parameters
    ----------
    n
        Mixtures in all.
    frequencies
        (n_types,), each type's share of the reference cells.

    Returns
    -------
    proportions
        (n, n_types), shares that sum to one.
    design
        (n,), position in ``DIRICHLET_SETS``.
    """
    n_types = len(frequencies)
    lean = np.maximum(frequencies, SMALLEST_FREQUENCY)
    design = (rng.random(n) < REFERENCE_SHARE).astype(np.int8)
    base = np.where(design[:, None] == 1, n_types * lean / lean.sum(), 1.0)
    weights = rng.standard_gamma(base * np.exp(rng.uniform(*np.log(CONCENTRATION), size=(n, 1))))
    weights *= _keep_one(rng.random((n, n_types)) >= TYPE_DROP, rng)
    design[rng.random(n) < PURE_SHARE] = 2
    pure = np.flatnonzero(design == 2)
    weights[pure] = np.eye(n_types)[rng.integers(n_types, size=len(pure))]
    weights[weights.sum(axis=1) == 0] = 1.0  # a gamma draw can underflow to zero
    return weights / weights.sum(axis=1, keepdims=True), design


def scaden(n: int, n_types: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Uniform numbers scaled to sum to one: half of the mixtures of all types, half of a random choice of them.

    Returns
    -------
    proportions
        (n, n_types), shares that sum to one.
    design
        (n,), position in ``SCADEN_SETS``; as many of either as can be.

    Source: Scaden, ``scaden simulate``: in the second half 1 to n_types - 1 types are kept.
    """
    design = (np.arange(n) >= n // 2).astype(np.int8)
    kept = rng.integers(1, max(n_types, 2), size=n)
    order = rng.permuted(np.broadcast_to(np.arange(n_types), (n, n_types)), axis=1)
    weights = (1 - rng.random((n, n_types))) * ((design == 0)[:, None] | (order < kept[:, None]))
    return weights / weights.sum(axis=1, keepdims=True), design


def excluded(n: int, n_types: int, sparsity: float, rng: np.random.Generator) -> np.ndarray:
    """(n, n_types), whether a type may occur.

    With probability 1 - ``sparsity`` all may; else the number of absent types is uniform on 1 to n_types - 1.
    """
    if n_types == 1:
        return np.ones((n, 1), dtype=bool)
    dropped = np.where(rng.random(n) < sparsity, rng.integers(1, n_types, size=n), 0)
    order = rng.permuted(np.broadcast_to(np.arange(n_types), (n, n_types)), axis=1)
    return order >= dropped[:, None]


def percent(weights: np.ndarray, allowed: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """``weights`` of the ``allowed`` types as whole percent that sum to 100.

    What rounding leaves over or takes too much is settled one per cent at a time on random types.
    """
    weights = np.where(allowed, weights, 0).astype(float)
    empty = weights.sum(axis=1) == 0
    weights[empty] = allowed[empty]
    whole = np.rint(100 * weights / weights.sum(axis=1, keepdims=True)).astype(np.int64)
    while (off := 100 - whole.sum(axis=1)).any():
        rows = np.flatnonzero(off)
        step = np.sign(off[rows])
        fits = (weights[rows] > 0) & (whole[rows] + step[:, None] >= 0)
        whole[rows, np.where(fits, rng.random(fits.shape), -1).argmax(axis=1)] += step
    return whole


def broken_stick(allowed: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(n, n_types), whole percent: random allowed types take 1 to all of what is left, until nothing is."""
    whole = np.zeros(allowed.shape, dtype=np.int64)
    rows = np.arange(len(allowed))
    left = np.full(len(allowed), 100)
    while len(rows):
        taken = rng.integers(1, left[rows] + 1)
        chosen = np.where(allowed[rows], rng.random((len(rows), allowed.shape[1])), -1).argmax(axis=1)
        whole[rows, chosen] += taken
        left[rows] -= taken
        rows = rows[left[rows] > 0]
    return whole


def whole_parts(weights: np.ndarray, totals: np.ndarray) -> np.ndarray:
    """``totals`` (n,) shared out by ``weights`` (n, k) in whole numbers; the largest remainders are rounded up."""
    exact = totals[:, None] * weights / weights.sum(axis=1, keepdims=True)
    parts = np.floor(exact + 1e-9).astype(np.int64)
    rank = np.argsort(np.argsort(parts - exact, axis=1, kind="stable"), axis=1, kind="stable")
    return parts + (rank < (totals - parts.sum(axis=1))[:, None])


def _keep_one(present: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    empty = np.flatnonzero(~present.any(axis=1))
    present[empty, rng.integers(present.shape[1], size=len(empty))] = True
    return present
