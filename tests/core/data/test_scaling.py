from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from core.data.scaling import Scaled, Scaling, by_own_range, learn_scaling

RNG = np.random.default_rng(0)
VALUES = sparse.random(30, 12, 0.3, format="csr", rng=RNG, dtype=np.float32)
SCALING = Scaling(RNG.normal(size=12).astype(np.float32), RNG.uniform(0, 3, 12).astype(np.float32))


@given(st.lists(st.integers(0, 29), max_size=40), st.sampled_from([None, 0.5, 2.0]))
def test_rows_scaled_when_asked_for_are_those_of_the_whole(rows, limit):
    whole = (VALUES.toarray() - SCALING.shift) * SCALING.factor
    whole = whole if limit is None else whole.clip(-limit, limit)
    scaled = Scaled(VALUES, SCALING, limit)
    np.testing.assert_allclose(scaled[np.array(rows, dtype=int)], whole[rows], rtol=1e-6, atol=1e-7)
    np.testing.assert_array_equal(scaled[3:7], scaled.toarray()[3:7])
    np.testing.assert_array_equal(SCALING.apply(VALUES, limit), scaled.toarray())
    assert scaled.shape == (30, 12)
    assert len(scaled) == 30


def test_a_value_stored_twice_counts_once():
    twice = sparse.csr_matrix((np.array([1, 2], np.float32), np.array([1, 1]), np.array([0, 2])), shape=(1, 3))
    one = Scaling(np.full(3, 0.5, np.float32), np.ones(3, np.float32))
    np.testing.assert_array_equal(Scaled(twice, one, None).toarray(), [[-0.5, 2.5, -0.5]])
    np.testing.assert_array_equal(twice.data, [1, 2])


@pytest.mark.parametrize("scale", ["centre", "zscore"])
def test_statistics_of_some_rows_are_those_of_these_rows_alone(scale):
    rows = np.array([2, 5, 11, 20])
    some, alone = learn_scaling(VALUES, scale, among=rows), learn_scaling(VALUES[rows], scale)
    np.testing.assert_array_equal(some.shift, alone.shift)
    np.testing.assert_array_equal(some.factor, alone.factor)


def test_each_row_by_its_own_range_runs_from_zero_to_one_and_depends_on_no_other():
    values = np.random.default_rng(0).gamma(1.0, 3.0, size=(5, 30)).astype(np.float32)
    values[3] = 2.0
    scaled = by_own_range(values)
    np.testing.assert_allclose(scaled.min(axis=1), 0)
    np.testing.assert_allclose(scaled.max(axis=1), [1, 1, 1, 0, 1])
    np.testing.assert_array_equal(by_own_range(sparse.csr_matrix(values))[2], by_own_range(values[2:3])[0])
    assert not learn_scaling(values, "sample_minmax").shift.any()
