from __future__ import annotations

from core.evaluation.clusters import clusters
from tests.core.evaluation.toy import one_fold


def test_types_far_apart_are_found_again():
    found = {row["method"]: row["value"] for row in clusters(one_fold())}
    assert set(found) == {"profiles_and_labels", "codes_and_labels", "profiles_and_codes"}
    assert found["codes_and_labels"] > 0.8
    assert all(0 <= value <= 1 for value in found.values())
