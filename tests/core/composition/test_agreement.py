"""Agreement of predicted with true proportions."""

import numpy as np
import pandas as pd
import pytest

from core.composition.agreement import (
    agreement,
    bland_altman,
    concordance,
    error_summary,
    long_table,
    mean_type_r,
    shared_types,
    without_pure,
)
from core.errors import DataError

TRUTH = pd.DataFrame([[0.2, 0.8, 0.0], [1.0, 0.0, 0.0]], index=["a", "b"], columns=["T", "B", "NK"])
FOUND = pd.DataFrame([[0.3, 0.6, 0.1], [0.9, 0.1, 0.0]], index=["a", "b"], columns=["T", "B", "NK"])


def test_the_long_table_has_the_published_columns():
    table = long_table(TRUTH, FOUND).set_index(["sample", "cell_type"])
    assert table["nCellTypes"].tolist() == [2, 2, 2, 1, 1, 1]
    assert table["pBin"].tolist() == [0.2, 0.8, 0.1, 1.0, 0.1, 0.1]
    row = table.loc[("a", "B")]
    np.testing.assert_allclose(
        row[["AbsErr", "ppAbsErr", "SqrErr", "ppSqrErr"]].astype(float), [0.2, 0.25, 0.04, 0.0625]
    )


def test_bins_are_open_below_and_closed_above():
    truth = pd.DataFrame([[0.1, 0.10001, 0.3, 0.49999]], columns=list("abcd"))
    assert long_table(truth, truth)["pBin"].tolist() == [0.1, 0.2, 0.3, 0.5]


def test_rows_and_columns_are_matched_by_name():
    table = long_table(TRUTH, FOUND.iloc[::-1, ::-1])
    pd.testing.assert_frame_equal(table, long_table(TRUTH, FOUND))
    with pytest.raises(DataError, match=r"differ in their cell types. Got \['NK'\]"):
        long_table(TRUTH, FOUND.drop(columns="NK"))


def test_without_pure_keeps_what_lies_between():
    assert without_pure(long_table(TRUTH, FOUND))[["sample", "cell_type"]].to_numpy().tolist() == [
        ["a", "T"],
        ["a", "B"],
    ]


@pytest.mark.parametrize("by", ["sample", "cell_type", "nCellTypes", "pBin"])
def test_error_summary_by_each_column(by):
    table = long_table(TRUTH, FOUND)
    summary = error_summary(table, by)
    assert summary.columns.tolist() == [by, "error", "mean", "sd", "se", "n"]
    for _, row in summary.iterrows():
        values = table.loc[table[by] == row[by], row["error"]].to_numpy()
        np.testing.assert_allclose(row["mean"], values.mean())
        if len(values) > 1:
            np.testing.assert_allclose([row["sd"], row["se"]], np.array([1, len(values) ** -0.5]) * values.std(ddof=1))


def test_concordance_by_hand():
    assert concordance(np.array([1.0, 2, 3]), np.array([1.0, 2, 3])) == pytest.approx(1)
    assert concordance(np.array([1.0, 2, 3]), np.array([2.0, 3, 4])) == pytest.approx(2 * (2 / 3) / (4 / 3 + 1))
    assert np.isnan(concordance(np.ones(3), np.ones(3)))


def test_agreement_pools_and_goes_type_by_type():
    table = long_table(TRUTH, FOUND)
    scores = agreement(table).set_index("cell_type")
    assert scores.index.tolist() == ["all", "T", "B", "NK"]
    assert scores.loc["all", "r"] == pytest.approx(
        np.corrcoef(TRUTH.to_numpy().ravel(), FOUND.to_numpy().ravel())[0, 1]
    )
    assert scores.loc["T", "r"] == pytest.approx(1)
    assert scores.loc["B", "bias"] == pytest.approx(-0.05)
    assert scores.loc["T", "MAE"] == pytest.approx(0.1)
    assert np.isnan(scores.loc["NK", "r"])
    assert mean_type_r(table) == pytest.approx(2 / 3)


@pytest.mark.parametrize("by", ["sample", "nCellTypes", "pBin"])
def test_agreement_by_other_columns_names_each_group(by):
    table = long_table(TRUTH, FOUND)
    scores = agreement(table, by).set_index(by)
    groups = table.groupby(by)
    assert scores.index.tolist() == ["all", *(f"{group:g}" if by != "sample" else group for group in groups.groups)]
    assert scores["n"].tolist() == [6, *groups.size()]
    np.testing.assert_allclose(scores["MAE"].iloc[1:], groups["AbsErr"].mean())


def test_a_constant_prediction_pools_well_and_ranks_nothing():
    rng = np.random.default_rng(0)
    truth = pd.DataFrame(rng.dirichlet([60, 25, 10, 5], 30), columns=list("abcd"))
    constant = pd.DataFrame(np.tile(truth.mean(), (30, 1)), columns=list("abcd"))
    table = long_table(truth, constant)
    assert agreement(table).loc[0, "CCC"] > 0.9
    assert mean_type_r(table) == 0


def test_bland_altman_is_predicted_minus_true():
    points, limits = bland_altman(long_table(TRUTH, FOUND))
    np.testing.assert_allclose(points["difference"], [0.1, -0.2, 0.1, -0.1, 0.1, 0.0], atol=1e-12)
    np.testing.assert_allclose(points["mean"], [0.25, 0.7, 0.05, 0.95, 0.05, 0.0])
    spread = 1.96 * points["difference"].std(ddof=1)
    assert limits == pytest.approx({"mean": 0.0, "low": -spread, "high": spread}, abs=1e-9)
    logs, _ = bland_altman(long_table(TRUTH, FOUND), log2=True)
    assert logs["difference"][0] == pytest.approx(np.log2(0.301 / 0.201))


def test_shared_types_are_rescaled():
    truth, found = shared_types(TRUTH, FOUND, ["T", "NK"])
    np.testing.assert_allclose(truth, [[1, 0], [1, 0]])
    np.testing.assert_allclose(found, [[0.75, 0.25], [1, 0]])
