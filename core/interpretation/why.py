"""Why one cell is called what it is, and how many genes would have to change for another call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import stats

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

MOST_REPLACED = 200


def margins_replaced(
    margin: Callable[[np.ndarray], np.ndarray],
    cell: np.ndarray,
    goal: np.ndarray,
    order: np.ndarray,
    most: int = MOST_REPLACED,
) -> np.ndarray:
    """The margin of a call after the first genes of ``order`` were given another type's mean, one more each time.

    Parameters
    ----------
    margin
        (n, n_genes) -> (n,), how much the called type leads, in logits; below 0 the other type leads.
    cell
        (n_genes,), the cell, scaled.
    goal
        (n_genes,), mean of the other type, scaled.
    order
        Gene numbers, those that speak most for the call first.
    most
        Genes replaced at most.

    Returns
    -------
    (n_replaced + 1,), in logits, the cell as it is first.
    """
    order = np.asarray(order)[:most]
    steps = np.repeat(np.asarray(cell, dtype=np.float32)[None], len(order) + 1, axis=0)
    for number, gene in enumerate(order, start=1):
        steps[number:, gene] = goal[gene]
    return np.asarray(margin(steps))


def genes_to_change(margins: np.ndarray) -> int | None:
    """How many genes must be replaced before the other type leads; ``None`` where those tried are not enough."""
    ahead = np.flatnonzero(np.asarray(margins) < 0)
    return int(ahead[0]) if len(ahead) else None


def marker_recall(ranked: Sequence[str], markers: Collection[str], top: int, universe: int) -> dict[str, float]:
    """How many of the strongest genes are markers, and how many would be by chance.

    Parameters
    ----------
    ranked
        Genes, the strongest first.
    markers
        Marker genes, ``top`` of them where there are enough.
    top
        Genes looked at.
    universe
        How many genes could have been chosen.

    Returns
    -------
    ``found``, ``recall`` (share of the markers that are among the top genes, 0 to 1), ``chance`` (the same for random
    genes) and ``p`` (that random genes hold as many markers or more).
    """
    wanted = set(markers)
    found = len(wanted & set(ranked[:top]))
    p = float(stats.hypergeom.sf(found - 1, universe, len(wanted), min(top, universe)))
    recall = found / len(wanted) if wanted else float("nan")
    return {"found": found, "recall": recall, "chance": min(top, universe) / universe, "p": p}


def for_and_against(table: pd.DataFrame, by: str, n: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The ``n`` genes that speak most for, and the ``n`` that speak most against, by the column ``by``."""
    ordered = table.sort_values(by, ascending=False, kind="stable")
    return ordered.loc[ordered[by] > 0].head(n), ordered.loc[ordered[by] < 0].iloc[::-1].head(n)
