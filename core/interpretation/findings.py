"""Findings in words and numbers: the strongest impacts, whether a plain comparison finds them, how clean units are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.interpretation.control import ranked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.interpretation.null import Chance


@dataclass(frozen=True)
class Cleanliness:
    """How far units stand for different things.

    Attributes
    ----------
    winners
        Number of different gene sets that are some unit's strongest by impact. Small sets win more often by chance.
    winners_by_z
        The same by distance from shuffled genes, which counts small and large sets alike.
    winners_beyond
        How many of these are beyond chance on a unit that they win.
    units
        Number of units.
    likeness
        Median absolute correlation of the impact profiles of two units, 0 to 1.
    beyond_chance
        Units with at least one gene set beyond chance.
    """

    winners: int
    winners_by_z: int
    winners_beyond: int
    units: int
    likeness: float
    beyond_chance: int


def strongest_findings(
    impact: pd.DataFrame,
    chance: Chance,
    *,
    control: pd.DataFrame | None = None,
    highest_label: dict[str, str] | None = None,
    level: float = 0.05,
) -> pd.DataFrame:
    """Impacts beyond chance, the largest z first.

    Parameters
    ----------
    impact
        n_sets x n_units, as shown.
    chance
        The same against shuffled genes.
    control
        n_sets x n_labels, of ``expression_control``.
    highest_label
        Unit to the label in whose cells it is highest; with ``control`` it says how a plain difference ranks the set.
    level
        Largest adjusted p.

    Returns
    -------
    A table: unit, gene_set, impact, z, p_adjusted, label, control_rank (1: the plain difference finds the set first as
    well; empty without control).
    """
    keep = chance.p_adjusted.to_numpy() <= level
    rows, columns = np.nonzero(keep)
    units, names = impact.columns.to_numpy(), impact.index.to_numpy()
    table = pd.DataFrame(
        {
            "unit": units[columns],
            "gene_set": names[rows],
            "impact": impact.to_numpy()[rows, columns],
            "z": chance.z.to_numpy()[rows, columns],
            "p_adjusted": chance.p_adjusted.to_numpy()[rows, columns],
        }
    )
    table["label"] = [(highest_label or {}).get(unit) for unit in table["unit"]]
    ranks = None if control is None else ranked(control)
    table["control_rank"] = pd.array(
        [
            pd.NA if ranks is None or label is None else ranks.at[name, label]
            for name, label in zip(table["gene_set"], table["label"], strict=True)
        ],
        dtype="Int64",
    )
    return table.sort_values("z", ascending=False, kind="stable").reset_index(drop=True)


def cleanliness(impact: pd.DataFrame, chance: Chance, *, level: float = 0.05, two_sided: bool = False) -> Cleanliness:
    """How far units stand for different gene sets.

    Parameters
    ----------
    impact
        n_sets x n_units.
    chance
        The same against shuffled genes.
    level
        Largest adjusted p that counts as beyond chance.
    two_sided
        Whether a set may win by a large negative impact, or by being far below shuffled genes.
    """
    values = np.abs(impact.to_numpy()) if two_sided else impact.to_numpy()
    varying = values[:, np.ptp(values, axis=0) > 0]
    pairs = np.abs(np.corrcoef(varying.T))[np.triu_indices(varying.shape[1], k=1)] if varying.shape[1] > 1 else []
    adjusted = chance.p_adjusted.to_numpy()
    z = chance.z.to_numpy()
    farthest = (np.abs(z) if two_sided else z).argmax(axis=0)
    certain = np.take_along_axis(adjusted, farthest[None], axis=0)[0] <= level
    return Cleanliness(
        winners=len(np.unique(values.argmax(axis=0))),
        winners_by_z=len(np.unique(farthest)),
        winners_beyond=len(np.unique(farthest[certain])),
        units=values.shape[1],
        likeness=float(np.median(pairs)) if len(pairs) else 0.0,
        beyond_chance=int((adjusted <= level).any(axis=0).sum()),
    )


def found_in(chances: Sequence[Chance], level: float = 0.05) -> pd.Series:
    """In how many runs some unit answers to each gene set beyond chance. Units of two runs share no order.

    Parameters
    ----------
    chances
        One a run, over the same gene sets.
    level
        Largest adjusted p.

    Returns
    -------
    Number of runs, by gene set.
    """
    hits = [(chance.p_adjusted <= level).any(axis=1).rename(run) for run, chance in enumerate(chances)]
    return pd.concat(hits, axis=1).fillna(False).sum(axis=1).astype(int)
