"""Does another training find the same units? Units have no order, so each is compared with all of the other's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
import pandas as pd

FOUND = 0.8
"""Absolute correlation of profiles from which two units are called the same."""
Verdict = Literal["found", "alike", "lost"]


def likeness(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Absolute Pearson correlation of every pair of profiles.

    Parameters
    ----------
    first, second
        (n_units, n_genes) and (n_others, n_genes), any unit.

    Returns
    -------
    (n_units, n_others), 0 to 1; 0 for a profile that is the same in all genes. The sign is dropped: that of a unit
    means nothing.
    """
    return np.abs(_standard(first) @ _standard(second).T).clip(max=1.0)


def unit_matches(own: np.ndarray, others: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """The unit of each other network that is most like each unit.

    Parameters
    ----------
    own
        (n_units, n_genes), profiles of the network's units.
    others
        By the other network's name, (n_others, n_genes), the same genes.

    Returns
    -------
    A table: unit ("unit_1" ...), network, match ("unit_1" ... of the other network), likeness, and within: the highest
    likeness with another unit of the unit's own network (0 where there is none). A match that is no closer than that
    tells nothing.
    """
    alone = likeness(own, own)
    np.fill_diagonal(alone, 0.0)
    within = alone.max(axis=1, initial=0.0)
    units = [f"unit_{number + 1}" for number in range(len(own))]
    tables = []
    for name, profiles in others.items():
        found = likeness(own, profiles)
        best = found.argmax(axis=1)
        columns = {
            "unit": units,
            "network": name,
            "match": [f"unit_{number + 1}" for number in best],
            "likeness": found[np.arange(len(own)), best],
            "within": within,
        }
        tables.append(pd.DataFrame(columns))
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=pd.Index(COLUMNS))


COLUMNS = ("unit", "network", "match", "likeness", "within")


def verdict(likeness: float, within: float) -> Verdict:
    """Whether another training found a unit again.

    Returns
    -------
    ``found``: its profile is there, and closer than any unit beside it. ``alike``: a profile like it is there, but
    units beside it are as close, so that it cannot be told from them. ``lost``: nothing like it is there.
    """
    if likeness < FOUND:
        return "lost"
    return "found" if likeness > within else "alike"


def _standard(profiles: np.ndarray) -> np.ndarray:
    """Profiles with mean 0 and length 1."""
    centred = np.asarray(profiles, dtype=np.float64)
    centred = centred - centred.mean(axis=1, keepdims=True)
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    flat = length <= 1e-12
    return np.where(flat, 0.0, centred / np.where(flat, 1, length))
