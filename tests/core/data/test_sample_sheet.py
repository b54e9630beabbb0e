"""Sample sheets: what columns become, which rows belong to which samples, and what is refused."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import pytest

from core.data.sample_sheet import as_obs, matched, read_sheet
from core.errors import DataError

ROWS = [
    ["sample", "group", "age", "batch"],
    ["s1", "sick", "40", "1"],
    ["s2", "well", "", "2"],
    ["s3", "NA", "51.5", "1"],
]


def write(path: Path, separator: str = ",", rows: list[list[str]] = ROWS) -> Path:
    text = "".join(separator.join(row) + "\n" for row in rows)
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text)
    return path


@pytest.mark.parametrize(("name", "separator"), [("a.csv", ","), ("a.tsv", "\t"), ("a.txt", ";"), ("a.csv.gz", ",")])
def test_columns_of_numbers_are_numbers_and_empty_fields_are_missing(tmp_path: Path, name: str, separator: str):
    sheet = read_sheet(write(tmp_path / name, separator))
    assert list(sheet.index) == ["s1", "s2", "s3"] and list(sheet) == ["group", "age", "batch"]
    assert sheet["group"].tolist()[:2] == ["sick", "well"] and pd.isna(sheet.loc["s3", "group"])
    np.testing.assert_array_equal(sheet["age"], [40, np.nan, 51.5])
    assert pd.api.types.is_numeric_dtype(sheet["batch"])


def test_parquet_is_read_with_its_names_in_a_column_or_as_index(tmp_path: Path):
    frame = pd.DataFrame(ROWS[1:], columns=pd.Index(ROWS[0])).replace({"": None, "NA": None})
    frame.to_parquet(tmp_path / "a.parquet")
    frame.set_index("sample").to_parquet(tmp_path / "b.parquet")
    for name in ("a", "b"):
        sheet = read_sheet(tmp_path / f"{name}.parquet")
        assert sheet.loc["s1"].tolist() == ["sick", 40, 1] and sheet.index.name == "sample"


def test_the_column_called_sample_names_them_wherever_it_stands(tmp_path: Path):
    rows = [["group", "Sample_ID"], ["sick", "1"], ["well", "2"]]
    sheet = read_sheet(write(tmp_path / "a.csv", rows=rows))
    assert list(sheet.index) == ["1", "2"] and list(sheet) == ["group"]
    rows = [["patient", "CD4/CD8"], ["p1", "1.5"], ["p2", "2"]]
    sheet = read_sheet(write(tmp_path / "b.csv", rows=rows))
    assert list(sheet.index) == ["p1", "p2"] and list(sheet) == ["CD4\u2215CD8"]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([["sample", "group"], ["s1", "a"], ["s1", "b"]], r"names a sample twice. Got \['s1'\]"),
        ([["sample", "group"], ["s1", "a"], ["", "b"]], "name no sample. Got a.csv, rows 2"),
        ([["sample", "group", "group"], ["s1", "a", "b"]], "two columns of one name"),
        ([["sample", "celldesk_label"], ["s1", "a"]], "CellDesk writes itself"),
        ([["sample", "sample id"], ["s1", "a"], ["s1", "b"]], "names a sample twice"),
    ],
)
def test_a_sheet_that_is_wrong_is_refused(tmp_path: Path, rows: list[list[str]], said: str):
    with pytest.raises(DataError, match=said) as raised:
        read_sheet(write(tmp_path / "a.csv", rows=rows))
    assert raised.value.remedy


def test_a_spreadsheet_and_a_list_are_refused_with_what_to_do(tmp_path: Path):
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as book:
        book.writestr("xl/workbook.xml", "<workbook/>")
    with pytest.raises(DataError, match=r"no text table. Got a.xlsx, a spreadsheet .* Save it as CSV"):
        read_sheet(tmp_path / "a.xlsx")
    (tmp_path / "list.csv").write_text("s1\ns2\n")
    with pytest.raises(DataError, match="not a table"):
        read_sheet(tmp_path / "list.csv")
    with pytest.raises(DataError, match="no such file"):
        read_sheet(tmp_path / "none.csv")


def test_rows_come_in_the_order_of_the_samples_and_who_lacks_one_is_told(tmp_path: Path):
    sheet = read_sheet(write(tmp_path / "a.csv"))
    rows, lacking = matched(sheet, ["s3", "new", "s1"])
    assert list(rows.index) == ["s3", "new", "s1"] and lacking == ["new"]
    assert rows.loc["s1", "group"] == "sick" and rows.loc["new"].isna().all()


def test_samples_of_cohorts_find_their_row_by_either_name(tmp_path: Path):
    sheet = read_sheet(write(tmp_path / "a.csv"))
    rows, lacking = matched(sheet, ["blood:s1", "gut:s1", "blood:s9"])
    assert rows["group"].tolist()[:2] == ["sick", "sick"] and lacking == ["blood:s9"]


def test_a_sheet_of_other_samples_is_refused(tmp_path: Path):
    sheet = read_sheet(write(tmp_path / "a.csv"))
    with pytest.raises(DataError, match=r"none of the bulk samples. Got \['s1', 's2', 's3'\]. .* does: x1 and x2"):
        matched(sheet, ["x1", "x2"])


def test_rows_can_be_written_into_an_h5ad(tmp_path: Path):
    rows, _ = matched(read_sheet(write(tmp_path / "a.csv")), ["s1", "s2", "s3", "s4"])
    adata = anndata.AnnData(np.zeros((4, 1), dtype=np.float32), obs=as_obs(rows))
    adata.write_h5ad(tmp_path / "a.h5ad")
    back = anndata.read_h5ad(tmp_path / "a.h5ad").obs
    assert back["group"].astype(object).tolist()[:2] == ["sick", "well"] and back["group"].isna().tolist() == [
        0,
        0,
        1,
        1,
    ]
