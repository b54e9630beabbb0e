"""Cell types put together after the fact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from core.errors import DataError


def simplify_set(proportions: pd.DataFrame, groups: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Sum each group of types into one new type; the rest stays.

    Parameters
    ----------
    proportions
        samples x types.
    groups
        New name to the types it stands for.

    Returns
    -------
    samples x types: the types left alone in their order, then the groups.

    Raises
    ------
    DataError
        If a type is unknown, in two groups, or a new name is that of a type left alone.

    Source: digitalDLSorteR, ``simplify.set``.
    """
    members = _members(proportions, groups)
    kept = proportions.drop(columns=members)
    clash = [name for name in groups if name in kept.columns]
    if clash:
        raise DataError("A group has the name of a cell type outside it", clash, "Give the group another name")
    sums = {name: proportions[list(types)].sum(axis=1) for name, types in groups.items()}
    return pd.concat([kept, pd.DataFrame(sums, index=proportions.index)], axis=1)


def simplify_majority(proportions: pd.DataFrame, groups: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """In each sample, give a group's whole sum to its largest type and 0 to its others.

    Parameters
    ----------
    proportions
        samples x types.
    groups
        Any name to the types that compete.

    Returns
    -------
    samples x the same types.

    Raises
    ------
    DataError
        If a type is unknown or in two groups.

    Source: digitalDLSorteR, ``simplify.majority``.
    """
    _members(proportions, groups)
    changed = proportions.copy()
    for types in groups.values():
        part = proportions[list(types)].to_numpy(float)
        winner = np.eye(part.shape[1])[part.argmax(axis=1)]
        changed[list(types)] = winner * part.sum(axis=1, keepdims=True)
    return changed


def _members(proportions: pd.DataFrame, groups: Mapping[str, Sequence[str]]) -> list[str]:
    members = [label for types in groups.values() for label in types]
    unknown = sorted(set(members) - set(proportions.columns))
    if unknown:
        known = ", ".join(map(str, proportions.columns))
        raise DataError("A group names cell types that are not in the composition", unknown, f"Use some of: {known}")
    twice = sorted({label for label in members if members.count(label) > 1})
    if twice:
        raise DataError("A cell type is in more than one group", twice, "Leave it in one of them")
    empty = [name for name, types in groups.items() if not types]
    if empty:
        raise DataError("A group holds no cell type", empty, "Add cell types to it, or remove it")
    return members
