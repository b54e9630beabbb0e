from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.evaluation.claims import claims
from core.evaluation.verdict import differences, judged, paired_p


def rows(*values: tuple[str, str, str, float]) -> pd.DataFrame:
    return pd.DataFrame(values, columns=pd.Index(["experiment", "method", "metric", "here"])).assign(sd=0.1, folds=2)


def verdict_of(method: str, metric: str, here: float, pca: float | None = None, experiment: str = "rank") -> str:
    found = rows((experiment, method, metric, here))
    beside = [] if pca is None else [(experiment, "pca", metric, pca)]
    summary = rows((experiment, method, metric, here), *beside).rename(columns={"here": "value"})
    table = judged(found, summary)
    chosen = (table["experiment"] == experiment) & (table["method"] == method) & (table["metric"] == metric)
    return str(table.loc[chosen, "verdict"].iloc[0])


def test_without_an_evaluation_nothing_was_run():
    assert set(judged(None, None)["verdict"]) == {"not_run"} and len(judged(None, None)) == len(claims())


@pytest.mark.parametrize(("here", "expected"), [(0.4, "same"), (0.5, "partly"), (0.6, "not_repeated")])
def test_an_error_is_compared_with_pca_and_not_with_the_papers_number(here: float, expected: str):
    assert verdict_of("autoencoder", "mse", here, 0.5, "reconstruction") == expected


@pytest.mark.parametrize(("here", "expected"), [(0.9, "same"), (0.5, "partly"), (0.4, "not_repeated")])
def test_a_share_is_compared_with_the_papers(here: float, expected: str):
    assert verdict_of("autoencoder", "first_rank_share", here, 1.0) == expected


@pytest.mark.parametrize(("here", "expected"), [(0.01, "same"), (0.2, "not_repeated")])
def test_a_p_is_the_same_below_five_per_cent(here: float, expected: str):
    assert verdict_of("autoencoder", "wilcoxon_p", here) == expected


def test_pca_is_not_compared_with_itself():
    assert verdict_of("pca", "error_share_svm_rbf", 0.1, experiment="classification") == "baseline"


def test_differences_are_taken_within_a_split():
    table = pd.DataFrame(
        [
            ("e", "pca", "m", 0, 0, 1.0),
            ("e", "a", "m", 0, 0, 1.5),
            ("e", "pca", "m", 1, 1, 2.0),
            ("e", "a", "m", 1, 1, 1.0),
        ],
        columns=pd.Index(["experiment", "method", "metric", "fold", "seed", "value"]),
    )
    gaps = differences(table, "e", "m")
    assert gaps["split"].tolist() == [1, 2] and gaps["difference"].tolist() == [0.5, -1.0]
    assert not len(differences(table.loc[table["method"] != "pca"], "e", "m"))


def test_a_paired_test_needs_six_splits():
    def gaps(n: int) -> pd.DataFrame:
        return pd.DataFrame({"split": np.arange(n), "method": "a", "difference": np.arange(n) + 1.0})

    assert paired_p(gaps(5), "a") is None
    assert paired_p(gaps(6), "a") == pytest.approx(2 / 2**6)
