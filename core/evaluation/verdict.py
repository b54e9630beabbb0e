"""Whether a claim of a paper came out the same way here, and how sure that is."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from core.evaluation.claims import claims

Verdict = Literal["same", "partly", "not_repeated", "baseline", "not_run"]

PCA = "pca"
LEVEL = 0.05
HALF = 0.5
FEWEST_PAIRS = 6
"""With five splits the smallest two-sided p is 0.06."""
ROUNDING = 1e-12


def judged(found: pd.DataFrame | None, summary: pd.DataFrame | None) -> pd.DataFrame:
    """Every claim with its outcome.

    Parameters
    ----------
    found
        claims.csv of an evaluation; None where there is none.
    summary
        evaluation_summary.csv of the same.

    Returns
    -------
    The columns of `claims`, ``here``, ``sd``, ``folds``, ``pca`` (the same number of PCA; both empty where it was not
    run) and ``verdict``:

    same
        The comparison with PCA came out as in the paper; where the paper compares with nothing, the number here is as
        good as the paper's. A p is the same where it is below 0.05, since it depends on the number of cells.
    partly
        Equal to PCA, or at least half as good as the paper's number.
    not_repeated
        Neither.
    baseline
        The number is that of PCA itself.
    not_run
        The experiment was not part of the evaluation.
    """
    table = claims()
    columns = ["experiment", "method", "metric", "here", "sd", "folds"]
    if found is None or summary is None:
        return table.assign(here=np.nan, sd=np.nan, folds=0, pca=np.nan, verdict="not_run")
    table = table.merge(found[columns], on=columns[:3], how="left")
    ours = summary.loc[summary["method"] == PCA, ["experiment", "metric", "value"]].rename(columns={"value": PCA})
    table = table.merge(ours, on=["experiment", "metric"], how="left")
    stated = claims()
    paper = stated[stated["method"] == PCA].set_index(["experiment", "metric"])["in_the_paper"].to_dict()
    table["verdict"] = [_verdict(row, paper) for row in table.to_dict("records")]
    return table


def _verdict(row: dict, paper: dict) -> Verdict:
    here, higher = row["here"], row["direction"] == "higher"
    if pd.isna(here):
        return "not_run"
    if row["method"] == PCA:
        return "baseline"
    if row["metric"].startswith("wilcoxon_p"):
        return "same" if here < LEVEL else "not_repeated"
    # the paper's squared error is of log2 arrays, so that its only claim to repeat is the one against PCA
    against_pca = (row["experiment"], row["metric"]) in paper or row["metric"] == "mse"
    if against_pca and not pd.isna(row[PCA]):
        gain = here - row[PCA] if higher else row[PCA] - here
        return "partly" if abs(gain) <= ROUNDING else "same" if gain > 0 else "not_repeated"
    stated = row["in_the_paper"]
    if higher:
        return "same" if here >= stated else "partly" if here >= HALF * stated else "not_repeated"
    return "same" if here <= stated else "partly" if here <= stated / HALF else "not_repeated"


def differences(rows: pd.DataFrame, experiment: str, metric: str) -> pd.DataFrame:
    """Each method minus PCA in each split.

    Parameters
    ----------
    rows
        evaluation.csv.
    experiment, metric
        What is compared.

    Returns
    -------
    ``split`` (from 1), ``method``, ``difference`` (in the metric's unit); empty where PCA was not run.
    """
    table = rows[(rows["experiment"] == experiment) & (rows["metric"] == metric)]
    wide = table.pivot(index="fold", columns="method", values="value")
    if PCA not in wide:
        return pd.DataFrame(columns=pd.Index(["split", "method", "difference"]))
    gaps = wide.drop(columns=PCA).sub(wide[PCA], axis=0)
    long = (
        gaps.rename_axis(index="fold").reset_index().melt("fold", var_name="method", value_name="difference").dropna()
    )
    return pd.DataFrame(
        {"split": long["fold"].astype(int) + 1, "method": long["method"], "difference": long["difference"]}
    )


def paired_p(gaps: pd.DataFrame, method: str) -> float | None:
    """Two-sided Wilcoxon signed-rank p that a method differs from PCA over the splits; None with fewer than six.

    Parameters
    ----------
    gaps
        From `differences`.
    method
        Compared with PCA.
    """
    from scipy import stats

    values = gaps.loc[gaps["method"] == method, "difference"].to_numpy(dtype=float)
    if len(values) < FEWEST_PAIRS or not np.any(values):
        return None
    return float(np.asarray(stats.wilcoxon(values))[1])
