"""Dots with intervals: where they lie, and what the floor may not do to the axes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.figures.comparison import score_dots
from core.figures.style import DARK, LIGHT

TITLES = {"ours": "Ours", "other": "Other", "floor": "Floor"}
PANELS = {"accuracy": "Accuracy", "macro_f1": "Macro-F1"}
SCORES = pd.DataFrame(
    [("ours", metric, 0.90, 0.88, 0.92, np.nan, np.nan, np.nan) for metric in PANELS]
    + [("other", metric, 0.85, 0.82, 0.88, -0.05, -0.07, -0.03) for metric in PANELS]
    + [("floor", metric, 0.20, 0.18, 0.22, -0.70, -0.72, -0.68) for metric in PANELS],
    columns=pd.Index(["method", "metric", "value", "low", "high", "difference", "difference_low", "difference_high"]),
)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
@pytest.mark.parametrize("differences", [False, True])
def test_every_panel_has_a_title_and_at_most_five_ticks(theme, differences: bool):
    figure = score_dots(SCORES, TITLES, theme, panels=PANELS, ours="ours", floor="floor", differences=differences)
    for axis in figure.select_xaxes():
        assert axis.title.text and len(axis.tickvals) <= 5
    assert figure.layout.template.layout.paper_bgcolor == theme.panel


def test_dots_lie_at_the_values_and_lines_at_the_ends():
    figure = score_dots(SCORES, TITLES, panels=PANELS, ours="ours")
    first = [trace for trace in figure.data if trace.xaxis == "x"]
    assert [list(trace.x) for trace in first[:4]] == [[0.88, 0.92], [0.90], [0.82, 0.88], [0.85]]
    assert [shape.x0 for shape in figure.layout.shapes] == [0.9, 0.9]
    assert first[1].marker.color == LIGHT.primary


def test_the_floor_does_not_stretch_the_axis_and_is_told_in_words():
    figure = score_dots(SCORES, TITLES, panels=PANELS, ours="ours", floor="floor")
    assert figure.layout.xaxis.range[0] > 0.75
    assert [words.text for words in figure.layout.annotations] == ["◂ 20 %", "◂ 20 %"]


def test_differences_are_in_points_from_zero():
    figure = score_dots(SCORES, TITLES, panels=PANELS, ours="ours", floor="floor", differences=True)
    dots = [trace for trace in figure.data if trace.xaxis == "x" and trace.mode == "markers"]
    assert [trace.y[0] for trace in dots] == ["Other"] and dots[0].x[0] == pytest.approx(-5)
    assert figure.layout.shapes[0].x0 == 0 and list(figure.layout.yaxis.categoryarray) == ["Other", "Floor"]
    assert figure.layout.annotations[0].text == "◂ −70"


def test_a_method_without_a_score_has_no_dot():
    figure = score_dots(SCORES.loc[SCORES["method"] != "other"], TITLES, panels=PANELS, ours="ours")
    assert {trace.y[0] for trace in figure.data} == {"Ours", "Floor"}
