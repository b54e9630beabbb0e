from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.figures.agreement_panels import expected_panels
from core.figures.style import DARK, LIGHT

TYPES = ["B", "DC", "NK"]


def table(n: int) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    rows = pd.DataFrame({"sample": [f"s{i}" for i in range(n)] * 3, "cell_type": np.repeat(TYPES, n)})
    rows["nCellTypes"] = rng.integers(1, 4, len(rows))
    rows["expected"] = rng.uniform(size=len(rows))
    return rows.assign(predicted=0.1 + 0.5 * rows["expected"])


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_each_group_has_a_panel_with_its_line_and_words(theme):
    figure = expected_panels(table(20), theme, by="cell_type", groups=TYPES, words={"B": "r 1.00"})
    assert len({trace.xaxis for trace in figure.data}) == 3
    fitted = [trace for trace in figure.data if trace.mode == "lines" and trace.line.dash is None]
    slopes = [(line.y[1] - line.y[0]) / (line.x[1] - line.x[0]) for line in fitted]
    np.testing.assert_allclose(slopes, [0.5] * 3)
    assert [note.text for note in figure.layout.annotations] == ["<b>B</b><br>r 1.00", "<b>DC</b>", "<b>NK</b>"]


def test_panels_by_the_number_of_types_hold_their_rows_alone():
    rows = table(50)
    figure = expected_panels(rows, by="nCellTypes", groups=["1", "2", "3"], names={"1": "1 type"})
    dots = [len(trace.x) for trace in figure.data if trace.mode == "markers"]
    assert dots == rows["nCellTypes"].value_counts().sort_index().tolist()
    assert figure.layout.annotations[0].text == "<b>1 type</b>"


def test_many_rows_are_thinned_and_two_rows_have_no_line():
    figure = expected_panels(table(5000), by="cell_type", groups=TYPES)
    assert all(len(trace.x) == 1333 for trace in figure.data if trace.mode == "markers")
    few = expected_panels(table(2), by="cell_type", groups=TYPES)
    assert len(few.data) == 6
