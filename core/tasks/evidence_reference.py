"""The reference that labels are judged by: the file's own cells, or what the model file holds of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np
import pandas as pd
from scipy import sparse

from core.data.align import Aligned, align
from core.data.blocks import loaded
from core.data.dataset import Dataset
from core.data.kept_reference import KeptReference
from core.data.markers import MarkerScores, marker_scores, only
from core.data.normalise import Matrix, library_size, normalised, values_of
from core.tasks.type_averages import AVERAGE, Types, average_cell, scaled_means, types_of

if TYPE_CHECKING:
    from core.model import TrainedModel


class Reference(Protocol):
    """Labelled cells, some or all, in the genes that are known of them."""

    @property
    def known(self) -> np.ndarray:
        """(n_cells,), type of each cell at hand."""
        ...

    @property
    def cells(self) -> pd.Index:
        """Names of these cells."""
        ...

    @property
    def facts(self) -> dict[str, Any]:
        """``source`` (file or model), ``cells`` at hand and ``of`` how many the model learned from."""
        ...

    def shared(self, query: Dataset, aligned: Aligned) -> list[str]:
        """Genes that are known of the reference and of ``query``, which is ``aligned`` in the model's genes."""
        ...

    def scores(self, genes: Sequence[str]) -> MarkerScores:
        """``genes`` against every type, over all cells of the reference."""
        ...

    def aligned(self, cells: np.ndarray) -> Aligned:
        """Some of the cells at hand in the model's genes, in memory."""
        ...

    def logarithms(self, cells: np.ndarray, genes: Sequence[str]) -> Matrix:
        """(n_cells, n_genes), ln(1 + CP10K) of some of the cells at hand, in memory and sparse."""
        ...

    def average(self) -> np.ndarray:
        """(n_genes,), the average cell in the model's genes, scaled as in training, before components are taken."""
        ...

    def types(self) -> Types:
        """The average cell of each type."""
        ...


@dataclass(frozen=True)
class FileReference:
    """The reference as it was read again, all its cells and genes."""

    dataset: Dataset
    model: TrainedModel

    @property
    def known(self) -> np.ndarray:
        return self.dataset.labels.astype(str).to_numpy()

    @property
    def cells(self) -> pd.Index:
        return self.dataset.adata.obs_names

    @property
    def facts(self) -> dict[str, Any]:
        return {"source": "file", "cells": self.dataset.n_cells, "of": self.dataset.n_cells}

    def shared(self, query: Dataset, aligned: Aligned) -> list[str]:
        return list(map(str, self.dataset.genes[self.dataset.genes.isin(query.genes)]))

    def scores(self, genes: Sequence[str]) -> MarkerScores:
        return marker_scores(self.dataset, genes)

    def aligned(self, cells: np.ndarray) -> Aligned:
        return self._aligned.rows(cells).in_memory()

    def logarithms(self, cells: np.ndarray, genes: Sequence[str]) -> Matrix:
        return logarithms(self.dataset, cells, genes)

    def average(self) -> np.ndarray:
        return average_cell(self._aligned, self.known, self.model.transform, self.model.spec)

    def types(self) -> Types:
        means = scaled_means(self._aligned, self.known, self.model.transform, self.model.spec)
        return types_of(self.scores(self.model.genes), means)

    @cached_property
    def _aligned(self) -> Aligned:
        return align(self.dataset, self.model.genes)


@dataclass(frozen=True)
class ModelReference:
    """What the model file holds: averages over all cells, and a sample of them where it was kept."""

    kept: KeptReference
    model: TrainedModel
    source: Literal["model", "bridge"] = "model"
    """``bridge``: the cells are those of a bridge that lent their peaks a type."""

    @property
    def known(self) -> np.ndarray:
        return np.asarray(self.kept.types, dtype=object)[self.kept.sample_types]

    @property
    def cells(self) -> pd.Index:
        return pd.Index([f"reference cell {number}" for number in range(1, len(self.known) + 1)])

    @property
    def facts(self) -> dict[str, Any]:
        return {"source": self.source, "cells": len(self.kept.sample_types), "of": int(self.kept.cells.sum())}

    def shared(self, query: Dataset, aligned: Aligned) -> list[str]:
        return [gene for gene, there in zip(aligned.genes, aligned.present, strict=True) if there]

    def scores(self, genes: Sequence[str]) -> MarkerScores:
        return only(self.kept.scores(self.model.genes), genes)

    def aligned(self, cells: np.ndarray) -> Aligned:
        assert self.kept.sample is not None, "asked for before anything is computed"
        return self.kept.sample.rows(cells)

    def logarithms(self, cells: np.ndarray, genes: Sequence[str]) -> Matrix:
        return aligned_logarithms(self.aligned(cells), genes)

    def average(self) -> np.ndarray:
        return self.kept.average

    def types(self) -> Types:
        scaled = {AVERAGE: self.kept.average, **dict(zip(self.kept.types, self.kept.scaled, strict=True))}
        return types_of(self.kept.scores(self.model.genes), scaled)


def logarithms(dataset: Dataset, cells: np.ndarray, genes: Sequence[str]) -> Matrix:
    """(n_cells, n_genes), ln(1 + CP10K) of some cells of a file, in memory and sparse."""
    values = values_of(dataset)
    library = library_size(values, dataset.unit)[cells]
    columns = dataset.genes.get_indexer(pd.Index(genes))
    return sparse.csr_matrix(normalised(loaded(values, cells)[:, columns], dataset.unit, "log1p_cp10k", library))


def aligned_logarithms(aligned: Aligned, genes: Sequence[str] | None = None) -> Matrix:
    """(n_cells, n_genes), ln(1 + CP10K) of cells in the model's genes, of all of these or of some."""
    columns = slice(None) if genes is None else pd.Index(aligned.genes).get_indexer(pd.Index(genes))
    return sparse.csr_matrix(normalised(aligned.values[:, columns], aligned.unit, "log1p_cp10k", aligned.library))
