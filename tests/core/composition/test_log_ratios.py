import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.composition.log_ratios import centred_log_ratios

SHARES = arrays(float, (4, 5), elements=st.floats(0, 1))


def test_two_types_by_hand():
    np.testing.assert_allclose(centred_log_ratios(np.array([0.8, 0.2])), [np.log(2), -np.log(2)])


@given(SHARES)
def test_they_sum_to_zero_and_are_finite(shares):
    found = centred_log_ratios(shares)
    np.testing.assert_allclose(found.sum(axis=-1), 0, atol=1e-9)
    assert np.isfinite(found).all()


def test_what_lies_below_the_smallest_share_counts_as_it():
    tiny = centred_log_ratios(np.array([[0.0, 0.5, 0.5], [1e-9, 0.5, 0.5], [0.001, 0.5, 0.5]]))
    np.testing.assert_array_equal(tiny[0], tiny[2])
    np.testing.assert_array_equal(tiny[1], tiny[2])


def test_one_type_that_grows_leaves_the_ratio_of_the_others():
    before, after = centred_log_ratios(np.array([[0.2, 0.4, 0.4], [0.6, 0.2, 0.2]]))
    assert before[1] - before[2] == after[1] - after[2]
