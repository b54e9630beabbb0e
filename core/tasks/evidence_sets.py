"""What all evidence is made from: a finished run's model, its reference and its query, and the labels it gave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from core.annotation.identity import given_labels
from core.data.align import Aligned, align
from core.data.dataset import Dataset
from core.data.markers import MarkerScores, aligned_scores, group_scores, only
from core.data.multiome import read_bridge
from core.data.normalise import Matrix
from core.data.peaks_common import harmonised, with_usable_peaks
from core.data.transform import FittedTransform
from core.errors import DataError
from core.interpretation.integrated import Projection
from core.runs.run import Run
from core.specs import AnnotateSpec
from core.tasks.evidence_names import NOT_ASSIGNED
from core.tasks.evidence_reference import (
    FileReference,
    ModelReference,
    Reference,
    aligned_logarithms,
    logarithms,
)
from core.tasks.finished import model_of, query_of, reference_of
from core.tasks.judge import Members
from core.tasks.kept_reference import kept_of
from core.tasks.prepare import SMOOTHING, rng
from core.tasks.reference_at_hand import at_hand
from core.tasks.smooth import by_all_genes, smoothed

if TYPE_CHECKING:
    from core.model import TrainedModel


@dataclass(frozen=True)
class Sets:
    """``annotation``: annotation.csv, a row per query cell in the order of ``query``."""

    run: Run
    model: TrainedModel
    reference: Reference
    query: Dataset
    annotation: pd.DataFrame

    @cached_property
    def given(self) -> np.ndarray:
        """(n_query,), label of each query cell, or not assigned."""
        return given_labels(
            self.annotation["cell_type"].to_numpy(), self.annotation["assigned"].to_numpy(), NOT_ASSIGNED
        )

    @cached_property
    def known(self) -> np.ndarray:
        """(n_reference,), type of each reference cell at hand."""
        return self.reference.known

    @cached_property
    def shared_genes(self) -> list[str]:
        """Genes known of both, in the order of the reference."""
        return self.reference.shared(self.query, self._aligned)

    @cached_property
    def members(self) -> Members:
        return Members.of(self.model)

    @cached_property
    def judged(self) -> Aligned:
        """The query in the model's genes as the members judged it: smoothed where the run smooths."""
        spec = cast("AnnotateSpec", self.model.spec.analysis)
        return smoothed(self._aligned, by_all_genes(self.query, spec), spec, rng(self.model.spec, SMOOTHING))

    def aligned(self, dataset: Dataset, cells: np.ndarray | None = None) -> Aligned:
        """``dataset``, or some of its cells, in the model's genes and in memory, as measured."""
        made = self._aligned if dataset is self.query else align(dataset, self.model.genes)
        return (made if cells is None else made.rows(cells)).in_memory()

    def query_scores(self, groups: np.ndarray) -> MarkerScores:
        """Shared genes against any groups (n_query,) of the query's cells; an empty name leaves a cell out."""
        names = sorted({name for name in groups if name})
        place = {name: number for number, name in enumerate(names)}
        numbers = np.array([place.get(name, -1) for name in groups])
        if isinstance(self.reference, FileReference):
            return group_scores(self.query, numbers, tuple(names), self.shared_genes)
        return only(aligned_scores(self._aligned, numbers, tuple(names)), self.shared_genes)

    def query_logarithms(self, cells: np.ndarray, genes: Sequence[str]) -> Matrix:
        """(n_cells, n_genes), ln(1 + CP10K) of some query cells, as measured."""
        if isinstance(self.reference, FileReference) or set(genes) <= set(self.query.genes):
            return logarithms(self.query, cells, genes)
        return aligned_logarithms(self._aligned.rows(cells).in_memory(), genes)

    @cached_property
    def _aligned(self) -> Aligned:
        return align(self.query, self.model.genes)


def sets_of(run: Run, labels: str = "") -> Sets:
    """Read model, reference, query and labels.

    Parameters
    ----------
    run
        A finished run that labelled a query.
    labels
        annotation.csv as a person kept it, at another cut-off; the run's own by default.

    Raises
    ------
    RunError, DataError
        If a file is gone or has changed since.
    """
    model, query = model_of(run), query_of(run)
    kept = kept_of(model)
    if at_hand(run.spec) or kept is None:
        cells = reference_of(run)
        if cells.holds_peaks and query.holds_peaks:
            cells, query = harmonised([cells, query], run.spec.data.peaks).sets
        reference: Reference = FileReference(cells, model)
    else:
        query = _as_labelled(query, run)
        reference = ModelReference(kept, model, "bridge" if model.spec.data.bridge else "model")
    return Sets(run, model, reference, query, read_labels(run, query, labels))


def _as_labelled(query: Dataset, run: Run) -> Dataset:
    """A query without its reference as the run had it: cells are alike by the peaks that bridge and query share."""
    spec, bridge = run.spec, run.spec.data.bridge
    if bridge is not None and cast("AnnotateSpec", spec.analysis).smoothing is not None:
        return harmonised([read_bridge(bridge)[1], query], spec.data.peaks).sets[1]
    return with_usable_peaks(query, spec.data.peaks)


def read_labels(run: Run, query: Dataset, labels: str = "") -> pd.DataFrame:
    """annotation.csv in the order of ``query``'s cells.

    Raises
    ------
    DataError
        If it was written for other cells.
    """
    path = Path(labels) if labels else run.directory / "annotation.csv"
    kept: Any = {"cell": str, "cell_type": str, "label_set_90": str, "label_set_95": str}
    table = pd.read_csv(path, dtype=kept, keep_default_na=False).set_index("cell")
    if not table.index.is_unique or not query.adata.obs_names.isin(table.index).all():
        raise DataError("The labels are not those of this query", str(path), "Label the query again on the Runs page")
    return table.loc[query.adata.obs_names]


def projection_of(transform: FittedTransform) -> Projection | None:
    """The components between genes and network, where there are any, in the scale that the network sees them in."""
    if transform.loadings is None or transform.centre is None:
        return None
    loadings = transform.loadings if transform.spread is None else transform.loadings / transform.spread[:, None]
    return Projection(loadings, transform.centre)
