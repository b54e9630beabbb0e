from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from core.annotation.agreement import agreement, confusion, per_type
from core.errors import DataError

KNOWN = ["B", "B", "T", "T", "HSC"]
CALLED = ["B", "T", "T", "T", "T"]


def value(table: pd.DataFrame, metric: str) -> float:
    return float(table[metric].iloc[0])


def test_refused_cells_still_count_in_the_accuracy():
    table = agreement(KNOWN, CALLED, {"B", "T", "NK"}, np.array([True, False, True, True, False]))
    assert value(table, "accuracy") == 0.75
    assert value(table, "coverage") == 0.75
    assert value(table, "accuracy_assigned") == 1
    assert value(table, "unknown_refused") == 1
    assert value(table, "cells") == 5
    assert value(table, "macro_f1") == pytest.approx((2 / 3 + 4 / 5) / 2)


def test_no_shared_type_is_said_aloud():
    with pytest.raises(DataError, match="same names"):
        agreement(["HSC"], ["B"], {"B"})


@given(st.lists(st.tuples(st.sampled_from("ABC"), st.sampled_from("ABCD")), min_size=1, max_size=40))
def test_f1_is_that_of_scikit_learn_over_known_types(pairs):
    known, called = zip(*pairs, strict=True)
    table = per_type(list(known), list(called))
    peer = f1_score(known, called, labels=table["cell_type"].tolist(), average=None, zero_division=0)
    np.testing.assert_allclose(table["f1"], peer)


def test_confusion_shares_are_of_the_known_type():
    table = confusion(KNOWN, CALLED).set_index(["known", "called"])
    assert table.loc[("B", "T"), "share"] == 0.5
    assert table.loc[("T", "T"), "cells"] == 2
    assert table["cells"].sum() == 5
