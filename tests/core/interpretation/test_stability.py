from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.interpretation.stability import likeness, unit_matches, verdict

RNG = np.random.default_rng(0)
OWN = RNG.normal(size=(4, 60))


def test_units_are_found_whatever_their_order_sign_and_scale():
    order = [2, 0, 3, 1]
    other = -3.0 * OWN[order] + 7
    table = unit_matches(OWN, {"Run 2": other})
    assert table["unit"].tolist() == ["unit_1", "unit_2", "unit_3", "unit_4"]
    assert table["match"].tolist() == [f"unit_{order.index(number) + 1}" for number in range(4)]
    np.testing.assert_allclose(table["likeness"], 1.0)
    assert (table["within"] < 0.5).all() and set(table["network"]) == {"Run 2"}


def test_a_unit_of_noise_is_lost_and_twins_cannot_be_told_apart():
    twins = np.vstack([OWN[0], OWN[0], OWN[1]])
    table = unit_matches(twins, {"other": OWN[[0]]})
    assert table["within"].iloc[0] == pytest.approx(1.0)
    verdicts = [verdict(float(row.likeness), float(row.within)) for row in table.itertuples()]  # type: ignore[arg-type]
    assert verdicts == ["alike", "alike", "lost"]
    assert verdict(0.9, 0.4) == "found"


def test_a_unit_that_changes_nothing_is_like_none():
    found = likeness(np.vstack([OWN[0], np.ones(60)]), OWN)
    assert found[0, 0] == pytest.approx(1.0) and not found[1].any()
    assert not len(unit_matches(OWN, {}))


@given(st.integers(0, 1000))
def test_likeness_is_symmetric_and_at_most_one(seed: int):
    rng = np.random.default_rng(seed)
    first, second = rng.normal(size=(3, 8)), rng.normal(size=(2, 8))
    found = likeness(first, second)
    assert ((found >= 0) & (found <= 1)).all()
    np.testing.assert_allclose(found, likeness(second, first).T)
