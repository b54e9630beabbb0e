from __future__ import annotations

import numpy as np
import pandas as pd

from core.figures.thinning import order_statistics, thinned


def test_few_rows_stay_and_many_are_drawn_in_their_order_alike_each_time():
    table = pd.DataFrame({"row": range(10_000), "type": np.tile(list("abcd"), 2500)})
    assert thinned(table, 10_000) is table
    few = thinned(table, 100)
    assert len(few) == 100 and few["row"].is_monotonic_increasing and set(few["type"]) == set("abcd")
    pd.testing.assert_frame_equal(few, thinned(table, 100))


def test_quantiles_reach_from_the_smallest_to_the_largest():
    values = np.random.default_rng(0).normal(size=1000)
    np.testing.assert_array_equal(order_statistics(values[:5], 10), np.sort(values[:5]))
    few = order_statistics(values, 11)
    np.testing.assert_allclose(few[[0, 5, 10]], [values.min(), np.median(values), values.max()])
