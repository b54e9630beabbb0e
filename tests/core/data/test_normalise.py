from __future__ import annotations

import numpy as np
from scipy import sparse

from core.data.normalise import library_size, linear, normalised

COUNTS = np.array([[1.0, 3.0], [0.0, 0.0]])


def test_only_units_that_add_up_have_a_library():
    assert library_size(COUNTS, "counts").tolist() == [4, 0]
    assert library_size(COUNTS, "log1p").tolist() == [1, 1]


def test_linear_values_are_per_ten_thousand_or_undone_logarithms():
    np.testing.assert_allclose(linear(COUNTS, "tpm", np.array([4, 0])), [[2500, 7500], [0, 0]])
    np.testing.assert_allclose(linear(np.log1p(COUNTS), "log1p", np.ones(2)), COUNTS)
    np.testing.assert_allclose(linear(np.log2(COUNTS + 1), "log2", np.ones(2)), COUNTS)


def test_sparse_and_dense_agree_and_the_input_is_untouched():
    matrix = sparse.csr_matrix(COUNTS, dtype=np.float32)
    for how in ("none", "log1p_cp10k", "log2_cpm"):
        for unit in ("counts", "log1p", "log2", "values"):
            library = library_size(matrix, unit)
            first, second = normalised(matrix, unit, how, library), normalised(COUNTS, unit, how, library)
            np.testing.assert_allclose(first.toarray() if sparse.issparse(first) else first, second, rtol=1e-6)
            assert first.dtype == np.float32
    assert matrix.toarray().tolist() == COUNTS.tolist()


def test_log2_of_linear_values_takes_them_as_they_are():
    np.testing.assert_allclose(normalised(COUNTS, "tpm", "log2", np.ones(2)), np.log2(1 + COUNTS), rtol=1e-6)
    np.testing.assert_allclose(normalised(COUNTS, "log1p", "log2", np.ones(2)), COUNTS / np.log(2), rtol=1e-6)
    np.testing.assert_allclose(normalised(COUNTS, "log2", "log2", np.ones(2)), COUNTS)
