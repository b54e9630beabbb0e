from __future__ import annotations

import pandas as pd
import pytest

from core.composition.floor import constant_floor


def test_samples_that_are_all_alike_leave_nothing_to_beat():
    table = pd.DataFrame({"cell_type": ["B", "NK"] * 3, "proportion": [0.7, 0.3] * 3})
    assert constant_floor(table) == pytest.approx(1.0)


def test_types_that_are_equally_common_give_a_floor_of_zero():
    table = pd.DataFrame({"cell_type": ["B", "NK"] * 2, "proportion": [0.8, 0.2, 0.2, 0.8]})
    assert constant_floor(table) == 0.0


def test_by_hand():
    table = pd.DataFrame({"cell_type": ["B", "NK"] * 2, "proportion": [0.9, 0.1, 0.5, 0.5]})
    # means 0.7 and 0.3: covariance 0.04, variances 0.08 and 0.04, means equal
    assert constant_floor(table) == pytest.approx(0.08 / 0.12)
