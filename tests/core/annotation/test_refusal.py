from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.annotation.refusal import (
    FAR_FROM_ALL,
    FEW_COUNTS,
    NEAR,
    cut_at,
    ordinary,
    reassigned,
    refused,
    refused_groups,
    type_table,
    with_band,
)

CURVE = pd.DataFrame(
    {
        "false_reject_rate": [0.0, 0.01, 0.05, 0.5],
        "threshold": [1.0, 0.95, 0.8, 0.4],
        "coverage": [1.0, 0.99, 0.95, 0.5],
        "accuracy": [0.9, 0.91, 0.95, 1.0],
    }
)
CELLS = pd.DataFrame(
    {
        "cell_type": ["B", "B", "NK", "NK", "NK"],
        "probability": [0.9, 0.5, 0.6, 0.4, 0.8],
        "assigned": True,
        "open_set_score": [0.1, 0.85, 0.9, 0.97, 0.99],
        "label_set_95": ["B", "B|NK", "NK", "NK", "NK"],
    },
    index=pd.Index(["a", "b", "c", "d", "e"], name="cell"),
)


def test_the_cut_is_the_largest_rate_that_is_allowed():
    assert cut_at(CURVE, 0.05).threshold == 0.8
    assert cut_at(CURVE, 0.049).threshold == 0.95
    assert cut_at(CURVE, 0.0).coverage == 1.0


def test_refusing_more_known_cells_labels_fewer():
    labelled = [int(reassigned(CELLS, cut_at(CURVE, rate))["assigned"].sum()) for rate in (0.0, 0.01, 0.05, 0.5)]
    assert labelled == [5, 3, 1, 1]


def test_each_refused_cell_has_the_reason_that_weighs_most():
    counts = np.array([1000.0, 900.0, 950.0, 5.0, 980.0])
    table = refused(reassigned(CELLS, cut_at(CURVE, 0.05)), CURVE, counts)
    assert table.index.tolist() == ["e", "d", "c", "b"]
    assert table["reason"].to_dict() == {"e": FEW_COUNTS, "d": FEW_COUNTS, "c": FEW_COUNTS, "b": FEW_COUNTS}
    table = refused(reassigned(CELLS, cut_at(CURVE, 0.05)), CURVE)
    assert table["reason"].to_dict() == {"e": FAR_FROM_ALL, "d": FAR_FROM_ALL, "c": NEAR, "b": "Between B and NK"}


def test_groups_hold_every_refused_cell_once_and_the_largest_comes_first():
    cells = refused(reassigned(CELLS, cut_at(CURVE, 0.05)), CURVE)
    groups = refused_groups(cells)
    assert groups["cells"].sum() == len(cells)
    first = groups.iloc[0]
    assert (first["group"], first["nearest"], first["cells"]) == ("Group 1", "NK", 2)
    assert first["probability"] == pytest.approx(0.6)


def test_nothing_refused_gives_empty_tables():
    cells = refused(reassigned(CELLS, cut_at(CURVE, 0.0)), CURVE)
    assert cells.empty and refused_groups(cells).empty


def test_a_type_is_mixed_up_with_the_types_its_cells_were_called():
    per_type = pd.DataFrame(
        {"cell_type": ["B", "NK"], "precision": 1.0, "recall": 1.0, "f1": 1.0, "support": [10, 100], "called": 0}
    )
    confusion = pd.DataFrame(
        {"known": ["NK", "NK", "B"], "called": ["NK", "B", "B"], "cells": [90, 10, 10], "share": [0.9, 0.1, 1.0]}
    )
    table = type_table(reassigned(CELLS, cut_at(CURVE, 0.05)), per_type, confusion)
    assert table["cell_type"].tolist() == ["NK", "B"]
    assert table["cells"].tolist() == [0, 1]
    assert table["mixed_up_with"].tolist() == ["B", "none"]
    assert np.isnan(table["probability"][0]) and table["probability"][1] == 0.9


def test_the_band_is_wilson_s_interval():
    table = with_band(pd.DataFrame({"coverage": [1.0], "accuracy": [0.9]}), 100)
    assert table["low"][0] == pytest.approx(0.8256, abs=1e-4)
    assert table["high"][0] == pytest.approx(0.9448, abs=1e-4)


def test_a_quarter_of_a_query_like_the_reference_is_ordinary_and_none_of_one_that_is_all_strange():
    curve = pd.DataFrame({"false_reject_rate": np.linspace(0, 0.99, 100)})
    curve = curve.assign(threshold=1 - curve["false_reject_rate"], coverage=1.0, accuracy=1.0)
    scores = np.linspace(0, 1, 1001)
    assert ordinary(pd.DataFrame({"open_set_score": scores}), curve) == pytest.approx(0.25, abs=0.01)
    assert ordinary(pd.DataFrame({"open_set_score": 0.5 + scores / 2}), curve) == 0
