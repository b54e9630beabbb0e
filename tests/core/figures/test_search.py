from __future__ import annotations

import math

import pandas as pd
import pytest

from core.figures.search import Upright, best_so_far, importance_bars, parallel_coordinates
from core.figures.style import DARK, LIGHT

RATE = Upright("rate", "learning rate", 1e-4, 1e-2, log=True)
NORM = Upright("norm", "norm", choices=("none", "batch", "layer"))
VALUE = Upright("value", "macro F1", 0.4, 0.8)
TRIALS = pd.DataFrame(
    {
        "trial": [1, 2, 3, 4],
        "state": ["complete", "complete", "pruned", "refused"],
        "value": [0.4, 0.8, 0.1, None],
        "rate": [1e-4, 1e-3, 1e-2, 1e-2],
        "norm": ["none", "layer", "batch", "none"],
    }
)


def test_an_upright_places_numbers_by_factors_and_choices_in_order():
    assert [RATE.place(value) for value in (1e-4, 1e-3, 1e-2)] == pytest.approx([0, 0.5, 1])
    assert [NORM.place(name) for name in NORM.choices] == [0, 0.5, 1]
    assert VALUE.place(0.1) == 0 and VALUE.place(2) == 1
    assert [words for _, words in RATE.ticks()] == ["0.0001", "0.0003", "0.001", "0.003", "0.01"]
    assert all(0 <= height <= 1 for each in (RATE, NORM, VALUE) for height, _ in each.ticks())


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_each_trial_with_a_value_is_a_line_over_every_upright(theme):
    figure = parallel_coordinates(TRIALS, [RATE, NORM], VALUE, theme, higher_is_better=True, chosen=2)
    pruned, poor, good, chosen = figure.data
    assert [list(trace.x[:3]) for trace in figure.data] == [[0, 1, 2]] * 4
    assert list(pruned.y[:3]) == pytest.approx([1, 0.5, 0]) and pruned.line.dash == "dot"
    assert list(poor.y[:3]) == pytest.approx([0, 0, 0]) and list(good.y[:3]) == pytest.approx([0.5, 1, 1])
    assert good.line.color == theme.sequential[-1] and poor.line.color == theme.sequential[1]
    assert list(chosen.y[:3]) == list(good.y[:3]) and chosen.line.width > good.line.width
    assert "trial 2" in good.text[0] and "learning rate: 0.001" in good.text[0]


def test_a_search_without_values_draws_its_uprights_alone():
    figure = parallel_coordinates(TRIALS.iloc[3:], [RATE], VALUE)
    assert not figure.data and len(figure.layout.shapes) == 2


def test_the_best_so_far_steps_and_what_to_expect_is_a_band():
    values = pd.DataFrame({"trial": [1, 2, 4], "value": [3.0, 4.0, 2.0], "best": [3.0, 3.0, 2.0]})
    figure = best_so_far(values, y_title="loss", present=3.0, repeats=(2.5, 0.25))
    assert figure.data[1].line.shape == "hv" and list(figure.data[1].y) == [3, 3, 2]
    band = next(shape for shape in figure.layout.shapes if shape.type == "rect")
    assert (band.y0, band.y1) == (2.25, 2.75)
    assert {note.text for note in figure.layout.annotations} == {"as it is now", "best, other seeds"}
    assert not best_so_far(values, y_title="loss").layout.shapes


def test_importance_is_in_order_and_in_per_cent():
    (bars,) = importance_bars({"dropout": 0.25, "learning rate": 0.75}).data
    assert list(bars.y) == ["learning rate", "dropout"] and list(bars.text) == ["75 %", "25 %"]
    assert math.isclose(sum(bars.x), 1)
