"""A tree of labels: probabilities summed upward, and one path down it for each cell, so that no two levels conflict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from core.errors import SpecError

NAMED_IN_FULL, NAMED_OF_MORE = 3, 2
"""A group of up to so many types is named by all of them; a larger one by so many and the number of the others."""


@dataclass(frozen=True)
class Hierarchy:
    """Levels of labels, from the coarsest to the types that the networks learn; kept in the model file.

    Attributes
    ----------
    levels
        Names of the levels, the coarsest first.
    labels
        Labels of each level; those of the last are the types, in the order of the networks.
    parents
        For each level but the first, (n_labels,): the number of each label's parent in the level above.
    origin
        ``columns``: labels of the reference. ``clusters``: groups of types that the classifier finds alike.
    """

    levels: tuple[str, ...]
    labels: tuple[tuple[str, ...], ...]
    parents: tuple[np.ndarray, ...]
    origin: Literal["columns", "clusters"]

    @property
    def n_levels(self) -> int:
        return len(self.levels)

    def summed(self, probabilities: np.ndarray) -> list[np.ndarray]:
        """Probabilities at every level: that of a label is the sum of its children's, added in their order.

        Parameters
        ----------
        probabilities
            (n_cells, n_types), rows sum to one.

        Returns
        -------
        (n_cells, n_labels) for each level, the coarsest first and ``probabilities`` last.
        """
        found = [probabilities]
        for level in range(self.n_levels - 1, 0, -1):
            above = np.zeros((len(probabilities), len(self.labels[level - 1])), probabilities.dtype)
            for child, parent in enumerate(self.parents[level - 1]):
                above[:, parent] += found[0][:, child]
            found.insert(0, above)
        return found

    def path(self, probabilities: np.ndarray) -> np.ndarray:
        """The best label of the coarsest level, then the best among its children, down to a type.

        Parameters
        ----------
        probabilities
            (n_cells, n_types), rows sum to one.

        Returns
        -------
        (n_cells, n_levels), label numbers; each is the parent of the next.
        """
        summed = self.summed(probabilities)
        chosen = [summed[0].argmax(axis=1)]
        for level in range(1, self.n_levels):
            own = self.parents[level - 1][None, :] == chosen[-1][:, None]
            chosen.append(np.where(own, summed[level], -1.0).argmax(axis=1))
        return np.column_stack(chosen)

    def above(self, types: np.ndarray) -> np.ndarray:
        """(n_cells, n_levels), the label numbers of cells of known ``types`` (n_cells,) at every level."""
        chosen = [np.asarray(types)]
        for parents in reversed(self.parents):
            chosen.insert(0, parents[chosen[0]])
        return np.column_stack(chosen)

    def names(self, numbers: np.ndarray) -> np.ndarray:
        """(n_cells, n_levels) label numbers as names."""
        columns = [np.asarray(self.labels[level], dtype=object)[numbers[:, level]] for level in range(self.n_levels)]
        return np.column_stack(columns)

    def only_child(self, level: int) -> np.ndarray:
        """(n_labels,), True where a label of ``level`` has one child, which is then the same cells."""
        if level == self.n_levels - 1:
            return np.zeros(len(self.labels[level]), dtype=bool)
        return np.bincount(self.parents[level], minlength=len(self.labels[level])) == 1

    def table(self) -> pd.DataFrame:
        """One row for each type with its label at every level, the coarsest first."""
        return pd.DataFrame(self.names(self.above(np.arange(len(self.labels[-1])))), columns=pd.Index(self.levels))

    def to_dict(self) -> dict[str, Any]:
        """Plain values for the model file's JSON."""
        return {
            "levels": list(self.levels),
            "labels": [list(labels) for labels in self.labels],
            "parents": [parents.tolist() for parents in self.parents],
            "origin": self.origin,
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Hierarchy:
        """The hierarchy that `to_dict` wrote."""
        return cls(
            tuple(values["levels"]),
            tuple(tuple(labels) for labels in values["labels"]),
            tuple(np.asarray(parents, dtype=np.int64) for parents in values["parents"]),
            values["origin"],
        )


def best_types_of(probabilities: np.ndarray, tree: Hierarchy | None) -> np.ndarray:
    """(n_cells,), the most probable type of each cell; with a ``tree``, the end of its path down it."""
    return probabilities.argmax(axis=1) if tree is None else tree.path(probabilities)[:, -1]


def from_table(table: pd.DataFrame, origin: Literal["columns", "clusters"] = "columns") -> Hierarchy:
    """The hierarchy in which each type, a row of ``table``, has one label at every level, the coarsest first."""
    rows = table.astype(str).rename(columns=str)
    rows = rows.sort_values(str(rows.columns[-1]), ignore_index=True)
    labels = tuple(tuple(sorted(rows[level].unique())) for level in rows)
    numbers = [np.array([names.index(each) for each in rows[level]]) for names, level in zip(labels, rows, strict=True)]
    parents = []
    for level in range(1, len(labels)):
        above = np.empty(len(labels[level]), dtype=np.int64)
        above[numbers[level]] = numbers[level - 1]
        parents.append(above)
    return Hierarchy(tuple(map(str, rows.columns)), labels, tuple(parents), origin)


def from_clusters(
    centroids: np.ndarray, types: Sequence[str], cells: np.ndarray, groups: Sequence[int], finest: str
) -> Hierarchy:
    """Group types whose centroids point the same way: average linkage on one minus their correlation.

    Parameters
    ----------
    centroids
        (n_types, n_dimensions), mean of each type's cells in the classifier's space.
    types
        Names, in the order of the networks.
    cells
        (n_types,), cells of each type; the commonest members name a group.
    groups
        Groups of each level above the types, growing.
    finest
        Name of the level of the types.

    Raises
    ------
    SpecError
        If a level has as many groups as there are types, or more.
    """
    from scipy.cluster.hierarchy import cut_tree, linkage

    if max(groups) >= len(types):
        raise SpecError("There are too few types for so many groups", max(groups), f"Use fewer than {len(types)}")
    shifted = centroids - centroids.mean(axis=0)
    cuts = cut_tree(linkage(_unlike(shifted), "average"), list(groups))
    table = {
        f"{n} groups": [_named(np.flatnonzero(cut == own), types, cells) for own in cut]
        for n, cut in zip(groups, cuts.T, strict=True)
    }
    return from_table(pd.DataFrame({**table, finest: list(types)}), "clusters")


def _unlike(rows: np.ndarray) -> np.ndarray:
    """One minus the correlation of every two rows, as the upper triangle that linkage reads."""
    centred = rows - rows.mean(axis=1, keepdims=True)
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    unit = centred / np.where(length > 0, length, 1)
    first, second = np.triu_indices(len(rows), 1)
    return np.clip(1 - (unit[first] * unit[second]).sum(axis=1), 0, 2)


def _named(members: np.ndarray, types: Sequence[str], cells: np.ndarray) -> str:
    ordered = [str(types[kind]) for kind in sorted(map(int, members), key=lambda kind: (-cells[kind], types[kind]))]
    if len(ordered) <= NAMED_IN_FULL:
        return " + ".join(ordered)
    return f"{' + '.join(ordered[:NAMED_OF_MORE])} + {len(ordered) - NAMED_OF_MORE} more"
