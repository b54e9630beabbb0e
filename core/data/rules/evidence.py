"""What a rule may look at, computed once and shared by all rules, and what it gives back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from core.data.blocks import column_sums
from core.data.families import mitochondrial, ribosomal
from core.data.markers import MarkerScores, marker_scores, only
from core.data.normalise import values_of
from core.data.peaks_common import genes_and_peaks
from core.data.variable import variability
from core.errors import DataError, SpecError
from core.specs.features import RULE_TITLES, FeatureSpec

if TYPE_CHECKING:
    from core.data.dataset import Dataset


Step: TypeAlias = tuple[str, int]
"""What is asked of a gene, and how many genes are left."""
READ = "In the reference"
ASKED: Mapping[str, str] = {
    "mitochondrial": "Not mitochondrial",
    "ribosomal": "Not ribosomal",
    "seen in too few cells": "Seen in enough cells",
}
"""What each of the user's filters asks of a gene."""


@dataclass(frozen=True)
class Found:
    """``found_by``: gene -> how it was found, in the network's order. ``trace``: (round, taken, found).

    ``steps``: what the rule's own filters ask of a gene, and how many genes are left after each; empty where a rule
    takes the genes of `Evidence.shared`.
    """

    found_by: dict[str, str]
    trace: list[tuple[int, int, int]]
    left_out: dict[str, int] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)


@dataclass(frozen=True)
class Evidence:
    """The sets at hand, and rankings of their genes without those that the user leaves out."""

    reference: Dataset
    spec: FeatureSpec
    query: Dataset | None = None
    bulk: Dataset | None = None
    gene_sets: Mapping[str, Sequence[str]] | None = None

    @cached_property
    def excluded(self) -> dict[str, set[str]]:
        """Filter -> genes of any set that it leaves out."""
        genes = [gene for data in (self.reference, self.query, self.bulk) if data is not None for gene in data.genes]
        names = np.array(list(dict.fromkeys(genes)), dtype=object)
        excluded = {}
        if self.spec.drop_mitochondrial:
            excluded["mitochondrial"] = set(names[mitochondrial(names, self.spec.mitochondrial_names)])
        if self.spec.drop_ribosomal:
            excluded["ribosomal"] = set(names[ribosomal(names)])
        if self.spec.min_cell_share > 0:
            share = 100 * column_sums(values_of(self.reference))[1] / self.reference.n_cells
            rare = share < self.spec.min_cell_share
            excluded["seen in too few cells"] = set(self.reference.genes[rare])
        return excluded

    def steps(self) -> list[Step]:
        """How many of the reference's genes are left once the other sets share them and after each of the filters."""
        genes = pd.Index(self.reference.genes)
        counted = [(READ, len(genes))]
        for other, asked in ((self.query, "Also in the query"), (self.bulk, "Also in the bulk samples")):
            if other is not None:
                genes = genes[genes.isin(other.genes)]
                counted.append((asked, len(genes)))
        for name, barred in self.excluded.items():
            genes = genes[~genes.isin(list(barred))]
            counted.append((ASKED[name], len(genes)))
        return counted

    def allowed(self, genes: pd.Index) -> pd.Index:
        """``genes`` without those left out, in their order."""
        barred = set().union(*self.excluded.values())
        return genes[~genes.isin(list(barred))] if barred else genes

    @cached_property
    def reference_genes(self) -> pd.Index:
        return self.allowed(pd.Index(self.reference.genes))

    @property
    def target_set(self) -> Dataset | None:
        """The set the model is meant for: the query, else the bulk samples."""
        return self.query if self.query is not None else self.bulk

    def shared(self, *others: Dataset | None) -> pd.Index:
        """Allowed reference genes, in the reference's order, that every one of ``others`` has too."""
        genes = self.reference_genes
        for other in others:
            genes = genes if other is None else genes[genes.isin(other.genes)]
        return genes

    @cached_property
    def reference_ranks(self) -> pd.Series:
        """Gene -> rank by variability in the reference, 1 = most variable."""
        return self._ranks(self.reference)

    @cached_property
    def target_ranks(self) -> pd.Series:
        """Gene -> rank by variability in the query (or the bulk samples)."""
        return self._ranks(self.needed_target())

    @cached_property
    def markers(self) -> MarkerScores:
        """Markers of the reference's labels among its allowed genes."""
        return marker_scores(self.reference, list(self.reference_genes))

    def markers_among(self, genes: pd.Index) -> MarkerScores:
        """Markers that count ranks among ``genes`` only."""
        return self.markers if genes.equals(self.markers.genes) else only(self.markers, list(genes))

    def needed_target(self) -> Dataset:
        """The query or bulk.

        Raises
        ------
        SpecError
            If the rule compares two sets and only one is given.
        """
        if self.target_set is None:
            raise SpecError(
                "This rule compares the reference with a query or bulk samples, and none is given",
                value=RULE_TITLES[self.spec.rule],
                remedy=f"Open a query on the Data page or choose '{RULE_TITLES['variable']}'",
            )
        return self.target_set

    def _ranks(self, dataset: Dataset) -> pd.Series:
        order = self.allowed(variability(dataset, self.spec.target, self.spec.peak_score).index)
        return pd.Series(np.arange(1, len(order) + 1), index=order)


def require_overlap(genes: pd.Index, reference: Dataset, other: Dataset | None) -> None:
    """Refuse sets that share no gene.

    Raises
    ------
    DataError
        With names of both sides, so that mixed identifiers or species are seen at once.
    """
    if len(genes) or other is None:
        return
    if reference.holds_peaks != other.holds_peaks:
        raise genes_and_peaks(reference, other)
    raise DataError(
        "The data sets share no gene that may be used",
        value=[*map(str, reference.genes[:3]), "and", *map(str, other.genes[:3])],
        remedy="Use the same species and the same kind of gene name (symbols or Ensembl) in every file",
    )
