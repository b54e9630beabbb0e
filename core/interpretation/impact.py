"""Pathway impact: saliency averaged over gene sets, scaled to be compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.interpretation.membership import Membership


def set_means(saliency: np.ndarray, sets: Membership, units: Sequence[int] | None = None) -> pd.DataFrame:
    """Mean saliency over the genes of each set, not yet scaled.

    Parameters
    ----------
    saliency
        (n_units, n_genes), mean absolute saliency.
    sets
        Gene sets in the data, n_sets of them.
    units
        Numbers of the units, from 0; ``None``: all, in order.

    Returns
    -------
    A table n_sets x n_units with index ``gene_set`` and columns ``unit_1`` ..., in the saliency's unit.

    Source: Kinalis et al., impact of a gene set on a node of the representation layer.
    """
    numbers = range(len(saliency)) if units is None else units
    return pd.DataFrame(
        sets.mean(saliency.T),
        index=pd.Index(sets.names, name="gene_set"),
        columns=pd.Index([f"unit_{number + 1}" for number in numbers]),
    )


def pathway_impact(saliency: np.ndarray, sets: Membership, units: Sequence[int] | None = None) -> pd.DataFrame:
    """Impact of each gene set on each unit: means over the set, one min-max over the whole table.

    Parameters
    ----------
    saliency
        (n_units, n_genes), mean absolute saliency.
    sets
        Gene sets in the data, n_sets of them.
    units
        Numbers of the units, from 0; ``None``: all, in order.

    Returns
    -------
    A table n_sets x n_units in [0, 1] with index ``gene_set`` and columns ``unit_1`` ...; every unit is kept.

    Source: Kinalis et al., scaling of the impact on all cells.
    """
    return min_max(set_means(saliency, sets, units))


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
    difference = first - second
    largest = np.abs(difference.to_numpy()).max()
    return difference / largest if largest > 0 else difference


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
    strongest = np.abs(impact.to_numpy()).max(axis=0)
    weak = strongest < threshold * strongest.max()
    return [str(unit) for unit, is_weak in zip(impact.columns, weak, strict=True) if is_weak]
