"""Agreement of predicted with true proportions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd

from core.errors import DataError

ERRORS = ("AbsErr", "ppAbsErr", "SqrErr", "ppSqrErr")
LOG_OFFSET = 0.001
ALL_TYPES = "all"
By = Literal["sample", "cell_type", "nCellTypes", "pBin"]


def long_table(truth: pd.DataFrame, predicted: pd.DataFrame) -> pd.DataFrame:
    """One row for each sample and type, with its errors.

    Parameters
    ----------
    truth, predicted
        samples x types, the same samples and types in any order.

    Returns
    -------
    Columns sample, cell_type, proportion, predicted; nCellTypes, types in the sample; pBin, upper end of the tenth
    the true proportion lies in, (pBin - 0.1, pBin], 0 counted to 0.1; AbsErr, SqrErr; ppAbsErr = AbsErr / pBin and
    ppSqrErr = SqrErr / pBin squared.

    Raises
    ------
    DataError
        If samples or types differ.

    Source: digitalDLSorteR, ``calculateEvalMetrics``.
    """
    for what, ours, theirs in (
        ("samples", truth.index, predicted.index),
        ("cell types", truth.columns, predicted.columns),
    ):
        if set(ours) != set(theirs):
            odd = sorted(map(str, set(ours) ^ set(theirs)))
            raise DataError(f"True and predicted proportions differ in their {what}", odd, "Bring them to the same")
    predicted = predicted.loc[truth.index, truth.columns]
    true, found = truth.to_numpy(float), predicted.to_numpy(float)
    n, k = true.shape
    error = np.abs(true - found).ravel()
    bins = np.clip(np.ceil(np.round(true.ravel() * 10, 9)), 1, 10) / 10
    return pd.DataFrame(
        {
            "sample": np.repeat(truth.index.to_numpy(), k),
            "cell_type": np.tile(truth.columns.to_numpy(), n),
            "proportion": true.ravel(),
            "predicted": found.ravel(),
            "nCellTypes": np.repeat((true > 0).sum(axis=1), k),
            "pBin": bins,
            "AbsErr": error,
            "ppAbsErr": error / bins,
            "SqrErr": error**2,
            "ppSqrErr": error**2 / bins**2,
        }
    )


def without_pure(table: pd.DataFrame) -> pd.DataFrame:
    """Rows with a true proportion between 0 and 1, both excluded: what is left of pure samples and absent types."""
    return table.loc[(table["proportion"] > 0) & (table["proportion"] < 1)]


def error_summary(table: pd.DataFrame, by: By) -> pd.DataFrame:
    """Mean, standard deviation and standard error (sd / sqrt n) of each error.

    Parameters
    ----------
    table
        From ``long_table``, with or without pure samples.
    by
        Column to group by.

    Returns
    -------
    Columns ``by``, error, mean, sd, se, n. The standard deviation of one value is NaN.
    """
    tall = table.melt(id_vars=[by], value_vars=list(ERRORS), var_name="error", value_name="value")
    groups = tall.groupby([by, "error"], sort=True, observed=True)["value"]
    summary = groups.agg(["mean", "std", "count"]).reset_index()
    summary = summary.rename(columns={"std": "sd", "count": "n"})
    summary.insert(4, "se", summary["sd"] / np.sqrt(summary["n"]))
    return summary


def agreement(table: pd.DataFrame, by: By = "cell_type") -> pd.DataFrame:
    """Correlation and concordance over all rows, and group by group.

    Parameters
    ----------
    table
        From ``long_table``, or any table with ``by``, proportion and predicted.
    by
        Column to group by; within few types or a narrow bin r is low because little varies.

    Returns
    -------
    Columns ``by`` (``all`` for everything pooled, then each group by its name: types and samples in order of
    appearance, numbers rising), r, CCC, MAE, RMSE, bias (predicted - true), n.
    """
    named = by in ("cell_type", "sample")
    parts = [(ALL_TYPES, table), *table.groupby(by, sort=not named, observed=True)]
    return pd.DataFrame(
        [{by: name if isinstance(name, str) else f"{name:g}", **_scores(*_sides(part))} for name, part in parts]
    )


def mean_type_r(table: pd.DataFrame) -> float:
    """Pearson correlation within each type, then the mean; a type predicted as constant counts as 0."""
    parts = table.groupby("cell_type", observed=True)
    found = [pearson(*_sides(part)) for _, part in parts]
    return float(np.nan_to_num(found).mean())


def pearson(a: np.ndarray, b: np.ndarray) -> float:
    """Pearson correlation; NaN where either side does not vary."""
    if len(a) < 2 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return float("nan")
    return float(np.corrcoef(a, b)[0, 1])


def concordance(a: np.ndarray, b: np.ndarray) -> float:
    """Lin's concordance correlation: 2 cov / (var a + var b + (mean a - mean b)^2), moments over n.

    NaN where neither side varies and both agree.
    """
    bottom = a.var() + b.var() + (a.mean() - b.mean()) ** 2
    return float(2 * np.mean((a - a.mean()) * (b - b.mean())) / bottom) if bottom > 0 else float("nan")


def bland_altman(table: pd.DataFrame, *, log2: bool = False) -> tuple[pd.DataFrame, dict[str, float]]:
    """Difference against mean of both sides, and the limits of agreement.

    Parameters
    ----------
    table
        From ``long_table``.
    log2
        Compare log2(p + 0.001) in place of p.

    Returns
    -------
    points
        Columns sample, cell_type, nCellTypes, mean, difference: **predicted - true**, as an axis label must say.
    limits
        mean, low, high: the mean difference and 1.96 standard deviations around it.
    """
    true, found = _sides(table)
    if log2:
        true, found = np.log2(true + LOG_OFFSET), np.log2(found + LOG_OFFSET)
    points = table[["sample", "cell_type", "nCellTypes"]].assign(mean=(true + found) / 2, difference=found - true)
    centre, spread = float((found - true).mean()), float((found - true).std(ddof=1)) if len(true) > 1 else float("nan")
    return points, {"mean": centre, "low": centre - 1.96 * spread, "high": centre + 1.96 * spread}


def shared_types(
    truth: pd.DataFrame, predicted: pd.DataFrame, types: Sequence[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both tables on ``types`` alone and on the samples of ``predicted``, each row rescaled to sum to one."""
    chosen = [table.loc[predicted.index, list(types)].astype(float) for table in (truth, predicted)]
    left, right = (table.div(table.sum(axis=1), axis=0) for table in chosen)
    return left, right


def _sides(table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    return table["proportion"].to_numpy(float), table["predicted"].to_numpy(float)


def _scores(true: np.ndarray, found: np.ndarray) -> dict[str, float]:
    error = found - true
    return {
        "r": pearson(true, found),
        "CCC": concordance(true, found),
        "MAE": float(np.abs(error).mean()),
        "RMSE": float(np.sqrt(np.mean(error**2))),
        "bias": float(error.mean()),
        "n": len(true),
    }
