"""What a comparison says in words."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.comparison.reading import reading
from core.comparison.scores import COLUMNS


def rows(metric: str, **found: tuple[float, ...]) -> list[tuple]:
    """(value, difference, low, high) of each method."""
    return [(name, metric, value, value, value, *gap) for name, (value, *gap) in found.items()]


NONE = (np.nan,) * 3
SCORES = pd.DataFrame(
    [
        *rows(
            "accuracy",
            celldesk=(0.9, *NONE),
            logistic_regression=(0.92, 0.02, 0.01, 0.03),
            knn=(0.9, 0.0, -0.01, 0.01),
            majority=(0.3, -0.6, -0.65, -0.55),
        ),
        *rows("ece", celldesk=(0.1, *NONE), knn=(0.05, -0.05, -0.07, -0.03), majority=(0.0, -0.1, -0.2, -0.05)),
    ],
    columns=pd.Index(COLUMNS),
)
METHODS = pd.DataFrame(
    {
        "method": ["celldesk", "logistic_regression", "celltypist", "celltypist_voting"],
        "cpu_seconds": [30.0, 0.3, np.nan, np.nan],
        "refused": ["", "", "not log1p", "not log1p"],
    }
)


def test_where_it_is_worse_comes_first():
    said = reading(SCORES, METHODS)
    assert said[0] == (
        "In accuracy CellDesk is worse than Logistic regression by 2.0 points (1.0 to 3.0); not told apart from kNN on "
        "PCA; better than Majority class."
    )
    assert said[1] == "Its probabilities are off by 10.0 % on average, more than those of kNN on PCA (5.0 %)."
    assert said[2].startswith("It took 30.0 CPU seconds, 100 times as long as Logistic regression")
    assert said[3] == "CellTypist and CellTypist, majority voting refuse these cells: not log1p."


def test_nothing_is_said_without_scores():
    assert reading(SCORES.iloc[:0], METHODS.iloc[:0]) == []


def test_a_run_without_a_known_cost_says_nothing_about_it():
    assert not any("CPU" in line for line in reading(SCORES, METHODS.assign(cpu_seconds=np.nan)))
