from __future__ import annotations

import numpy as np
import pytest

from core.annotation.audit import LeftOut, audit, leave_types_out, reject_rate

TYPES = ["T", "T-like", "B", "Mono"]


def reference() -> tuple[np.ndarray, np.ndarray]:
    """Four types; the first two are close neighbours, the others far from everything."""
    rng = np.random.default_rng(0)
    middles = np.zeros((4, 20))
    middles[0, 0] = middles[1, 0] = 5
    middles[1, 1] = 1.5
    middles[2, 2] = middles[3, 3] = 8
    labels = np.repeat(np.arange(4), 80)
    return middles[labels] + rng.normal(size=(320, 20)), labels


def test_the_near_neighbour_swallows_and_the_far_type_is_refused():
    values, labels = reference()
    left_out = leave_types_out(values, labels, 4, np.random.default_rng(0))
    table = audit(left_out, TYPES, reject_rate(left_out, 0.05)).set_index("cell_type")
    assert table.loc["T", "swallowed_by"] == "T-like"
    assert table.loc["T-like", "swallowed_by"] == "T"
    assert table.loc["T", "refused"] < 0.5 < table.loc["Mono", "refused"]
    assert table.loc["Mono", "auroc"] > 0.9


def test_the_rate_stops_where_nothing_more_is_gained():
    known = np.arange(100) / 100
    far = {0: LeftOut(known, np.full(10, 2.0), np.zeros(10, dtype=int))}
    assert reject_rate(far, 0.2) == 0
    near = {0: LeftOut(known, np.full(10, 0.905), np.zeros(10, dtype=int))}
    assert reject_rate(near, 0.2) == pytest.approx(0.1, abs=0.011)
    assert reject_rate(near, 0.05) <= 0.05


def test_two_types_leave_nothing_to_audit():
    values, labels = reference()
    few = labels < 2
    left_out = leave_types_out(values[few], labels[few], 2, np.random.default_rng(0))
    assert left_out == {}
    assert reject_rate(left_out, 0.05) == 0.05
    assert audit(left_out, TYPES, 0.05).empty


def test_a_lonely_cell_is_no_type_to_leave_out():
    values, labels = reference()
    labels = labels.copy()
    labels[0] = 4
    left_out = leave_types_out(values, labels, 5, np.random.default_rng(0))
    assert set(left_out) == {0, 1, 2, 3}
