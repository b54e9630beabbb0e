import pandas as pd
import pytest

from tests.conftest import real


@pytest.mark.slow
def test_cell_identity_codes_tell_seven_tissues_apart(celldesk):
    out, _ = celldesk("evaluate", "--data", real("dslabs_7_tissues.parquet"), "--labels", "tissue")
    rows = pd.read_csv(out / "evaluation.csv")
    classifier = rows[rows["method"] == "classifier_autoencoder"].set_index(["experiment", "metric"])["value"]
    assert classifier["classification", "cells"] == 48
    assert classifier["classification", "errors"] <= 1
    assert classifier["reconstruction", "explained"] > 0.7
    assert {"pca", "nmf", "autoencoder"} <= set(rows["method"])
