"""matchSCore: do groups of query cells have the marker genes of the types that they are called?"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import stats

from core.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

LEVEL = 0.05
"""Largest adjusted p that counts as beyond chance."""


def marker_overlap(
    reference: Mapping[str, Collection[str]], query: Mapping[str, Collection[str]], universe: int
) -> pd.DataFrame:
    """Jaccard index of every reference type's marker set with every query group's, and what chance would give.

    Parameters
    ----------
    reference
        Marker genes of each reference type.
    query
        Marker genes of each query group.
    universe
        How many genes the markers were chosen from, the same for both.

    Returns
    -------
    A row per pair: ``reference``, ``query``, ``shared`` (genes), ``jaccard`` (shared genes over all genes of the two
    sets, 0 to 1; 0 for two empty sets), ``chance`` (the Jaccard index expected of a random query set of that size),
    ``p`` (that a random set shares as many genes or more) and ``p_adjusted`` (Benjamini and Hochberg over all pairs).

    Raises
    ------
    DataError
        If a set holds more genes than there are to choose from.

    Source: matchSCore2; DeepSCore, "matchscore". The comparison with chance is CellDesk's own.
    """
    largest = max((len(set(genes)) for genes in (*reference.values(), *query.values())), default=0)
    if largest > universe:
        raise DataError("A marker set is larger than all genes together", largest, f"Give at least {largest:,} genes")
    rows = []
    for kind, genes in reference.items():
        for group, others in query.items():
            one, two = set(genes), set(others)
            either, shared = len(one | two), len(one & two)
            p = float(stats.hypergeom.sf(shared - 1, universe, len(one), len(two)))
            chance = _expected(len(one), len(two), universe)
            rows.append((kind, group, shared, shared / either if either else 0.0, chance, p))
    columns = ["reference", "query", "shared", "jaccard", "chance", "p"]
    table = pd.DataFrame(rows, columns=pd.Index(columns))
    table["p_adjusted"] = stats.false_discovery_control(table["p"]) if len(table) else table["p"]
    return table


def marker_score(overlap: pd.DataFrame) -> float:
    """Mean over reference types of the best Jaccard index, 0 to 1: matchSCore."""
    return float(overlap.groupby("reference")["jaccard"].max().mean())


def chance_score(
    reference: Mapping[str, Collection[str]], query: Mapping[str, Collection[str]], universe: int
) -> float:
    """The matchSCore expected if every query group had a random set of its size.

    The best of several random overlaps is higher than their mean, so this is more than the mean of ``chance``.

    Parameters
    ----------
    reference, query, universe
        As for `marker_overlap`.

    Returns
    -------
    Mean over reference types of the expected maximum, 0 to 1; exact, since random sets overlap independently.
    """
    sizes = [len(set(genes)) for genes in query.values()]
    return float(np.mean([_expected_best(len(set(genes)), sizes, universe) for genes in reference.values()]))


def best_overlap(overlap: pd.DataFrame) -> pd.DataFrame:
    """The reference type whose markers fit each query group best: ``query`` and the columns of that pair."""
    best = overlap.loc[overlap.groupby("query", sort=True)["jaccard"].idxmax()]
    return best[["query", *(name for name in overlap.columns if name != "query")]].reset_index(drop=True)


@lru_cache(maxsize=4096)
def _expected(one: int, two: int, universe: int) -> float:
    values, shares = _jaccards(one, two, universe)
    return float(values @ shares)


def _expected_best(one: int, sizes: list[int], universe: int) -> float:
    """Expected largest Jaccard index of one set with independent random sets of these sizes."""
    spread = [_jaccards(one, size, universe) for size in sizes]
    steps = np.unique(np.concatenate([values for values, _ in spread]))
    below = np.ones(len(steps))
    for values, shares in spread:
        reached = np.searchsorted(values, steps, side="right")
        below *= np.append(0.0, np.cumsum(shares))[reached]
    return float(steps @ np.diff(below, prepend=0.0))


def _jaccards(one: int, two: int, universe: int) -> tuple[np.ndarray, np.ndarray]:
    """Every Jaccard index that two sets of these sizes can have, ascending, and its share by chance."""
    shared = np.arange(max(0, one + two - universe), min(one, two) + 1)
    either = np.maximum(one + two - shared, 1)
    return shared / either, stats.hypergeom.pmf(shared, universe, one, two)
