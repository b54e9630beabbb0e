from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.figures.bland_altman import bland_altman
from core.figures.style import DARK, LIGHT

ROWS = pd.DataFrame({"sample": ["a", "a", "b"], "cell_type": ["B", "T", "B"], "expected": [0.2, 0.8, 0.0]})
ROWS["predicted"] = [0.3, 0.6, 0.1]


def limits(figure):
    return sorted(shape.y0 for shape in figure.layout.shapes)


def test_logarithms_are_compared_with_an_offset():
    figure = bland_altman(ROWS, log_offset=0.001, measured_by="true")
    expected = np.log2(ROWS["predicted"] + 0.001) - np.log2(ROWS["expected"] + 0.001)
    drawn = sorted(point for trace in figure.data for point in trace.y)
    np.testing.assert_allclose(drawn, np.sort(expected))
    np.testing.assert_allclose(limits(figure)[1], expected.mean())
    assert figure.layout.yaxis.title.text == "Predicted minus true (log2)"


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_a_density_counts_every_row(theme):
    rng = np.random.default_rng(0)
    many = pd.DataFrame({"sample": "s", "cell_type": "B", "expected": rng.uniform(size=20_000)})
    many["predicted"] = many["expected"] + rng.normal(0, 0.02, len(many))
    (heat,) = bland_altman(many, theme, density=True).data
    assert np.nansum(heat.customdata) == len(many)
    np.testing.assert_allclose(limits(bland_altman(many, theme, density=True)), limits(bland_altman(many, theme)))


def test_many_dots_are_thinned_and_the_limits_are_those_of_all():
    rng = np.random.default_rng(1)
    many = pd.DataFrame({"sample": "s", "cell_type": np.tile(["B", "T"], 10_000), "expected": 0.5})
    many["predicted"] = 0.5 + rng.normal(0, 0.1, len(many))
    figure = bland_altman(many)
    assert sum(len(trace.x) for trace in figure.data) == 4000
    difference = 100 * (many["predicted"] - 0.5)
    np.testing.assert_allclose(limits(figure)[1], difference.mean())
    assert all(len(trace.x) > 1500 for trace in figure.data)
