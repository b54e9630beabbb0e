from __future__ import annotations

import pandas as pd

from core.figures.labels import cells_per_type, in_lines

COUNTS = pd.DataFrame({"cell_type": ["B", "CD4-positive naive helper T cell"], "cells": [40, 4]})


def test_a_long_name_takes_up_to_three_lines_and_is_shortened_only_after_them():
    assert in_lines("CD16 Mono") == "CD16 Mono"
    assert in_lines("CD4-positive naive helper T cell") == "CD4-positive<br>naive helper T<br>cell"
    lines = in_lines("CD4-positive naive helper T cell of the lamina propria of the small intestine").split("<br>")
    assert len(lines) == 3 and lines[2].endswith("…")


def test_bars_keep_the_names_of_the_data_and_make_room_for_a_second_line():
    figure = cells_per_type(COUNTS, row=20)
    assert list(figure.layout.yaxis.ticktext) == ["B", "CD4-positive<br>naive helper T<br>cell"]
    assert list(figure.data[0].y) == list(COUNTS["cell_type"])
    assert figure.layout.height > cells_per_type(COUNTS.head(1), row=20).layout.height + 20


def test_on_one_line_a_long_name_is_cut_in_the_middle_and_no_row_grows():
    counts = pd.DataFrame({"cell_type": ["B", "CD8+/CD45RA+ Naive Cytotoxic T cell"], "cells": [3, 2]})
    figure = cells_per_type(counts, row=20, one_line=True)
    assert figure.layout.height == 2 * 20 + 8
    assert list(figure.layout.yaxis.ticktext) == ["B", "CD8+/CD45RA+ Naive Cyt… cell"]
