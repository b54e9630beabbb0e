from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.annotation.baseline import ORDINARY, counted_from_query


def test_a_query_that_is_stranger_by_one_amount_is_moved_back():
    held = np.random.default_rng(0).normal(size=(400, 2))
    np.testing.assert_allclose(counted_from_query(held + np.array([3.0, -1.0]), held), held)


@given(st.floats(-50, 50), st.integers(0, 100))
def test_where_the_query_lies_as_a_whole_does_not_matter(shift: float, seed: int):
    rng = np.random.default_rng(seed)
    held, query = rng.normal(size=(80, 3)), rng.normal(size=(60, 3))
    np.testing.assert_allclose(counted_from_query(query + shift, held), counted_from_query(query, held), atol=1e-9)


def test_cells_of_other_types_stay_above_and_no_more_known_cells_are_refused_for_them():
    rng = np.random.default_rng(1)
    held = rng.normal(size=(2000, 1))
    known, other = rng.normal(size=(1600, 1)) + 5, rng.normal(size=(400, 1)) + 12
    moved = counted_from_query(np.concatenate([known, other]), held)
    edge = np.quantile(held, 0.95)
    assert (moved[:1600] > edge).mean() <= 0.05 and (moved[1600:] > edge).mean() > 0.99


def test_the_quarter_that_is_least_strange_ends_where_that_of_held_out_cells_does():
    rng = np.random.default_rng(2)
    held, query = rng.gamma(2.0, size=(300, 3)), rng.gamma(5.0, size=(200, 3))
    moved = counted_from_query(query, held)
    np.testing.assert_allclose(np.quantile(moved, ORDINARY, axis=0), np.quantile(held, ORDINARY, axis=0))
