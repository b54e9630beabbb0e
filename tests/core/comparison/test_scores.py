"""Scores by hand, intervals of known answers, and what may not change them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.annotation.agreement import agreement
from core.annotation.calibration import calibration_error
from core.comparison.scores import COLUMNS, Calls, scores
from core.errors import DataError

KNOWN = np.array(["B", "B", "T", "T", "NK", "unknown"], dtype=object)
TYPES = {"B", "T", "NK"}


def calls(types: list[str], probability: float | list[float] = 0.9, assigned: list[bool] | None = None) -> Calls:
    given_ = np.full(len(types), probability) if isinstance(probability, float) else np.array(probability)
    return Calls(np.array(types, dtype=object), given_, None if assigned is None else np.array(assigned))


def value(table: pd.DataFrame, method: str, metric: str, column: str = "value") -> float:
    return float(table.loc[(table["method"] == method) & (table["metric"] == metric), column].iloc[0])


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def test_scores_by_hand():
    ours = calls(["B", "T", "T", "T", "T", "B"], assigned=[True, True, False, True, True, False])
    table = scores(KNOWN, {"ours": ours}, TYPES, "ours", rng(), resamples=20)
    assert tuple(table.columns) == COLUMNS
    # five cells are of a type that the reference has, three of them are right, one of the five keeps no label
    assert value(table, "ours", "accuracy") == pytest.approx(3 / 5)
    # B: 2 x 1 / (2 + 1); T: 2 x 2 / (2 + 4); NK: never called
    assert value(table, "ours", "macro_f1") == pytest.approx((2 / 3 + 4 / 6 + 0) / 3)
    assert value(table, "ours", "coverage") == pytest.approx(4 / 5)
    assert value(table, "ours", "ece") == pytest.approx(0.9 - 3 / 5)
    assert np.isnan(value(table, "ours", "accuracy", "difference"))


def test_a_cell_without_a_label_stays_in_the_denominator():
    kept = calls(["B", "B", "T", "T", "T", "T"], assigned=[True] * 6)
    fewer = calls(["B", "B", "T", "T", "T", "T"], assigned=[True, True, True, True, False, False])
    table = scores(KNOWN, {"kept": kept, "fewer": fewer}, TYPES, "kept", rng(), resamples=20)
    assert value(table, "kept", "accuracy") == value(table, "fewer", "accuracy") == pytest.approx(4 / 5)
    assert value(table, "fewer", "coverage") == pytest.approx(4 / 5)


def test_coverage_is_empty_where_it_is_not_known_cell_by_cell():
    table = scores(KNOWN, {"ours": calls(["B"] * 6)}, TYPES, "ours", rng(), resamples=20)
    assert np.isnan(value(table, "ours", "coverage"))


def test_the_same_scores_as_elsewhere_in_the_program():
    draw = np.random.default_rng(3)
    probabilities = draw.dirichlet(np.ones(3), 400)
    labels, names = draw.integers(3, size=400), np.array(["B", "NK", "T"], dtype=object)
    best = probabilities.argmax(axis=1)
    made = Calls(names[best], probabilities.max(axis=1), np.ones(400, dtype=bool))
    table = scores(names[labels], {"ours": made}, TYPES, "ours", rng(), resamples=20)
    row = agreement(names[labels], names[best], TYPES).iloc[0]
    assert value(table, "ours", "accuracy") == pytest.approx(row["accuracy"])
    assert value(table, "ours", "macro_f1") == pytest.approx(row["macro_f1"])
    assert value(table, "ours", "ece") == pytest.approx(calibration_error(probabilities, labels))


def test_the_interval_of_a_share_is_the_one_of_a_binomial():
    known = np.full(1000, "B", dtype=object)
    right = np.where(np.arange(1000) < 800, "B", "T").astype(object)
    table = scores(known, {"ours": calls(list(right))}, TYPES, "ours", rng())
    half = 1.96 * np.sqrt(0.8 * 0.2 / 1000)
    assert value(table, "ours", "accuracy", "low") == pytest.approx(0.8 - half, abs=0.004)
    assert value(table, "ours", "accuracy", "high") == pytest.approx(0.8 + half, abs=0.004)


def test_differences_are_paired():
    """Two annotators that differ on ten cells alone: the interval is that of those ten, not of all cells."""
    draw = np.random.default_rng(1)
    known = np.where(draw.random(1000) < 0.5, "B", "T").astype(object)
    ours = np.where(draw.random(1000) < 0.7, known, "NK").astype(object)
    wrong = np.flatnonzero(ours != known)[:10]
    better = ours.copy()
    better[wrong] = known[wrong]
    made = {"ours": calls(list(ours)), "better": calls(list(better))}
    table = scores(known, made, TYPES, "ours", rng())
    assert value(table, "better", "accuracy", "difference") == pytest.approx(0.01)
    low, high = (value(table, "better", "accuracy", f"difference_{end}") for end in ("low", "high"))
    assert 0 < low < 0.01 < high
    assert high - low < 0.5 * (value(table, "ours", "accuracy", "high") - value(table, "ours", "accuracy", "low"))


def test_an_annotator_does_not_differ_from_itself():
    same = calls(["B", "T", "T", "T", "T", "B"])
    table = scores(KNOWN, {"ours": same, "again": same}, TYPES, "ours", rng(), resamples=50)
    for column in ("difference", "difference_low", "difference_high"):
        assert value(table, "again", "accuracy", column) == 0


def test_cells_of_unknown_types_alone_cannot_be_scored():
    with pytest.raises(DataError, match="reference has"):
        scores(np.array(["x", "y"], dtype=object), {"ours": calls(["B", "B"])}, TYPES, "ours", rng())


@settings(max_examples=25)
@given(st.permutations(range(6)), st.integers(0, 5))
def test_the_order_of_the_cells_changes_no_value(order: list[int], seed: int):
    draw = np.random.default_rng(seed)
    types = draw.choice(["B", "T", "NK"], 6).astype(object)
    probability = list(draw.random(6))
    first = scores(KNOWN, {"ours": calls(list(types), probability)}, TYPES, "ours", rng(), resamples=2)
    turned = calls(list(types[order]), [probability[at] for at in order])
    second = scores(KNOWN[order], {"ours": turned}, TYPES, "ours", rng(), resamples=2)
    np.testing.assert_allclose(first["value"], second["value"])
    assert first["low"].dropna().between(0, 1).all() and first["high"].dropna().between(0, 1).all()
