from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from core.errors import DataError
from core.saved import Saved

CELLS = pd.Index(["1", "2", "3"])


@pytest.fixture
def saved(tmp_path: Path) -> Saved:
    return Saved(tmp_path / "run-0001")


def test_a_selection_comes_back_as_it_was_kept_and_can_be_removed(saved: Saved):
    assert saved.names == [] and saved.selections(CELLS).shape == (3, 0)
    assert saved.keep_selection(" cytotoxic ", CELLS[[0, 2]]) == "cytotoxic"
    saved.keep_selection("odd ones", CELLS[[1]])
    assert saved.selections(CELLS)["cytotoxic"].tolist() == [True, False, True]
    saved.keep_selection("cytotoxic", CELLS[[1]])
    assert saved.selection("cytotoxic", CELLS).tolist() == [False, True, False]
    saved.forget_selection("odd ones")
    assert saved.names == ["cytotoxic"]


@pytest.mark.parametrize("name", ["", "../away", "a/b", ".hidden", "x" * 41, "taken"])
def test_a_name_that_is_no_column_s_is_refused(saved: Saved, name: str):
    with pytest.raises(DataError):
        saved.keep_selection(name, CELLS, taken=("taken",))
    assert saved.names == []


def test_an_empty_selection_is_refused(saved: Saved):
    with pytest.raises(DataError, match="No cell is selected"):
        saved.keep_selection("none", CELLS[[]])


def test_labels_are_kept_with_the_rate_they_were_chosen_at(saved: Saved):
    assert saved.rate is None
    table = pd.DataFrame({"cell_type": ["B", "NA", "B"], "assigned": [True, False, True]}, index=CELLS)
    saved.keep_labels(table, 0.07)
    assert saved.rate == 0.07
    again = pd.read_csv(saved.labels_path, dtype={"cell": str}, keep_default_na=False).set_index("cell")
    pd.testing.assert_frame_equal(again, table.rename_axis("cell"))
