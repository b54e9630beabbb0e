"""The strongest genes of each type, and what speaks for their meaning anything: markers, and other networks."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

Sign = Literal["absolute", "positive", "negative"]


def top_genes(gradient: np.ndarray, n: int, sign: Sign = "absolute") -> np.ndarray:
    """Numbers of the ``n`` strongest genes, the strongest first; ties keep the order of the genes.

    Parameters
    ----------
    gradient
        (n_genes,), of one type.
    n
        How many at most.
    sign
        positive and negative: among genes of that sign alone, so that there may be fewer. absolute: of either.

    Source: digitalDLSorteR, topGradientsCellType.
    """
    strength = {"absolute": np.abs(gradient), "positive": gradient, "negative": -gradient}[sign]
    order = np.argsort(-strength, kind="stable")[:n]
    return order[strength[order] > 0]


def union_of_top(gradients: np.ndarray, n: int, sign: Sign = "absolute") -> np.ndarray:
    """Numbers of the genes that are among the ``n`` strongest of any type, each at the first type that names it.

    ``gradients``: (n_types, n_genes).
    """
    named = [int(gene) for gradient in gradients for gene in top_genes(gradient, n, sign)]
    return np.array(list(dict.fromkeys(named)), dtype=np.int64)


def by_gene(gradients: np.ndarray) -> np.ndarray:
    """(n_types, n_genes), each gene less its mean over the types, over its standard deviation (n - 1).

    A gene that is alike in all types, or a single type, gives 0.

    Source: digitalDLSorteR, plotHeatmapGradsAgg (scale.gradients).
    """
    if len(gradients) < 2:
        return np.zeros_like(gradients)
    spread = gradients.std(axis=0, ddof=1)
    away = gradients - gradients.mean(axis=0)
    return np.divide(away, spread, out=np.zeros_like(away), where=spread > 0)


def stability(networks: Sequence[np.ndarray], n: int, sign: Sign = "absolute") -> tuple[float, int]:
    """How far networks of one ensemble name the same genes of a type.

    Parameters
    ----------
    networks
        For each network (n_genes,), the gradient of one type.
    n, sign
        As for `top_genes`.

    Returns
    -------
    The share of the top genes that two networks have in common, mean over all pairs (0 to 1, NaN for one network), and
    how many genes all of them have among their top ones.
    """
    tops = [set(top_genes(gradient, n, sign).tolist()) for gradient in networks]
    pairs = [len(a & b) / max(len(a), len(b), 1) for a, b in combinations(tops, 2)]
    return float(np.mean(pairs)) if pairs else float("nan"), len(set.intersection(*tops))
