"""Refusal counted from a query's own ordinary cells, and what it would have been without."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from core.annotation.baseline import TABLE, counted_from_query
from core.annotation.rejection import OpenSet
from core.data.dataset import Dataset
from core.export.tables import write_table
from core.model import TrainedModel
from core.runs.run import Run
from core.specs import AnnotateSpec
from core.tasks.judge import LEAST_FOR_OWN_STATISTICS


def own_baseline(spec: AnnotateSpec, query: Dataset) -> bool:
    """Whether the strangeness of ``query`` is counted from its own cells; too few would say too little."""
    return spec.strangeness_from == "query" and query.n_cells >= LEAST_FOR_OWN_STATISTICS


def refused_by_own_baseline(annotation: pd.DataFrame, measured: np.ndarray, known: OpenSet, run: Run) -> pd.DataFrame:
    """``annotation`` with open-set scores counted from the query's own cells, and ``assigned`` by these.

    Writes strangeness.csv: for each cell its score, and the score as the reference has it.

    Parameters
    ----------
    annotation
        annotation.csv as the reference has it.
    measured
        (n_cells, n_measures), from ``known``.
    """
    scores = known.scores_of(counted_from_query(measured, known.held_measures))
    columns = {"cell": annotation["cell"], "from_query": scores, "from_reference": annotation["open_set_score"]}
    write_table(pd.DataFrame(columns), TABLE, run.directory)
    return annotation.assign(assigned=known.assigned(scores), open_set_score=scores)


def baseline_facts(run: Run, model: TrainedModel) -> dict[str, Any]:
    """For the summary: cells that would have no label were strangeness counted from the reference."""
    path = run.directory / f"{TABLE}.csv"
    if not path.exists():
        return {}
    scores = pd.read_csv(path)["from_reference"].to_numpy()
    known = OpenSet.from_dict(model.learned["open_set"])
    return {"refused_from_reference": int((~known.assigned(scores)).sum())}
