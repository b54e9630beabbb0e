from __future__ import annotations

from core.evaluation.claims import claims


def test_every_claim_has_a_place_and_a_direction():
    table = claims()
    assert set(table["direction"]) == {"higher", "lower"}
    assert not table.isna().any().any()
    assert not table.duplicated(["paper", "experiment", "method", "metric"]).any()


def test_published_error_counts_are_shares_of_260():
    table = claims().set_index(["method", "metric"])["in_the_paper"]
    assert round(table["classifier_autoencoder", "error_share_random_forest"] * 260) == 10
    assert round(table["pca", "error_share_svm_rbf"] * 260) == 27
