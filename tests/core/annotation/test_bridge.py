from __future__ import annotations

import pandas as pd

from core.annotation.bridge import bridge_labels, fates, used


def called() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "cell": list("abcdefg"),
            "cell_type": ["T", "T", "T", "B", "B", "NK", "T"],
            "probability": [0.9, 0.8, 0.4, 0.9, 0.95, 0.99, 0.9],
            "assigned": [True, True, True, True, True, True, False],
            "open_set_score": 0.0,
        }
    )


def test_every_cell_has_one_fate():
    table = bridge_labels(called(), 0.5, 2)
    assert list(table["fate"]) == ["used", "used", "unsure", "used", "used", "too few of the type", "not assigned"]
    assert list(used(table)) == [True, True, False, True, True, False, False]


def test_a_type_is_counted_by_its_usable_cells():
    table = bridge_labels(called(), 0.85, 2)
    assert table.set_index("cell")["fate"]["a"] == "too few of the type"


def test_fates_are_counted_per_type():
    table = fates(bridge_labels(called(), 0.5, 2)).set_index("cell_type")
    assert table.index[0] == "T" and int(table.loc["T"].sum()) == 4
    assert int(table["used"].sum()) == 4 and list(table.columns) == [
        "used",
        "not assigned",
        "unsure",
        "too few of the type",
    ]
