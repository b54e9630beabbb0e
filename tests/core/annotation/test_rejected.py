from __future__ import annotations

import numpy as np
import pandas as pd

from core.annotation.refusal import refused_groups
from core.annotation.rejected import nearest_types, with_group, with_second

PROBABILITIES = pd.DataFrame(
    [[0.5, 0.3, 0.2], [0.1, 0.3, 0.6], [0.2, 0.6, 0.2]], index=pd.Index(["c1", "c2", "c3"]), columns=["B", "NK", "T"]
)


def test_nearest_types_are_means_over_the_group_alone():
    table = nearest_types(PROBABILITIES, pd.Index(["c1", "c2"]))
    assert table["cell_type"].tolist() == ["T", "B", "NK"]
    np.testing.assert_allclose(table["probability"], [0.4, 0.3, 0.3])
    assert table["first"].tolist() == [1, 1, 0]


def test_each_cell_has_its_own_second_type():
    table = with_second(pd.DataFrame(index=pd.Index(["c2", "c1"])), PROBABILITIES)
    assert table["second_type"].tolist() == ["NK", "NK"]
    assert table["second_probability"].tolist() == [0.3, 0.3]
    voted = with_second(pd.DataFrame({"cell_type": ["NK", "B"]}, index=pd.Index(["c2", "c1"])), PROBABILITIES)
    assert voted["second_type"].tolist() == ["T", "NK"]
    alone = with_second(pd.DataFrame(index=pd.Index(["c1"])), PROBABILITIES[["B"]])
    assert alone["second_probability"].isna().all()


def test_every_cell_belongs_to_its_group():
    cells = pd.DataFrame(
        {"nearest": ["B", "B", "T"], "reason": ["Few counts", "Few counts", "Far"], "probability": [0.5, 0.4, 0.9]},
        index=pd.Index(["c1", "c2", "c3"]),
    )
    assert with_group(cells, refused_groups(cells))["group"].tolist() == ["Group 1", "Group 1", "Group 2"]
