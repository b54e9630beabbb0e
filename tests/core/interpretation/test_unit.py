"""Tables about one code unit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.interpretation.null import Chance
from core.interpretation.unit import highest_labels, top_cells, top_sets, unit_by_label

LABELS = ["B", "T", "T", "T", "B"]
VALUES = np.array([5.0, 1.0, 2.0, 3.0, 7.0])


def test_distribution_over_labels_highest_first():
    table = unit_by_label(VALUES, LABELS)
    assert table["label"].tolist() == ["B", "T"]
    assert table["cells"].tolist() == [2, 3]
    assert table["median"].tolist() == [6, 2]
    assert table["low"].tolist() == [5, 1]
    assert table["upper_quarter"].tolist() == [6.5, 2.5]
    assert table["sd"].tolist() == pytest.approx([1.0, np.std([1, 2, 3])])


def test_highest_label_of_each_unit():
    assert highest_labels(np.column_stack([VALUES, -VALUES]), LABELS) == {"unit_1": "B", "unit_2": "T"}


def test_top_cells():
    table = top_cells(VALUES, list("abcde"), 2)
    assert table.to_dict("list") == {"row": [4, 0], "cell": ["e", "a"], "value": [7, 5]}


def test_top_sets():
    impact = pd.DataFrame({"unit_1": [0.2, 0.9, 0.5]}, index=["A", "B", "C"])
    table = top_sets("unit_1", impact, Chance(impact, impact * 10 - 4, impact, 1 - impact), 2)
    assert table["gene_set"].tolist() == ["B", "C"]
    assert table["z"].tolist() == pytest.approx([5, 1])
    assert table["p_adjusted"].tolist() == pytest.approx([0.1, 0.5])


def test_the_lowest_cells_come_lowest_first():
    table = top_cells(VALUES, list("abcde"), 2, lowest=True)
    order = np.argsort(VALUES, kind="stable")[:2]
    assert table["row"].tolist() == order.tolist()
    assert table["value"].tolist() == VALUES[order].tolist()
