from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from pages.ui.scatter import inside
from pages.ui.scatter.component import event
from pages.ui.scatter.points import categories, label_shades, ramp_shades

SQUARE = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]


def test_points_inside_a_square():
    x, y = np.array([0.5, 1.5, -0.1, 0.99]), np.array([0.5, 0.5, 0.5, 0.01])
    assert inside(x, y, SQUARE).tolist() == [True, False, False, True]


def test_the_hollow_of_a_bent_outline_is_outside():
    bent = [(0, 0), (4, 0), (4, 4), (3, 4), (3, 1), (1, 1), (1, 4), (0, 4)]
    assert inside(np.array([2.0, 0.5]), np.array([3.0, 3.0]), bent).tolist() == [False, True]


def test_fewer_than_three_corners_hold_nothing():
    assert not inside(np.zeros(3), np.zeros(3), [(0, 0), (1, 1)]).any()


@given(st.floats(-5, 5), st.floats(-5, 5), st.integers(0, 3))
def test_the_first_corner_does_not_matter(x, y, turn):
    turned = SQUARE[turn:] + SQUARE[:turn]
    assert inside(np.array([x]), np.array([y]), turned) == inside(np.array([x]), np.array([y]), SQUARE)


def test_categories_are_small_integers_and_missing_labels_are_named():
    codes, labels = categories(pd.Series(["B", None, "NK"], dtype="category"))
    assert codes.dtype == np.uint8 and codes.tolist() == [0, 2, 1] and labels == ["B", "NK", "not assigned"]
    many, _ = categories(pd.Series([str(number) for number in range(300)]))
    assert many.dtype == np.uint16


def test_a_files_own_colours_win_whatever_their_notation():
    shades = label_shades(["B", "NK"], {"B": "#abc", "NK": "red"})
    assert shades["light"]["fill"] == ["#aabbcc", "#FF0000"]


def test_a_ramp_has_its_ends_in_both_themes():
    shades = ramp_shades()
    assert shades["light"]["fill"][0] == "#EEF3F7" and shades["light"]["fill"][-1] == "#062F4F"
    assert len(shades["dark"]["fill"]) == 256


def test_an_outline_that_was_taken_away_is_not_the_same_as_none():
    assert event([], None).cleared and event(None, None).polygon is None and not event(None, 3).cleared
