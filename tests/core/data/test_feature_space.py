from __future__ import annotations

import json

import pandas as pd

from core.data.feature_space import TRACE_COLUMNS, FeatureSpace


def test_a_feature_space_survives_json():
    table = pd.DataFrame({"gene": ["B", "A"], "found_by": ["Step 200", "Marker rule"]})
    table["reference_rank"] = pd.array([1, 2], dtype="Int64")
    table["query_rank"] = pd.array([None, 7], dtype="Int64")
    trace = pd.DataFrame({"rule": ["all"], "round": [1], "taken": [5], "found": [2]})
    space = FeatureSpace(("B", "A"), table, trace, "all", 2000, {"mitochondrial": 13}, (("Read", 5), ("Kept", 2)))
    back = FeatureSpace.from_dict(json.loads(json.dumps(space.to_dict())))
    assert back.steps == space.steps and back.step_table["genes"].tolist() == [5, 2]
    assert back.genes == space.genes and back.dropped == space.dropped and not back.reached
    pd.testing.assert_frame_equal(back.table, space.table)
    pd.testing.assert_frame_equal(back.trace, space.trace)


def test_a_feature_space_of_an_older_model_has_no_steps():
    table = pd.DataFrame({"gene": ["A"], "found_by": ["Variable"], "reference_rank": [1], "query_rank": [None]})
    trace = pd.DataFrame(columns=TRACE_COLUMNS)
    kept = FeatureSpace(("A",), table.astype({"query_rank": "Int64"}), trace, "variable", 10, {}).to_dict()
    del kept["steps"]
    assert FeatureSpace.from_dict(kept).steps == () and FeatureSpace.from_dict(kept).step_table.empty
