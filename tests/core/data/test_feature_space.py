from __future__ import annotations

import json

import pandas as pd

from core.data.feature_space import FeatureSpace


def test_a_feature_space_survives_json():
    table = pd.DataFrame({"gene": ["B", "A"], "found_by": ["Step 200", "Marker rule"]})
    table["reference_rank"] = pd.array([1, 2], dtype="Int64")
    table["query_rank"] = pd.array([None, 7], dtype="Int64")
    trace = pd.DataFrame({"rule": ["all"], "round": [1], "taken": [5], "found": [2]})
    space = FeatureSpace(("B", "A"), table, trace, "all", 2000, {"mitochondrial": 13})
    back = FeatureSpace.from_dict(json.loads(json.dumps(space.to_dict())))
    assert back.genes == space.genes and back.dropped == space.dropped and not back.reached
    pd.testing.assert_frame_equal(back.table, space.table)
    pd.testing.assert_frame_equal(back.trace, space.trace)
