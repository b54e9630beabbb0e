"""Cells that may be drawn."""

import numpy as np
import pytest

from core.composition.pool import pool_of
from core.errors import DataError


def test_a_pool_lists_the_rows_of_each_type():
    pool = pool_of(np.array([1, 0, 1, 0]), 2, rows=np.array([0, 1, 2]))
    assert pool.rows.tolist() == [1, 0, 2]
    assert pool.starts.tolist() == [0, 1, 3]
    np.testing.assert_allclose(pool.frequencies, [1 / 3, 2 / 3])


def test_a_type_without_cells_is_refused():
    with pytest.raises(DataError, match=r"no cell to build mixtures from. Got \[1\]"):
        pool_of(np.array([0, 0, 2]), 3)
