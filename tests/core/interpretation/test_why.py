"""What would change a call, by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.interpretation.why import for_and_against, genes_to_change, margins_replaced, marker_recall

WEIGHT = np.array([3.0, 2.0, -1.0])


def test_genes_are_replaced_one_after_another_until_the_other_type_leads():
    margins = margins_replaced(lambda x: x @ WEIGHT, np.ones(3), np.array([0.0, -1.0, 1.0]), np.array([0, 1, 2]))
    assert margins.tolist() == [4, 1, -3, -3]
    assert genes_to_change(margins) == 2 and genes_to_change(margins[:2]) is None
    assert genes_to_change(np.array([-1.0, 2.0])) == 0


def test_at_most_so_many_genes_are_tried():
    margins = margins_replaced(lambda x: x.sum(axis=1), np.ones(9), np.zeros(9), np.arange(9), most=4)
    assert margins.tolist() == [9, 8, 7, 6, 5]


def test_recall_is_compared_with_random_genes():
    found = marker_recall(["a", "b", "x", "y"], {"a", "x", "z"}, 2, 10)
    assert found["found"] == 1 and found["recall"] == pytest.approx(1 / 3) and found["chance"] == 0.2
    assert found["p"] == pytest.approx(1 - (7 * 6) / (10 * 9))
    assert np.isnan(marker_recall(["a"], set(), 1, 10)["recall"])


def test_for_and_against_come_strongest_first():
    table = pd.DataFrame({"gene": list("abcd"), "value": [0.1, -2.0, 3.0, -0.5]})
    speaks_for, speaks_against = for_and_against(table, "value", 5)
    assert speaks_for["gene"].tolist() == ["c", "a"] and speaks_against["gene"].tolist() == ["b", "d"]
