from __future__ import annotations

import numpy as np

from core.evaluation.classification import classification, errors, of_one_scale
from tests.core.evaluation.toy import one_fold


def test_errors_are_counted():
    assert errors(np.array([0, 1, 2]), np.array([0, 2, 1])) == 2


def test_one_scale_keeps_the_proportions_of_columns():
    train, test = of_one_scale(np.array([[0.0, 0], [10, 1]]), np.array([[5.0, 0.5]]))
    np.testing.assert_allclose(test, 0)
    np.testing.assert_allclose(train[1, 0] / train[1, 1], 10)
    np.testing.assert_allclose(train.std(), 1)


def test_types_far_apart_are_called_without_error_by_every_method():
    found = {(row["method"], row["metric"]): row["value"] for row in classification(one_fold())}
    for method in ("genes", "pca", "autoencoder", "classifier_autoencoder"):
        assert found[method, "errors"] == 0
        assert found[method, "cells"] == 9
    assert found["classifier_autoencoder", "errors_class_head"] == 0
    assert ("autoencoder", "errors_class_head") not in found
