"""Which samples are compared with which: groups, pairs of a subject, or a number."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd

from core.errors import DataError
from core.specs.groups import GroupSpec

FEWEST = 3
"""Samples of a group, or pairs, below which nothing is tested."""
FEWEST_NUMBERS = 5
"""Samples below which a correlation is not tested."""
FEW_VALUES = 5
"""Numbers with no more values than these are read as groups."""
MOST_GROUPS = 12


@dataclass(frozen=True)
class Arrangement:
    """Samples arranged for a comparison.

    Attributes
    ----------
    kind
        Two groups, two groups paired by subject, several groups, or a number.
    samples_of
        Names of all samples, in the order of the rows that are compared.
    values
        Group (text) or number of each sample that has one, by its name.
    groups
        All groups in order; empty for a number.
    large
        Those with enough samples for a test.
    subjects
        Of pairs: the subject of each sample that is in a pair, by its name.
    left_out
        How many samples have no value, and of pairs how many have no partner.
    """

    kind: Literal["two", "paired", "several", "number"]
    samples_of: tuple[str, ...]
    values: pd.Series
    groups: tuple[str, ...] = ()
    large: tuple[str, ...] = ()
    subjects: pd.Series = field(default_factory=lambda: pd.Series(dtype=object))
    left_out: int = 0

    @property
    def enough(self) -> bool:
        """Whether there are samples enough for a test."""
        if self.kind == "number":
            return len(self.values) >= FEWEST_NUMBERS
        if self.kind == "paired":
            return self.n_pairs >= FEWEST
        return len(self.large) >= 2

    @property
    def n_pairs(self) -> int:
        """Subjects with samples in both groups."""
        return len(set(self.subjects))

    @property
    def sizes(self) -> dict[str, int]:
        """Samples of each group."""
        return {group: len(self.samples(group)) for group in self.groups}

    def samples(self, group: str) -> list[str]:
        """Names of the samples of a group."""
        return [str(name) for name in self.values.loc[self.values == group].index]

    def parts(self, values: np.ndarray) -> list[np.ndarray]:
        """``values`` (..., n_samples) by group, each (..., n of the group).

        Of pairs, the mean over the samples of each subject, the subjects in one order; of a number, all that have one.
        """
        return [values @ weights if self.kind == "paired" else values[..., weights] for weights in self._parts]

    @cached_property
    def _parts(self) -> list[np.ndarray]:
        """Row numbers of each group; of pairs the (n_samples, n_pairs) weights of a mean."""
        rows = {name: row for row, name in enumerate(self.samples_of)}
        if self.kind == "number":
            return [np.array([rows[str(name)] for name in self.values.index], dtype=int)]
        if self.kind != "paired":
            return [np.array([rows[name] for name in self.samples(group)], dtype=int) for group in self.large]
        made = []
        people = {name: number for number, name in enumerate(dict.fromkeys(self.subjects))}
        for group in self.groups:
            weights = np.zeros((len(self.samples_of), len(people)))
            for name in self.samples(group):
                if name in self.subjects.index:
                    weights[rows[name], people[self.subjects[name]]] = 1
            made.append(weights / np.maximum(weights.sum(axis=0), 1))
        return made


def arrange(columns: pd.DataFrame, spec: GroupSpec) -> Arrangement:
    """Arrange the samples as ``spec`` asks.

    Parameters
    ----------
    columns
        What is known of each sample, one row for each sample that is compared, in order.
    spec
        Column, how it is read, which of its groups, and what pairs samples.

    Raises
    ------
    DataError
        If a column is not there, holds one value only or too many groups, or pairs cannot be made.
    """
    given = _column(columns, spec.column)
    known = given.dropna()
    if known.nunique() < 2:
        value = None if known.empty else str(known.iloc[0])
        raise DataError(f"All samples have one value of {spec.column}", value, "Choose another column")
    names = tuple(map(str, columns.index))
    if reads_as_number(known, spec):
        if spec.paired_by:
            remedy = "Choose a column of two groups, or compare without pairs"
            raise DataError("Pairs are compared between two groups", f"{spec.column}, a number", remedy)
        return Arrangement("number", names, known.astype(float), left_out=len(given) - len(known))
    groups = _groups(known, spec)
    text = pd.Series([_text(value) for value in known], known.index, dtype=object)
    text = text.loc[text.isin(groups)]
    sizes = text.value_counts()
    large = tuple(group for group in groups if sizes.get(group, 0) >= FEWEST)
    left_out = len(given) - len(known)
    if spec.paired_by:
        return _paired(columns, text, groups, spec, names, left_out)
    kind = "several" if len(large) > 2 else "two"
    return Arrangement(kind, names, text, groups, large, left_out=left_out)


def reads_as_number(values: pd.Series, spec: GroupSpec) -> bool:
    """Whether the column is a number rather than groups.

    Raises
    ------
    DataError
        If it is to be read as a number and holds text.
    """
    numeric = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
    if spec.read_as == "number" and not numeric:
        shown = sorted(values.astype(str).unique())[:5]
        raise DataError(f"{spec.column} holds text and cannot be read as a number", shown, "Read it as groups")
    return spec.read_as == "number" or (spec.read_as == "auto" and numeric and values.nunique() > FEW_VALUES)


def levels(values: pd.Series) -> list[str]:
    """The groups of a column: categories in their order, numbers rising, text by name."""
    known = values.dropna()
    if isinstance(known.dtype, pd.CategoricalDtype):
        return [_text(level) for level in known.cat.categories if (known == level).any()]
    return [_text(level) for level in sorted(known.unique(), key=lambda level: (isinstance(level, str), level))]


def _groups(known: pd.Series, spec: GroupSpec) -> tuple[str, ...]:
    present = levels(known)
    every = list(spec.groups) or present
    unknown = [name for name in every if name not in present]
    if unknown:
        raise DataError(f"No sample has this value of {spec.column}", unknown, f"Use some of: {_some(present)}")
    if len(every) < 2:
        raise DataError("A comparison needs two groups", every, "Choose a second group")
    if len(every) > MOST_GROUPS:
        what = f"{spec.column} has more groups than can be compared"
        remedy = f"Choose up to {MOST_GROUPS} of them, or a column that puts the samples into fewer groups"
        raise DataError(what, len(every), remedy)
    return tuple(every)


def _paired(
    columns: pd.DataFrame,
    text: pd.Series,
    groups: Sequence[str],
    spec: GroupSpec,
    names: tuple[str, ...],
    left_out: int,
) -> Arrangement:
    if len(groups) != 2:
        raise DataError("Pairs are compared between two groups", list(groups), "Choose two of the groups")
    assert spec.paired_by is not None
    if spec.paired_by == spec.column:
        raise DataError("The column of subjects is the one that is compared", spec.column, "Choose another one")
    given = _column(columns, spec.paired_by).loc[text.index].dropna()
    subjects = pd.Series([_text(value) for value in given], given.index, dtype=object)
    of = text.loc[subjects.index]
    both = set.intersection(*(set(subjects.loc[of == group]) for group in groups))
    if not both:
        remedy = "Choose the column that names the subject, or compare without pairs"
        raise DataError(f"No {spec.paired_by} has samples in both groups", list(groups), remedy)
    subjects = subjects.loc[subjects.isin(both)]
    without = len(text) - len(subjects)
    return Arrangement("paired", names, text, tuple(groups), tuple(groups), subjects, left_out + without)


def _column(columns: pd.DataFrame, name: str) -> pd.Series:
    if name not in columns:
        known = _some(map(str, columns.columns)) or "none"
        raise DataError("The samples have no such column", name, f"Bring it in the sample sheet. There are: {known}")
    return pd.Series(columns[name])


def _some(names: Iterable[str]) -> str:
    every = list(names)
    return ", ".join(every[:MOST_GROUPS]) + (" ..." if len(every) > MOST_GROUPS else "")


def _text(value: object) -> str:
    return f"{value:g}" if isinstance(value, float | np.floating) else str(value)
