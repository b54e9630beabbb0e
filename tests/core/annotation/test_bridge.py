from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.annotation.bridge import FATES, bridge_labels, bridge_types, fates, used


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


def test_what_became_of_each_type_stands_beside_how_far_it_can_be_trusted():
    annotation = pd.DataFrame(
        {
            "cell": [f"c{k}" for k in range(7)],
            "cell_type": ["B"] * 4 + ["T"] * 2 + ["NK"],
            "probability": [0.9, 0.8, 0.7, 0.2, 0.9, 0.9, 0.9],
            "assigned": [True, True, True, True, True, False, True],
        }
    )
    table = bridge_labels(annotation, 0.5, 2)
    rna = pd.DataFrame({"cell_type": ["B", "T", "Mono"], "recall": [0.9, 0.8, 0.7]})
    peaks = pd.DataFrame({"cell_type": ["B"], "recall": [0.5]})
    told = bridge_types(table, rna, peaks).set_index("cell_type")
    assert told.index.tolist() == ["B", "T", "NK"]
    assert told.loc["B", list(FATES)].tolist() == [3, 0, 1, 0]
    assert told.loc["T", list(FATES)].tolist() == [0, 1, 0, 1]
    assert told.loc["B", ["probability", "rna_right", "peaks_agree"]].tolist() == pytest.approx([0.65, 0.9, 0.5])
    assert told.loc["NK", ["rna_right", "peaks_agree"]].isna().all() and np.isnan(told.loc["T", "peaks_agree"])
