from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.figures.designs import design_shares
from core.figures.style import DARK, LIGHT

SHARES = pd.DataFrame([[0.7, 0.3, 0], [0, 0, 1], [0.2, 0.5, 0.3], [0.5, 0.5, 0]], columns=pd.Index(["B", "NK", "T"]))


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("shown", ["violin", "box"])
def test_each_type_has_its_spread_in_its_colour(theme, shown):
    figure = design_shares(SHARES, theme, shown=shown, colours={"NK": "#112233"})
    assert [trace.type for trace in figure.data] == [shown] * 3
    assert [trace.name for trace in figure.data] == ["B", "NK", "T"]
    np.testing.assert_allclose(figure.data[1].y, [30, 0, 50, 50])
    assert figure.data[1].fillcolor.startswith("rgba(17,34,51,")


def test_lines_fall_from_the_largest_share_and_the_mean_is_drawn_over_them():
    lines, mean = design_shares(SHARES, shown="lines").data
    assert list(lines.y[:3]) == [70, 30, 0]
    assert np.isnan(lines.y[3])
    np.testing.assert_allclose(mean.y, np.array([2.7, 1.1, 0.2]) / 4 * 100)


def test_many_mixtures_are_thinned_as_lines():
    many = pd.DataFrame(np.full((1000, 2), 0.5), columns=pd.Index(["a", "b"]))
    assert len(design_shares(many, shown="lines").data[0].x) == 200 * 3


def test_mixtures_are_counted_by_their_number_of_types():
    (bars,) = design_shares(SHARES, shown="types").data
    assert list(bars.x) == [1, 2, 3]
    assert list(bars.y) == [1, 2, 1]
