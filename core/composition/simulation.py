"""Simulated samples with their truth: mixtures of cells, single cells, and what no reference knows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.composition.mixtures import Mixtures, mixtures, single_cells
from core.composition.pseudobulk import pseudobulk
from core.composition.randomise import randomised
from core.composition.unknown import with_unknown

if TYPE_CHECKING:
    from scipy import sparse

    from core.composition.pool import Pool
    from core.specs import DeconvolveSpec


@dataclass(frozen=True)
class Samples:
    """Simulated samples.

    Attributes
    ----------
    values
        (n, n_genes), linear or as the pseudo-bulk leaves them.
    proportions
        (n, n_answers), the truth: one column for each type, and a last one where there is an unknown share.
    mixtures
        The known cells that they were made of.
    """

    values: np.ndarray
    proportions: np.ndarray
    mixtures: Mixtures


@dataclass(frozen=True)
class Simulation:
    """What samples are made from.

    Attributes
    ----------
    counts
        (n_cells, n_genes), counts on the selected genes as they enter a mixture.
    weights
        (n_cells,), counts of each cell over all genes, in the same way.
    codes
        (n_cells,), number of each cell's type.
    profiles
        (n_genes, n_types), mean counts per cell, for what is unknown.
    spec
        Settings of the deconvolution.
    priors
        (n_types, 2), ranges of whole percent for the six published sets.
    frequencies
        (n_types,), each type's share of the real training cells.
    alone
        (n_genes,), True for genes that bulk samples show and no type of the reference does, for what is unknown.
    """

    counts: sparse.csr_matrix
    weights: np.ndarray
    codes: np.ndarray
    profiles: np.ndarray
    spec: DeconvolveSpec
    priors: np.ndarray
    frequencies: np.ndarray
    alone: np.ndarray

    @property
    def content(self) -> np.ndarray:
        """(n_types,), mean counts per cell over all genes."""
        sizes = np.bincount(self.codes, minlength=len(self.frequencies))
        return np.bincount(self.codes, weights=self.weights, minlength=len(self.frequencies)) / np.maximum(sizes, 1)

    @property
    def n_genes(self) -> int:
        """Selected genes."""
        return self.profiles.shape[0]

    def designed(self, pool: Pool, n: int, rng: np.random.Generator) -> Samples:
        """``n`` mixtures by the run's design, without gene factors."""
        return self.of(mixtures(pool, n, self.spec, rng, self.priors, self.frequencies), rng)

    def training(self, pool: Pool, n_mixtures: int, n: int, rng: np.random.Generator) -> Samples:
        """``n`` samples to train on, gene factors applied: mixtures, single cells, or both in their numbers.

        Parameters
        ----------
        pool
            The cells to draw from.
        n_mixtures
            Mixtures in the whole training set, beside which all cells of the pool stand where both are trained on.
        n
            Samples to make.
        """
        singles = round(n * self.single_share(pool, n_mixtures))
        parts = [self.designed(pool, n - singles, rng)] if n > singles else []
        if singles:
            parts.append(self.of(single_cells(pool, singles, rng), rng, unknown=False))
        made = parts[0] if len(parts) == 1 else _joined(parts)
        values = randomised(made.values, self.spec.gene_factor_sd, self.spec.jitter_sd, rng)
        return Samples(values, made.proportions, made.mixtures)

    def n_training(self, pool: Pool, n_mixtures: int) -> int:
        """Samples of the whole training set, or of an epoch."""
        cells = len(pool.rows)
        return {"mixtures": n_mixtures, "cells": cells, "both": n_mixtures + cells}[self.spec.train_on]

    def single_share(self, pool: Pool, n_mixtures: int) -> float:
        """Share of the training samples that are single cells."""
        cells = len(pool.rows)
        return {"mixtures": 0.0, "cells": 1.0, "both": cells / (n_mixtures + cells)}[self.spec.train_on]

    def of(self, made: Mixtures, rng: np.random.Generator, *, unknown: bool = True) -> Samples:
        """Samples of the cells of ``made``; where the spec asks for it, half with an unknown part if ``unknown``."""
        values = pseudobulk(self.counts, made, self.spec.pseudobulk)
        proportions = self._read_shares(made) if self.spec.answer == "reads" else made.proportions
        if not self.spec.unknown:
            return Samples(values, proportions, made)
        if not unknown:
            return Samples(values, np.column_stack([proportions, np.zeros(len(made))]), made)
        values, proportions = with_unknown(
            values, proportions, made.sizes, self.profiles, self.alone, self.spec.unknown, rng
        )
        return Samples(values, proportions, made)

    def _read_shares(self, made: Mixtures) -> np.ndarray:
        n, k = made.proportions.shape
        mixture = np.repeat(np.arange(n), made.sizes)
        place = mixture * k + self.codes[made.cells]
        reads = np.bincount(place, weights=self.weights[made.cells], minlength=n * k).reshape(n, k)
        return reads / reads.sum(axis=1, keepdims=True)


def _joined(parts: list[Samples]) -> Samples:
    first, second = (part.mixtures for part in parts)
    names = first.design_names + second.design_names
    made = Mixtures(
        np.concatenate([first.proportions, second.proportions]),
        np.concatenate([first.design, second.design + len(first.design_names)]).astype(np.int8),
        names,
        np.concatenate([first.cells, second.cells]),
        np.concatenate([first.starts, first.starts[-1] + second.starts[1:]]),
    )
    values, proportions = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("values", "proportions")
    )
    return Samples(values, proportions, made)
