"""What a model file holds of the reference that it learned from: averages of each type, and a few of its cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pandas as pd
from scipy import sparse

from core.data.align import Aligned
from core.data.markers import MarkerScores
from core.data.moments import Moments
from core.data.normalise import Matrix
from core.data.units import Unit

OF_EACH, IN_ALL = 50, 2_000
"""Cells of a type, and of all types together, that a model file holds at most."""
SMALL = np.iinfo(np.int16).max
"""Whole numbers up to this one are kept in two bytes, all others as float32."""


@dataclass(frozen=True)
class KeptReference:
    """Averages of each type in the model's genes, float32, and sampled cells.

    Attributes
    ----------
    types
        Names of the k types.
    cells
        (k,), reference cells of each type.
    mean, variance, share
        (k, n_genes): mean and variance of ln(1 + CP10K), share of the cells with the gene (0 to 1). Markers are ranked
        by them.
    scaled
        (k, n_genes), mean of the genes scaled as in training, before components are taken.
    average
        (n_genes,), the same of all cells.
    sample
        The sampled cells in the model's genes, in the unit of the reference, with the totals of all their genes;
        ``None`` where they were left out.
    sample_types
        (n_sampled,), numbers of their types.
    """

    types: tuple[str, ...]
    cells: np.ndarray
    mean: np.ndarray
    variance: np.ndarray
    share: np.ndarray
    scaled: np.ndarray
    average: np.ndarray
    sample: Aligned | None
    sample_types: np.ndarray

    def scores(self, genes: Sequence[str]) -> MarkerScores:
        """Every gene of the model against every type, from the averages."""
        n, mean = self.cells[:, None].astype(float), self.mean.astype(float)
        squares = self.variance * np.maximum(n - 1, 0) + n * mean**2
        moments = Moments(self.cells, n * mean, squares, n * self.share)
        return MarkerScores(pd.Index(genes), self.types, moments)

    def to_dict(self) -> dict[str, Any]:
        """Arrays and plain values for the model file."""
        arrays = ("mean", "variance", "share", "scaled", "average")
        return {
            "types": list(self.types),
            "cells": self.cells,
            **{name: np.asarray(getattr(self, name), dtype=np.float32) for name in arrays},
            "sample": None if self.sample is None else _packed(self.sample),
            "sample_types": np.asarray(self.sample_types, dtype=np.int32),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any], genes: Sequence[str]) -> KeptReference:
        """What ``to_dict`` wrote, for a model of these genes."""
        arrays = {name: np.asarray(values[name]) for name in ("mean", "variance", "share", "scaled", "average")}
        packed = values["sample"]
        return cls(
            types=tuple(values["types"]),
            cells=np.asarray(values["cells"]),
            **arrays,
            sample=None if packed is None else _unpacked(packed, tuple(genes)),
            sample_types=np.asarray(values["sample_types"]),
        )


def few_of_each(
    labels: np.ndarray, rng: np.random.Generator, of_each: int = OF_EACH, in_all: int = IN_ALL
) -> np.ndarray:
    """Rows of as many cells of each type as fit: the same number of all types that have so many, at least one.

    Parameters
    ----------
    labels
        (n_cells,), types.
    rng
        Draws the cells.
    of_each, in_all
        Cells at most; with more types than ``in_all``, one of each.

    Returns
    -------
    Row numbers, ascending.
    """
    _, numbers, sizes = np.unique(np.asarray(labels).astype(str), return_inverse=True, return_counts=True)
    most = next((each for each in range(of_each, 1, -1) if np.minimum(sizes, each).sum() <= in_all), 1)
    drawn = [
        rng.choice(np.flatnonzero(numbers == number), min(size, most), replace=False)
        for number, size in enumerate(sizes)
    ]
    return np.sort(np.concatenate(drawn))


def _packed(cells: Aligned) -> dict[str, Any]:
    values = cast("sparse.csr_matrix", sparse.csr_matrix(cells.values))
    whole = bool(len(values.data) == 0 or ((np.mod(values.data, 1) == 0).all() and np.abs(values.data).max() <= SMALL))
    small = len(cells.genes) <= SMALL
    return {
        "values": values.data.astype(np.int16 if whole else np.float32),
        "columns": values.indices.astype(np.int16 if small else np.int32),
        "starts": values.indptr.astype(np.int64),
        "library": np.asarray(cells.library, dtype=np.float64),
        "unit": cells.unit,
    }


def _unpacked(packed: Mapping[str, Any], genes: tuple[str, ...]) -> Aligned:
    starts = np.asarray(packed["starts"])
    parts = (np.asarray(packed["values"], dtype=np.float32), np.asarray(packed["columns"], dtype=np.int32), starts)
    values = cast("Matrix", sparse.csr_matrix(parts, shape=(len(starts) - 1, len(genes))))
    return Aligned(values, np.asarray(packed["library"]), cast("Unit", packed["unit"]), genes)
