"""What all evidence is made from: a finished run's model, its reference and its query, and the labels it gave."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from core.annotation.identity import given_labels
from core.data.align import Aligned, align
from core.data.dataset import Dataset
from core.data.transform import FittedTransform
from core.errors import DataError
from core.interpretation.integrated import Projection
from core.runs.run import Run
from core.tasks.evidence_names import NOT_ASSIGNED
from core.tasks.finished import model_of, query_of, reference_of
from core.tasks.judge import Members

if TYPE_CHECKING:
    from core.model import TrainedModel


@dataclass(frozen=True)
class Sets:
    """``annotation``: annotation.csv, a row per query cell in the order of ``query``."""

    run: Run
    model: TrainedModel
    reference: Dataset
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
        """(n_reference,), type of each reference cell."""
        return self.reference.labels.astype(str).to_numpy()

    @cached_property
    def shared_genes(self) -> list[str]:
        """Genes that both files hold, in the order of the reference."""
        return list(map(str, self.reference.genes[self.reference.genes.isin(self.query.genes)]))

    @cached_property
    def members(self) -> Members:
        return Members.of(self.model)

    def aligned(self, dataset: Dataset, cells: np.ndarray | None = None) -> Aligned:
        """``dataset``, or some of its cells, in the model's genes and in memory."""
        made = align(dataset, self.model.genes)
        return (made if cells is None else made.rows(cells)).in_memory()


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
    query = query_of(run)
    return Sets(run, model_of(run), reference_of(run), query, read_labels(run, query, labels))


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
    """The components between genes and network, where there are any."""
    if transform.loadings is None or transform.centre is None:
        return None
    return Projection(transform.loadings, transform.centre)
