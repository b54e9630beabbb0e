from __future__ import annotations

import numpy as np
import pytest

from core.evaluation.reconstruction import reconstruction, squared_error
from tests.core.evaluation.toy import one_fold


def test_squared_error_by_hand():
    assert squared_error(np.array([[1.0, 2], [3, 4]]), np.array([[1.0, 2], [3, 0]])) == 4


def test_every_method_is_compared_with_the_gene_means():
    found = {(row["method"], row["metric"]): row["value"] for row in reconstruction(one_fold())}
    assert found["gene_mean", "explained"] == 0
    assert found["autoencoder", "mse"] == pytest.approx(found["pca", "mse"])
    assert found["pca", "mse"] < found["gene_mean", "mse"]
    assert {"nmf", "kernel_pca_polynomial", "kernel_pca_cosine", "kernel_pca_rbf"} <= {method for method, _ in found}
