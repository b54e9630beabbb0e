"""What chance gives: impact under shuffled gene labels, exactly, without drawing a single shuffle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import sparse, stats

if TYPE_CHECKING:
    from core.interpretation.membership import Membership

STRATA = 20
SMALLEST_STRATUM = 10


@dataclass(frozen=True)
class Chance:
    """Each impact against that of shuffled genes, tables n_sets x n_units.

    Attributes
    ----------
    expected
        Mean over all shuffles, in the unit of the impact.
    z
        Standard deviations above that mean.
    p
        Chance of such an impact or a larger one; of such a distance to either side if two-sided.
    p_adjusted
        Benjamini and Hochberg over the whole table.
    """

    expected: pd.DataFrame
    z: pd.DataFrame
    p: pd.DataFrame
    p_adjusted: pd.DataFrame


def expression_strata(mean_expression: np.ndarray, strata: int = STRATA) -> np.ndarray:
    """Groups of genes of like mean expression and nearly equal size.

    Parameters
    ----------
    mean_expression
        (n_genes,), any unit.
    strata
        Groups wanted; fewer where a group would have less than ten genes.

    Returns
    -------
    (n_genes,), group numbers from 0, the lowest expression first.
    """
    genes = len(mean_expression)
    strata = max(1, min(strata, genes // SMALLEST_STRATUM))
    rank = np.empty(genes, dtype=np.int64)
    rank[np.argsort(mean_expression, kind="stable")] = np.arange(genes)
    return rank * strata // genes


def chance(
    impact: pd.DataFrame, saliency: np.ndarray, sets: Membership, strata: np.ndarray, *, two_sided: bool = False
) -> Chance:
    """Compare each impact with all ways of shuffling the genes' names among genes of like expression.

    A shuffled set draws its genes without replacement from each stratum, so mean, variance and third moment of its
    impact have closed forms. The tail is that of a Pearson type III distribution with these three moments where it is
    the longer one, and the normal tail where it is the shorter one, in which Pearson's ends too soon. With skewed
    saliency, such as gradient times input, a z of 3 may be no rare event: trust p.

    Parameters
    ----------
    impact
        n_sets x n_units, ``set_means`` of the saliency, not scaled.
    saliency
        (n_units, n_genes), what it was made from; for a difference of groups the difference of their saliencies.
    sets
        Gene sets in the data, n_sets of them.
    strata
        (n_genes,), from ``expression_strata``: rarely expressed genes have large weights whatever they do.
    two_sided
        Whether low values count as well, as they do for differences.
    """
    mean, variance, third = _moments(saliency, sets, strata)
    spread = np.sqrt(variance)
    # a set that fills its strata cannot be shuffled: what remains is rounding, and says nothing
    fixed = spread <= 1e-9 * np.abs(saliency).max(initial=1e-300)
    safe = np.where(fixed, 1.0, spread)
    z = np.where(fixed, 0.0, (impact.to_numpy() - mean) / safe)
    skew = np.where(fixed, 0.0, third / safe**3)
    above = _tail(z, skew)
    p = 2 * np.minimum(above, _tail(-z, -skew)) if two_sided else above
    p = np.where(fixed, 1.0, np.clip(p, 1e-300, 1.0))
    adjusted = stats.false_discovery_control(p.ravel()).reshape(p.shape)
    return Chance(*(_like(impact, values) for values in (mean, z, p, adjusted)))


def shuffled_saliency(saliency: np.ndarray, strata: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """``saliency`` (n_units, n_genes) with the genes' names shuffled once within each stratum, for all units alike."""
    source = np.arange(len(strata))
    for stratum in np.unique(strata):
        rows = np.flatnonzero(strata == stratum)
        source[rows] = rng.permutation(rows)
    return saliency[:, source]


def _tail(z: np.ndarray, skew: np.ndarray) -> np.ndarray:
    """Chance of z or more."""
    return np.where(skew > 0, stats.pearson3.sf(z, np.maximum(skew, 0)), stats.norm.sf(z))


def _moments(saliency: np.ndarray, sets: Membership, strata: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean, variance and third central moment of the mean over a shuffled set, each (n_sets, n_units)."""
    genes = len(strata)
    stratum = sparse.csr_matrix((np.ones(genes), (np.arange(genes), strata)))
    size = np.asarray(stratum.sum(axis=0)).ravel()
    share = sparse.csr_matrix(sets.matrix @ stratum).toarray()  # (n_sets, n_strata)
    taken = np.rint(share * sets.sizes[:, None])
    values = saliency.astype(np.float64).T
    centre = stratum.T @ values / size[:, None]  # (n_strata, n_units)
    around = values - centre[strata]
    second = stratum.T @ around**2 / size[:, None]
    cubed = stratum.T @ around**3 / size[:, None]
    left = size - taken
    # moments of a sum drawn without replacement from a finite population
    two = taken * left / np.maximum(size - 1, 1)
    three = taken * left * (left - taken) / np.maximum((size - 1) * (size - 2), 1)
    n = sets.sizes[:, None]
    return taken @ centre / n, two @ second / n**2, three @ cubed / n**3


def _like(table: pd.DataFrame, values: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(values, index=table.index, columns=table.columns)
