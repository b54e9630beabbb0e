"""matchSCore by hand, and its chance level against random draws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from core.annotation.match_score import best_overlap, chance_score, marker_overlap, marker_score
from core.errors import DataError

REFERENCE = {"T": {"CD3D", "CD3E"}, "B": {"MS4A1"}}
QUERY = {"0": {"CD3D"}, "1": {"MS4A1", "CD79A"}}


def test_marker_overlap_is_the_jaccard_index():
    table = marker_overlap(REFERENCE, QUERY, 10)
    assert table.set_index(["reference", "query"])["jaccard"].to_dict() == {
        ("T", "0"): 0.5,
        ("T", "1"): 0.0,
        ("B", "0"): 0.0,
        ("B", "1"): 0.5,
    }
    assert marker_score(table) == 0.5
    assert best_overlap(table)["reference"].tolist() == ["T", "B"]


def test_p_is_the_hypergeometric_tail_and_an_empty_set_has_no_overlap():
    table = marker_overlap(REFERENCE, {**QUERY, "empty": set()}, 10).set_index(["reference", "query"])
    assert table.loc[("T", "0"), "p"] == pytest.approx(2 / 10)  # one gene drawn of ten, two of them markers of T
    assert table.loc[("T", "empty"), "jaccard"] == 0 and table.loc[("T", "empty"), "p"] == 1
    np.testing.assert_allclose(table["p_adjusted"], stats.false_discovery_control(table["p"]))


def test_chance_is_the_mean_over_random_sets():
    rng = np.random.default_rng(0)
    fixed, others, universe = set(range(30)), {"a": 20, "b": 40}, 200
    drawn = np.array(
        [[_jaccard(fixed, set(rng.choice(universe, n, replace=False))) for n in others.values()] for _ in range(4000)]
    )
    sets = {name: {f"{number}" for number in range(n)} for name, n in others.items()}
    reference = {"type": {f"{number}" for number in fixed}}
    table = marker_overlap(reference, sets, universe)
    np.testing.assert_allclose(table["chance"], drawn.mean(axis=0), rtol=0.02)
    assert chance_score(reference, sets, universe) == pytest.approx(drawn.max(axis=1).mean(), rel=0.02)


@settings(max_examples=40)
@given(st.integers(1, 20), st.lists(st.integers(1, 20), min_size=1, max_size=5), st.integers(20, 60))
def test_the_expected_best_lies_between_the_best_expectation_and_one(one, sizes, universe):
    reference = {"type": {f"{n}" for n in range(one)}}
    query = {f"{group}": {f"{n}" for n in range(size)} for group, size in enumerate(sizes)}
    expected = chance_score(reference, query, universe)
    assert marker_overlap(reference, query, universe)["chance"].max() - 1e-12 <= expected <= 1 + 1e-12


def test_sets_larger_than_all_genes_are_refused():
    with pytest.raises(DataError, match="larger than all genes"):
        marker_overlap(REFERENCE, QUERY, 1)


def _jaccard(one: set, two: set) -> float:
    return len(one & two) / len(one | two)
