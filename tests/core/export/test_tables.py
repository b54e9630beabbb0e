from __future__ import annotations

import pandas as pd
import pytest

from core.errors import DataError, ProjectError
from core.export.tables import arranged, joined_labels, numbered, numbers_for, write_table
from core.files import whole


def test_fixed_columns_come_in_their_order_and_others_are_left_out(tmp_path):
    table = pd.DataFrame({"y": [2.0], "note": ["x"], "x": [1.5], "cell": ["AAC"]})
    assert write_table(table, "embedding", tmp_path / "out").read_text() == "cell,x,y\nAAC,1.5,2.0\n"


def test_label_sets_are_written_as_text():
    table = pd.DataFrame(
        [["c", "B", 0.9, True, 0.1, ("B", "NK"), "B"]],
        columns=["cell", "cell_type", "probability", "assigned", "open_set_score", "label_set_90", "label_set_95"],
    )
    assert arranged(table, "annotation")["label_set_90"].tolist() == ["B|NK"]
    assert joined_labels("B|NK") == "B|NK"


def test_wide_files_take_their_row_names_from_the_index(tmp_path):
    shares = pd.DataFrame([[0.25, 0.75]], index=["s1"], columns=["B", "CD4 T, naive"])
    text = write_table(shares, "composition", tmp_path).read_text()
    assert text == 'sample,B,"CD4 T, naive"\ns1,0.25,0.75\n'
    assert arranged(shares.rename_axis("sample").reset_index(), "composition").columns[0] == "sample"


def test_a_missing_column_is_named(tmp_path):
    with pytest.raises(DataError, match="y"):
        write_table(pd.DataFrame({"cell": ["a"], "x": [1.0]}), "embedding", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_sample_names_become_numbers_that_sort():
    names = numbers_for(pd.Index([f"patient {n}" for n in range(12)]), "sample")
    assert names["patient 0"] == "sample_01"
    table = numbered(pd.DataFrame({"sample": ["patient 11", "patient 0"]}), "sample", names)
    assert table["sample"].tolist() == ["sample_12", "sample_01"]


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    target = tmp_path / "a.csv"
    target.write_text("before")
    with pytest.raises(ZeroDivisionError), whole(target) as partial:
        partial.write_text("half")
        raise ZeroDivisionError
    assert target.read_text() == "before"
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ProjectError, match="cannot be written"), whole(tmp_path / "file" / "a.csv"):
        pass
