from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.figures.axes import axis, log_ticks, round_ticks


def test_ticks_are_round_and_hit_the_low_end():
    assert round_ticks(0, 100) == [0, 25, 50, 75, 100]
    assert round_ticks(0, 60) == [0, 20, 40, 60]


def test_percent_has_a_space_before_its_sign():
    assert axis("Proportion", percent=True, range=[0, 1])["ticktext"] == ["0 %", "25 %", "50 %", "75 %", "100 %"]


def test_log_ticks_are_values_not_powers():
    assert log_ticks(-0.5, 0.1) == [0.4, 0.6, 0.8, 1.0]


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6))
def test_never_more_than_five_ticks_and_all_inside(low, span):
    ticks = np.array(round_ticks(low, low + span))
    assert 1 <= len(ticks) <= 5
    assert (ticks >= low - 1e-6 * span - 1e-9).all()
    assert (ticks <= low + span * (1 + 1e-6) + 1e-9).all()


@given(st.floats(-8, 8), st.floats(0.01, 12))
def test_never_more_than_five_log_ticks(low, span):
    assert len(log_ticks(low, low + span)) <= 5
