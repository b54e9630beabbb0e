from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.figures.errors import MOST_SPREAD, error_bars, error_distribution
from core.figures.style import DARK, LIGHT

ERRORS = pd.DataFrame({"cell_type": ["B", "T", "B", "T"], "pBin": [0.1, 0.2, 0.2, 0.1], "AbsErr": [0.1, 0.0, 0.3, 0.2]})
MEANS = pd.DataFrame({"nCellTypes": [1, 3], "mean": [0.02, 0.05], "sd": [0.01, np.nan], "se": [0.002, np.nan]})


@pytest.mark.parametrize(("box", "kind"), [(False, "violin"), (True, "box")])
def test_errors_by_type_keep_every_value(box, kind):
    figure = error_distribution(ERRORS, by="cell_type", error="AbsErr", title="Absolute error", box=box)
    assert [(trace.type, trace.name, list(trace.y)) for trace in figure.data] == [
        (kind, "B", [0.1, 0.3]),
        (kind, "T", [0.0, 0.2]),
    ]


def test_errors_by_bin_stand_in_rising_order():
    figure = error_distribution(ERRORS.iloc[::-1], by="pBin", error="AbsErr", title="Absolute error")
    assert [trace.name for trace in figure.data] == ["0.1", "0.2"]


def test_many_errors_are_drawn_by_quantiles_of_all():
    values = np.random.default_rng(0).exponential(size=20_000)
    many = pd.DataFrame({"cell_type": "B", "AbsErr": values})
    for box in (False, True):
        (trace,) = error_distribution(many, by="cell_type", error="AbsErr", title="Error", box=box, scale=100).data
        assert len(trace.y) == MOST_SPREAD
        np.testing.assert_allclose(
            np.quantile(trace.y, [0, 0.25, 0.5, 0.75, 1]), 100 * np.quantile(values, [0, 0.25, 0.5, 0.75, 1])
        )
    (violin,) = error_distribution(many, by="cell_type", error="AbsErr", title="Error").data
    assert violin.bandwidth < 0.2  # as wide as the density of all values, not of those drawn


def test_values_that_are_all_alike_have_a_violin(theme=DARK):
    same = pd.DataFrame({"cell_type": "B", "AbsErr": np.zeros(1000)})
    (violin,) = error_distribution(same, theme, by="cell_type", error="AbsErr", title="Error").data
    assert violin.bandwidth is None


@pytest.mark.parametrize(("spread", "reach"), [("sd", [1, 0]), ("se", [0.2, 0])])
def test_means_of_any_groups_have_bars_where_there_is_a_spread(spread, reach):
    figure = error_bars(MEANS, LIGHT, by="nCellTypes", spread=spread, group_title="Cell types in a mixture")
    (bars,) = figure.data
    assert list(bars.x) == ["1", "3"]
    np.testing.assert_allclose(bars.y, [2, 5])
    np.testing.assert_allclose(bars.error_y.array, reach)
    assert figure.layout.xaxis.title.text == "Cell types in a mixture"
