from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.figures.groups import group_panels
from core.figures.style import DARK, LIGHT

ROWS = pd.DataFrame({"sample": list("abcdef") * 2, "cell_type": ["B"] * 6 + ["T"] * 6, "value": np.arange(12.0)})
ROWS["group"] = ["sick", "well"] * 6
ROWS["number"] = ROWS["value"] * 2
ROWS["subject"] = ["p", "p", "q", "q", "r", "r"] * 2


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_each_type_has_a_box_of_each_group_with_its_samples(theme):
    figure = group_panels(
        ROWS.drop(columns="subject"),
        theme,
        types=["T", "B"],
        groups=["sick", "well"],
        title="Share",
        group_title="",
        words={"T": "p 1"},
    )
    boxes = [trace for trace in figure.data if trace.type == "box"]
    assert [(list(box.y), box.x0, box.name) for box in boxes[:2]] == [([6, 8, 10], 0, "sick"), ([7, 9, 11], 1, "well")]
    dots = [trace for trace in figure.data if trace.type == "scatter" and trace.mode == "markers"]
    assert [len(trace.x) for trace in dots] == [3, 3, 3, 3] and all(abs(x) < 0.5 for x in dots[0].x)
    assert [note.text for note in figure.layout.annotations] == ["<b>T</b><br>p 1", "<b>B</b>"]


def test_samples_of_a_subject_are_joined():
    figure = group_panels(ROWS, types=["B"], groups=["sick", "well"], title="Share", group_title="")
    assert figure.layout.xaxis.domain == (0, 1)  # one type has all the room
    (lines,) = [trace for trace in figure.data if trace.type == "scatter" and trace.mode == "lines"]
    assert list(lines.x) == [0, 1, None] * 3 and list(lines.y) == [0, 1, None, 2, 3, None, 4, 5, None]


def test_a_number_is_the_axis_of_every_panel():
    figure = group_panels(ROWS, types=["B", "T"], groups=[], title="Share", group_title="Age")
    assert [list(trace.x) for trace in figure.data] == [[0, 2, 4, 6, 8, 10], [12, 14, 16, 18, 20, 22]]
    assert {figure.layout.xaxis.title.text, figure.layout.xaxis2.title.text} == {"Age"}
