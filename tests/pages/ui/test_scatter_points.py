"""Where the names of a picture stand."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pages.ui.scatter.points import centres

POINTS = pd.DataFrame({"x": [0.0, 0.0, 0.0, 5.0], "y": [0.0, 10.0, 20.0, 7.0]})


def test_a_name_stands_at_the_median_and_knows_how_far_its_cells_reach_above_it():
    many, one = centres(POINTS, np.array([0, 0, 0, 1]), ["B", "Platelet"])
    assert (many["text"], many["x"], many["y"]) == ("B", 0.0, 10.0)
    assert 5.0 < many["reach"] <= 10.0
    assert one == {"text": "Platelet", "x": 5.0, "y": 7.0, "reach": 0.0}


def test_a_few_cells_far_above_do_not_keep_a_name_on_the_others():
    together = pd.DataFrame({"x": 0.0, "y": [0.0] * 13 + [50.0] * 4})
    (place,) = centres(together, np.zeros(17, dtype=int), ["Platelet"])
    assert place["reach"] == 0.0
