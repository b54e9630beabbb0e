"""Impact by hand: means, the two scalings, weak units."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from core.interpretation.impact import impact_difference, min_max, pathway_impact, set_means, weak_units
from core.interpretation.membership import membership

GENES = ["g1", "g2", "g3"]
SETS = membership({"A": ["g1", "g2"], "B": ["g3"]}, GENES, 1)
SALIENCY = np.array([[1.0, 3.0, 0.0], [5.0, 7.0, 10.0]])


def test_impact_is_one_min_max_over_the_whole_table():
    raw = set_means(SALIENCY, SETS)
    assert raw.to_dict("list") == {"unit_1": [2, 0], "unit_2": [6, 10]}
    impact = pathway_impact(SALIENCY, SETS)
    assert impact.index.name == "gene_set"
    assert impact.to_dict("index") == {"A": {"unit_1": 0.2, "unit_2": 0.6}, "B": {"unit_1": 0.0, "unit_2": 1.0}}
    assert list(pathway_impact(SALIENCY[1:], SETS, [1]).columns) == ["unit_2"]


def test_difference_of_groups_by_its_largest_size():
    first = pd.DataFrame({"unit_1": [1.0, 4.0]})
    second = pd.DataFrame({"unit_1": [3.0, 0.0]})
    assert impact_difference(first, second)["unit_1"].tolist() == [-0.5, 1.0]
    assert impact_difference(first, first)["unit_1"].tolist() == [0, 0]


def test_two_tables_on_one_scale():
    table, other = pd.DataFrame({"u": [0.0, 2.0]}), pd.DataFrame({"u": [1.0, 3.0]})
    assert min_max(other, like=table)["u"].tolist() == [0.5, 1.5]
    assert min_max(pd.DataFrame({"u": [4.0, 4.0]}))["u"].tolist() == [0, 0]


def test_weak_units_are_relative_to_the_strongest():
    table = pd.DataFrame({"unit_1": [0.1, -0.19], "unit_2": [0.0, 1.0], "unit_3": [-0.2, 0.0]})
    assert weak_units(table) == ["unit_1"]
    assert weak_units(table, 0) == []


@given(st.integers(0, 1000))
def test_bounds_hold(seed):
    rng = np.random.default_rng(seed)
    first, second = (set_means(rng.random((4, 3)), SETS) for _ in range(2))
    assert min_max(first).to_numpy().min() == 0
    assert min_max(first).to_numpy().max() == 1
    assert np.abs(impact_difference(first, second).to_numpy()).max() == 1
