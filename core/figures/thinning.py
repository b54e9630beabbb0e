"""Fewer marks than values, where a browser could not draw them all."""

from __future__ import annotations

import numpy as np
import pandas as pd

MOST_DOTS = 4000
"""Dots of a chart that a browser still moves smoothly."""


def thinned(table: pd.DataFrame, most: int = MOST_DOTS) -> pd.DataFrame:
    """At most ``most`` rows of ``table`` in their order, the same ones each time.

    They are drawn at random: evenly spaced rows of samples x types could all be of one type.
    """
    if len(table) <= most:
        return table
    return table.iloc[np.sort(np.random.default_rng(0).choice(len(table), most, replace=False))]


def order_statistics(values: np.ndarray, most: int) -> np.ndarray:
    """(n,), ``values`` in rising order where there are at most ``most``, else ``most`` of their quantiles.

    The quantiles are evenly spaced, from the smallest value to the largest, so that they spread as all values do.
    """
    return np.sort(values) if len(values) <= most else np.quantile(values, np.linspace(0, 1, most))
