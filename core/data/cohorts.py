"""Several files of bulk samples, each a cohort with a name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core import keys
from core.data.normalise import library_size, linear, values_of
from core.errors import DataError

if TYPE_CHECKING:
    from core.data.dataset import Dataset


@dataclass(frozen=True)
class Cohorts:
    """Bulk samples by cohort.

    Attributes
    ----------
    sets
        The samples of each cohort by its name, with all genes of its file. No sample name is in two cohorts.
    """

    sets: Mapping[str, Dataset]

    @property
    def names(self) -> tuple[str, ...]:
        """The cohorts in the order of their files."""
        return tuple(self.sets)

    @property
    def samples(self) -> list[str]:
        """Names of all samples, cohort after cohort."""
        return [str(name) for dataset in self.sets.values() for name in dataset.adata.obs_names]

    @property
    def cohort(self) -> pd.Series:
        """The cohort of each sample, as a categorical indexed by its name."""
        of = np.repeat(self.names, [dataset.n_cells for dataset in self.sets.values()])
        return pd.Series(pd.Categorical(of, categories=self.names), index=self.samples, name="cohort")

    def each(self, change: Callable[[Dataset], Dataset]) -> Cohorts:
        """The cohorts with ``change`` made to each; it keeps the samples."""
        return replace(self, sets={name: change(dataset) for name, dataset in self.sets.items()})

    @cached_property
    def joined(self) -> Dataset:
        """All samples on the genes that every cohort has; per 10,000 of a sample where the files differ in their unit.

        Raises
        ------
        DataError
            If no gene is in all cohorts.
        """
        import anndata

        parts = list(self.sets.values())
        if len(parts) == 1:
            return parts[0]
        shared = parts[0].genes
        for part in parts[1:]:
            shared = shared.intersection(part.genes, sort=False)
        if shared.empty:
            raise DataError(
                "The bulk files share no gene", list(self.names), "Use one kind of gene name in all of them"
            )
        unit = parts[0].unit if len({part.unit for part in parts}) == 1 else "linear"
        cells = [part.subset(genes=list(shared)).adata for part in parts]
        if unit == "linear":
            for adata, part in zip(cells, parts, strict=True):
                whole = values_of(part)
                column = part.genes.get_indexer(shared)
                adata.X = linear(whole, part.unit, library_size(whole, part.unit))[:, column].astype(np.float32)
        together = anndata.concat(cells, join="outer", merge="same")
        together.obs[keys.COHORT] = self.cohort.to_numpy()
        fingerprint = "+".join(part.fingerprint for part in parts)
        return replace(parts[0], adata=together, unit=unit, fingerprint=fingerprint)


def cohorts(sets: Sequence[Dataset], names: Sequence[str]) -> Cohorts:
    """Cohorts under their names.

    Sample names that occur in several cohorts would be one sample to whoever reads the results, so all samples then
    get the name of their cohort before their own, as in ``blood:sample_1``.

    Parameters
    ----------
    sets
        Bulk samples, one set for each cohort.
    names
        Their names.

    Raises
    ------
    DataError
        If two cohorts have one name.
    """
    if len(set(names)) < len(names):
        remedy = "Give each cohort a name of its own (data.bulk.name, data.more_bulk)"
        raise DataError("Two bulk files have one name", list(names), remedy)
    own = {name: list(map(str, dataset.adata.obs_names)) for name, dataset in zip(names, sets, strict=True)}
    wanted = sample_names(own)
    return Cohorts({name: _renamed(dataset, wanted[name]) for name, dataset in zip(names, sets, strict=True)})


def sample_names(samples: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """The names under which a run tells samples apart, by cohort.

    Parameters
    ----------
    samples
        The names in each cohort's file.
    """
    every = [name for names in samples.values() for name in names]
    if len(set(every)) == len(every):
        return {cohort: list(names) for cohort, names in samples.items()}
    return {cohort: [f"{cohort}:{name}" for name in names] for cohort, names in samples.items()}


def _renamed(dataset: Dataset, names: Sequence[str]) -> Dataset:
    if list(names) == list(dataset.adata.obs_names):
        return dataset
    adata = dataset.adata.copy()
    adata.obs_names = list(names)
    return replace(dataset, adata=adata)
