from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.figures.set_overlap import overlap_heatmap
from core.figures.style import DARK, LIGHT


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_rows_are_named_columns_not_and_the_scale_is_zero_to_one(theme):
    names = pd.Index(["A set", "Another", "A third"])
    table = pd.DataFrame(np.eye(3) * 0.5 + 0.5, index=names, columns=names)
    figure = overlap_heatmap(table, theme)
    trace = figure.to_dict()["data"][0]
    assert list(trace["y"]) == list(names) and (trace["zmin"], trace["zmax"]) == (0, 1)
    assert figure.to_dict()["layout"]["xaxis"]["showticklabels"] is False
