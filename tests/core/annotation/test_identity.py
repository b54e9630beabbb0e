"""Tables of where cells go, by hand; no cell may get lost."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.annotation.identity import flow, given_labels, identity_table, ordered_cells, purity

KNOWN = np.array(["T", "T", "T", "B", "B", "Mast"])
CALLED = np.array(["T", "T", "B", "B", "B", "NK"])
ASSIGNED = np.array([True, False, True, True, True, False])
GIVEN = given_labels(CALLED, ASSIGNED, "not assigned")


def test_labels_below_the_cut_off_are_not_given():
    assert GIVEN.tolist() == ["T", "not assigned", "B", "B", "B", "not assigned"]


def test_the_diagonal_falls_and_unknown_types_and_refused_cells_come_last():
    table = identity_table(KNOWN, GIVEN, ["B", "NK", "T"], "not assigned")
    assert table.index.tolist() == ["B", "T", "Mast"]
    assert table.columns.tolist() == ["B", "T", "not assigned"]
    assert table.loc["T"].tolist() == [1, 1, 1] and table.loc["Mast"].tolist() == [0, 0, 1]


@given(st.lists(st.tuples(st.sampled_from("ABCX"), st.sampled_from("ABC"), st.booleans()), min_size=1, max_size=40))
def test_no_cell_gets_lost(cells):
    known, called, assigned = (np.array(column) for column in zip(*cells, strict=True))
    given_to = given_labels(called, assigned, "none")
    table = identity_table(known, given_to, ["A", "B", "C"], "none")
    assert int(table.to_numpy().sum()) == len(cells) == int(flow(known, given_to)["cells"].sum())
    assert table.columns[-1] == "none" and set(table.index) == set(known)


def test_purity_is_the_share_of_the_commonest_label():
    assert purity(flow(["0", "0", "0", "1"], ["T", "T", "B", "B"])) == 0.75


def test_cells_come_by_group_the_surest_first():
    probabilities = np.array([[0.6, 0.4], [0.9, 0.1], [0.2, 0.8], [0.7, 0.3]])
    assert ordered_cells(probabilities, ["A", "A", "B", "A"], 10).tolist() == [1, 3, 0, 2]


def test_thinning_keeps_every_group():
    groups = np.array(["many"] * 990 + ["rare"] * 10)
    probabilities = np.random.default_rng(0).dirichlet([1, 1], 1000)
    kept = ordered_cells(probabilities, groups, 50)
    assert 50 <= len(kept) <= 51 and (groups[kept] == "rare").sum() == 1
