"""Pathway impact: saliency averaged over gene sets, scaled to be compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.interpretation.membership import Membership


def set_means(
    saliency: np.ndarray, sets: Membership, units: Sequence[int] | None = None, names: Sequence[str] | None = None
) -> pd.DataFrame:
    """Mean saliency over the genes of each set, not yet scaled.

    Parameters
    ----------
    saliency
        (n_units, n_genes), mean saliency, absolute or with its sign.
    sets
        Gene sets in the data, n_sets of them.
    units
        Numbers of the units, from 0; ``None``: all, in order.
    names
        What the columns are called, such as cell types; ``None``: ``unit_1`` ...

    Returns
    -------
    A table n_sets x n_units with index ``gene_set``, in the saliency's unit.

    Source: Kinalis et al., impact of a gene set on a node of the representation layer.
    """
    numbers = range(len(saliency)) if units is None else units
    return pd.DataFrame(
        sets.mean(saliency.T),
        index=pd.Index(sets.names, name="gene_set"),
        columns=pd.Index([f"unit_{number + 1}" for number in numbers] if names is None else list(names)),
    )


def pathway_impact(
    saliency: np.ndarray, sets: Membership, units: Sequence[int] | None = None, names: Sequence[str] | None = None
) -> pd.DataFrame:
    """Impact of each gene set on each unit: means over the set, one min-max over the whole table.

    Parameters
    ----------
    saliency
        (n_units, n_genes), mean absolute saliency.
    sets
        Gene sets in the data, n_sets of them.
    units, names
        As for `set_means`.

    Returns
    -------
    A table n_sets x n_units in [0, 1] with index ``gene_set``; every unit is kept.

    Source: Kinalis et al., scaling of the impact on all cells.
    """
    return min_max(set_means(saliency, sets, units, names))


def min_max(table: pd.DataFrame, like: pd.DataFrame | None = None) -> pd.DataFrame:
    """``table`` with its lowest value at 0 and its highest at 1.

    Parameters
    ----------
    table
        Any numbers.
    like
        The table whose lowest and highest values are used, so that two tables share a scale; values beyond are kept
        beyond 0 and 1. ``None``: the table's own.
    """
    scale = (table if like is None else like).to_numpy()
    low, high = scale.min(), scale.max()
    return (table - low) / (high - low) if high > low else table * 0.0


def impact_difference(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """Impact on one group of cells minus that on another, divided by the largest absolute difference.

    Parameters
    ----------
    first, second
        Tables of ``set_means`` of the two groups, not scaled.

    Returns
    -------
    A table of the same shape in [-1, 1]; zero where both are equal everywhere.

    Source: Kinalis et al., comparison of groups; divided by the absolute maximum, else the range would not hold.
    """
    return by_largest(first - second)


def by_largest(table: pd.DataFrame, like: pd.DataFrame | None = None) -> pd.DataFrame:
    """``table`` divided by the largest absolute value, so that 0 stays 0.

    Parameters
    ----------
    table
        Any numbers.
    like
        The table whose largest value is used, so that two tables share a scale. ``None``: the table's own.
    """
    largest = np.abs((table if like is None else like).to_numpy()).max()
    return table / largest if largest > 0 else table * 0.0


def strength(impact: pd.DataFrame) -> pd.Series:
    """Each unit's strongest absolute impact, as a share of the table's strongest; 0 where all are 0.

    Parameters
    ----------
    impact
        A table of ``set_means`` or ``impact_difference``, n_sets x n_units.
    """
    strongest = impact.abs().max()
    return strongest / strongest.max() if strongest.max() > 0 else strongest * 0.0


def weak_units(impact: pd.DataFrame, threshold: float = 0.2) -> list[str]:
    """Units whose strongest impact stays below a share of the table's strongest.

    Parameters
    ----------
    impact
        A table of ``set_means`` or ``impact_difference``, n_sets x n_units.
    threshold
        Share of the strongest absolute value, 0 to 1. A SoftPlus unit never falls silent, so zero would flag none.

    Source: Kinalis et al., units without impact are left out; here relative and as a flag.
    """
    return [str(unit) for unit, share in strength(impact).items() if share < threshold]
