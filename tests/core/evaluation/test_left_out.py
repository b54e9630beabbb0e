from __future__ import annotations

import numpy as np

from core.evaluation.left_out import left_out, own_is_nearest
from tests.core.evaluation.toy import cells, one_fold


def test_own_profile_wins_only_if_nothing_trained_on_is_nearer():
    hit = own_is_nearest(np.array([[0.0], [0]]), np.array([[1.0], [3]]), np.array([[4.0]]))
    assert hit.tolist() == [True, False]


def test_a_row_for_each_type_and_one_for_all():
    values, labels = cells()
    found = {row["metric"]: row["value"] for row in left_out(values, labels, ["B", "T", "NK"], one_fold())}
    assert set(found) == {"own_profile_share", *(f"own_profile_share:{name}" for name in ("B", "T", "NK"))}
    assert np.isclose(found["own_profile_share"], np.mean([v for k, v in found.items() if ":" in k]))
