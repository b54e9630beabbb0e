from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.errors import DataError
from core.evaluation.experiments import beside_claims, run_experiments, summary
from core.specs import EvaluateSpec
from tests.conftest import real
from tests.core.evaluation.toy import cells, fit

NAMES = np.array(["B", "NK", "T"])


def evaluated(**settings: object) -> pd.DataFrame:
    values, labels = cells()
    return run_experiments(values, NAMES[labels], EvaluateSpec(**settings), fit, seed=0, n_code=3)


def test_the_table_has_the_published_columns_and_a_row_per_number():
    rows = evaluated(folds=2)
    assert list(rows.columns) == ["experiment", "method", "metric", "fold", "seed", "value"]
    assert set(rows["experiment"]) == {"reconstruction", "rank", "classification"}
    assert set(rows["fold"]) == {0, 1}
    assert not rows.duplicated(["experiment", "method", "metric", "fold"]).any()


def test_only_the_chosen_experiments_run():
    rows = evaluated(experiments=("clusters", "left_out"))
    assert set(rows["experiment"]) == {"clusters", "left_out"}


def test_the_same_seed_repeats_the_numbers():
    pd.testing.assert_frame_equal(evaluated(), evaluated())


def test_progress_is_told():
    values, labels = cells()
    told = []
    spec = EvaluateSpec(experiments=("reconstruction",), folds=2)
    run_experiments(values, labels, spec, fit, seed=0, n_code=3, on_fold=lambda done, of: told.append((done, of)))
    assert told == [(1, 2), (2, 2)]


def test_one_type_is_refused():
    with pytest.raises(DataError, match="two cell types"):
        run_experiments(np.zeros((4, 3)), ["B"] * 4, EvaluateSpec(), fit, seed=0, n_code=2)


def test_summary_and_claims_stand_side_by_side():
    rows = evaluated(folds=2)
    table = summary(rows)
    assert set(table["folds"]) == {2}
    claimed = beside_claims(rows)
    assert "extra_fall" not in set(claimed["metric"])
    errors = claimed[claimed["metric"] == "error_share_svm_rbf"]
    assert errors["reached"].all()
    assert (claimed.loc[claimed["reached"] & (claimed["direction"] == "higher"), "here"] > 0).all()


def test_tissues_are_told_apart_with_at_most_one_error():
    table = pd.read_parquet(real("dslabs_7_tissues.parquet"))
    values = table.drop(columns="tissue").select_dtypes("number").to_numpy()
    spec = EvaluateSpec(experiments=("classification",))
    rows = run_experiments(values, table["tissue"], spec, fit, seed=0, n_code=30)
    found = rows[rows["metric"].isin(["errors", "cells"])].pivot(index="method", columns="metric", values="value")
    assert found.loc["pca", "errors"] <= 1
    assert found.loc["genes", "errors"] <= 1
    assert 44 <= found.loc["pca", "cells"] <= 50
