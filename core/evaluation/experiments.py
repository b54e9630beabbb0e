"""All experiments of an evaluation, and their outcome beside the papers' numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from core.errors import DataError
from core.evaluation.claims import claims
from core.evaluation.classification import classification
from core.evaluation.clusters import clusters
from core.evaluation.cross_validation import Fold, folds
from core.evaluation.left_out import left_out
from core.evaluation.rank_test import rank_test
from core.evaluation.reconstruction import reconstruction
from core.evaluation.rows import COLUMNS

if TYPE_CHECKING:
    from core.evaluation.autoencoder import Fit
    from core.specs import EvaluateSpec

EXPERIMENTS: dict[str, Callable[[Fold], list[dict[str, Any]]]] = {
    "reconstruction": reconstruction,
    "rank": rank_test,
    "classification": classification,
    "clusters": clusters,
}
LEFT_OUT = "left_out"


def run_experiments(
    values: np.ndarray,
    labels: np.ndarray | Sequence[str] | pd.Series,
    spec: EvaluateSpec,
    fit: Fit,
    *,
    seed: int,
    n_code: int,
    on_fold: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """Run the experiments that ``spec`` names.

    Parameters
    ----------
    values
        (n_cells, n_genes), expression on a log scale, neither centred nor scaled; ``fit`` does that where it must.
    labels
        (n_cells,), names of the cell types.
    spec
        Which experiments, how many splits, how much is kept for the test.
    fit
        Trains an autoencoder from scratch.
    seed
        Decides splits and starts; split ``k`` is fitted with ``seed + k``.
    n_code
        Size of the code, and dimensions of every baseline.
    on_fold
        Told how many splits are done, of how many.

    Returns
    -------
    ``experiment``, ``method``, ``metric``, ``fold``, ``seed``, ``value``: the table of ``evaluation.csv``.

    Raises
    ------
    DataError
        If fewer than two types have two cells or more.
    """
    types, numbers = np.unique(np.asarray(labels, dtype=str), return_inverse=True)
    if (np.bincount(numbers) >= 2).sum() < 2:
        raise DataError(
            "Evaluation needs two cell types with two cells or more",
            value=list(types[:5]),
            remedy="Choose another label column or add cells",
        )
    found: list[dict[str, Any]] = []
    cuts = folds(values, numbers, fit, test_share=spec.test_share, n_folds=spec.folds, n_code=n_code, seed=seed)
    for fold in cuts:
        for name in spec.experiments:
            found += left_out(values, numbers, list(types), fold) if name == LEFT_OUT else EXPERIMENTS[name](fold)
        if on_fold is not None:
            on_fold(fold.number + 1, spec.folds)
    return pd.DataFrame(found, columns=pd.Index(COLUMNS))


def summary(rows: pd.DataFrame) -> pd.DataFrame:
    """Mean and spread over splits.

    Returns
    -------
    ``experiment``, ``method``, ``metric``, ``value`` (mean), ``sd`` (standard deviation, NaN for one split),
    ``folds``.
    """
    grouped = rows.groupby(["experiment", "method", "metric"], sort=False)["value"]
    table = pd.DataFrame({"value": grouped.mean(), "sd": grouped.std(), "folds": grouped.size()})
    return table.reset_index()


def beside_claims(rows: pd.DataFrame) -> pd.DataFrame:
    """The papers' numbers with what was found here, for the experiments that were run.

    Returns
    -------
    The columns of `claims` and ``here``, ``sd``, ``folds``, ``reached`` (True where the value here is as good). The
    data differ, so a number that is not reached says nothing about the paper.
    """
    table = claims().merge(summary(rows).rename(columns={"value": "here"}), on=["experiment", "method", "metric"])
    better = np.where(table["direction"] == "higher", table["here"] - table["in_the_paper"], 0.0)
    better = np.where(table["direction"] == "lower", table["in_the_paper"] - table["here"], better)
    table["reached"] = better >= 0
    return table
