from __future__ import annotations

import json
import math

import pandas as pd
from streamlit.testing.v1 import AppTest

from pages.ui.show import Column
from pages.ui.show.columns import cell, formatted, sortable
from pages.ui.show.markup import chip, help_mark, plain_colour, rich


def test_numbers_are_written_as_people_read_them():
    assert formatted(1234567, "") == "1,234,567"
    assert formatted(0.385, ".1f%") == "38.5 %"
    assert formatted(-1.1, ".1f") == "−1.1"
    assert formatted(1e-118, ".0e") == "1e-118"
    assert formatted(math.nan, "") == ""


def test_cells_of_every_kind():
    assert cell(Column(kind="chip"), ("stale", "1 stale"), {})["text"] == "1 stale"
    assert cell(Column(kind="chip"), "odd", {}) == {"text": "odd", "tone": "neutral", "icon": ""}
    assert cell(Column(kind="swatch", colours={"B": "#0072B2"}), "B", {})["colour"] == "#0072B2"
    assert cell(Column(kind="meter"), 0.92, {}) == {"text": "0.92", "share": 0.92}
    assert cell(Column(kind="range", limits=(0, 2)), (0, 1, 3), {})["high"] == 1.0
    assert cell(Column(kind="link"), "Keep it", {}) == ["Keep it"]
    assert cell(Column(), None, {}) is None
    took = {"text": "2 min 5 s", "sort": 125.0}
    assert cell(Column(kind="number"), took, {}) == "2 min 5 s" and sortable(took) == 125.0


def test_words_cannot_become_markup():
    assert "<script>" not in chip("<script>") and "<img" not in rich("<img src=x> **b**")
    assert rich("**b** and `c`") == "<b>b</b> and <code>c</code>"
    assert "<b>" not in help_mark('"><b>')
    assert plain_colour("red;background:url(x)") == "transparent" and plain_colour("#E69F00") == "#E69F00"


def page() -> None:
    import pandas as pd

    from pages.ui.show import table

    frame = pd.DataFrame({"name": ["a", "b"], "value": [1.5, float("nan")]})
    event = table(frame, key="t", select="rows", selected=[1, 9], best={"value": 0})
    assert event.selected == (1,) and event.clicked is None


def test_a_frame_is_sent_with_its_choice():
    test = AppTest.from_function(page, default_timeout=30).run()
    assert not test.exception
    sent = json.loads(test.get("bidi_component")[0].proto.json)
    assert [column["right"] for column in sent["columns"]] == [False, True]
    assert [row["cells"] for row in sent["rows"]] == [["a", "1.5"], ["b", None]]
    assert [column["best"] for column in sent["columns"]] == [None, 0]
    assert sent["selected"] == [1] and pd.isna(sent["rows"][1]["sort"][1])
