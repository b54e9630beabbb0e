from __future__ import annotations

import pandas as pd
import pytest

from core.annotation.bridge import FATES
from core.figures.bridge import bridge_fates
from core.figures.style import DARK, LIGHT


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_every_type_is_parted_by_what_became_of_its_cells(theme):
    table = pd.DataFrame({"cell_type": ["B", "T"], **{fate: [k, 2 * k] for k, fate in enumerate(FATES, start=1)}})
    figure = bridge_fates(table, FATES, theme)
    assert [bar.name for bar in figure.data] == [
        "used",
        "not assigned",
        "unsure",
        "too few",
    ] and figure.layout.barmode == "stack"
    assert [list(bar.x) for bar in figure.data] == [[1, 2], [2, 4], [3, 6], [4, 8]]
    assert len({bar.marker.color for bar in figure.data}) == len(FATES)
