from __future__ import annotations

import gzip

import numpy as np
import pandas as pd
import pytest

from core.data.formats.parquet import read_parquet
from core.data.formats.table import read_table
from core.errors import DataError
from tests.conftest import real

GENES, CELLS = ["CD3D", "MS4A1", "LYZ"], ["AAACCTGAGCATCATC-1", "AAACCTGAGCTAACTC-1"]
VALUES = np.array([[1, 0, 2], [0, 3, 4]])


def written(tmp_path, text, name="table.csv"):
    path = tmp_path / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return path


def as_text(values, rows, columns, corner="", separator=","):
    lines = [separator.join([corner, *columns])]
    lines += [separator.join([row, *map(str, line)]) for row, line in zip(rows, values.tolist(), strict=True)]
    return "\n".join(lines) + "\n"


def check(found, values=VALUES, genes=GENES, cells=CELLS):
    np.testing.assert_array_equal(found.places[0].load().toarray(), values)
    assert list(found.places[0].var.index) == genes and list(found.obs.index) == cells


@pytest.mark.parametrize("separator", [",", "\t", ";", " "])
@pytest.mark.parametrize("name", ["table.csv", "table.tsv.gz", "table.data"])
def test_both_orientations_with_every_separator(tmp_path, separator, name):
    corner = "x" if separator == " " else ""
    check(read_table(written(tmp_path, as_text(VALUES, CELLS, GENES, corner, separator), name), "auto", "query"))
    check(read_table(written(tmp_path, as_text(VALUES.T, GENES, CELLS, corner, separator), name), "auto", "query"))


def test_orientation_can_be_forced_and_is_reported_when_guessed(tmp_path):
    path = written(tmp_path, as_text(VALUES, ["a", "b"], ["x", "y", "z"]))
    guessed = read_table(path, "auto", "query")
    assert guessed.findings[0].kind == "choose" and guessed.findings[0].value == "genes_in_rows"
    forced = read_table(path, "genes_in_rows", "query")
    check(forced, VALUES.T, ["a", "b"], ["x", "y", "z"])
    assert not forced.findings


def test_header_of_r_without_a_name_over_the_rows(tmp_path):
    text = as_text(VALUES.T, GENES, CELLS, separator="\t").removeprefix("\t")
    check(read_table(written(tmp_path, text), "auto", "query"))


def test_text_columns_describe_cells_or_genes(tmp_path):
    text = "barcode,CD3D,celltype,MS4A1,LYZ,n_genes\nc1,1,T cell,0,2,2\nc2,0,B cell,3,4,2\n"
    found = read_table(written(tmp_path, text), "auto", "reference")
    check(found, cells=["c1", "c2"])
    assert list(found.obs["celltype"]) == ["T cell", "B cell"] and list(found.obs["n_genes"]) == [2, 2]
    text = "# featureCounts\nGeneid\tChr\tLength\ts1\ts2\nCD3D\tchr11\t900\t1\t0\n"
    text += "MS4A1\tchr11\t800\t0\t3\nLYZ\tchr12\t700\t2\t4\n"
    found = read_table(written(tmp_path, text), "auto", "bulk")
    check(found, cells=["s1", "s2"])
    assert list(found.places[0].var["Length"]) == [900, 800, 700]


def test_labels_in_the_first_column_are_not_names(tmp_path):
    text = "tissue,CD3D,MS4A1,LYZ\nlung,1,0,2\nlung,0,3,4\n"
    found = read_table(written(tmp_path, text), "auto", "reference")
    check(found, cells=["0", "1"])
    assert list(found.obs["tissue"]) == ["lung", "lung"]


def test_decimal_commas(tmp_path):
    found = read_table(written(tmp_path, "gene;s1;s2\nCD3D;1,5;0\nLYZ;2;3,25\n"), "auto", "bulk")
    np.testing.assert_array_equal(found.places[0].load().toarray(), [[1.5, 2], [0, 3.25]])


def test_long_tables_before_a_header_of_comments(tmp_path):
    text = "".join(f"# line {number}\n" for number in range(40)) + as_text(VALUES, CELLS, GENES)
    check(read_table(written(tmp_path, text), "auto", "query"))


@pytest.mark.parametrize(
    ("name", "cells", "genes", "total"),
    [("tiny.csv", ["r1", "r2", "r3"], ["c1", "c2"], 15), ("comments.tsv", ["r1", "r2", "r3"], ["c1", "c2"], 15)],
)
def test_real_small_tables(name, cells, genes, total):
    found = read_table(real(name), "auto", "query")
    assert list(found.obs.index) == cells and list(found.places[0].var.index) == genes
    assert found.places[0].load().sum() == total


def test_umi_tools_long_table():
    found = read_table(real("umi_tools.tsv.gz"), "auto", "query")
    values = pd.DataFrame(found.places[0].load().toarray(), index=found.obs.index, columns=found.places[0].var.index)
    assert values.shape == (2, 13) and values.loc["ACAAGG", "ENSG00000011304.18"] == 33


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("cell,A1,B1\nc1,1,2\nc2,3,many\nc3,3,4\nc4,3,4\n", "Got many in column B1, row 2"),
        ("c1,1.5,2\nc2,3,4\n", "numbers in place of names"),
        ("only one line,of text\n", "single line"),
        ("cell,colour\nc1,red\nc2,blue\n", "no columns of numbers"),
    ],
)
def test_tables_that_are_none(tmp_path, text, what):
    with pytest.raises(DataError, match=what):
        read_table(written(tmp_path, text), "auto", "query")


def test_parquet_in_both_orientations_with_labels(tmp_path):
    frame = pd.DataFrame(VALUES, index=pd.Index(CELLS, name="cell"), columns=GENES)
    frame.T.rename_axis("gene").to_parquet(tmp_path / "genes.parquet")
    check(read_parquet(tmp_path / "genes.parquet", "auto", "query"))
    frame.assign(label=["T", "B"]).reset_index(drop=True).to_parquet(tmp_path / "cells.parquet")
    found = read_parquet(tmp_path / "cells.parquet", "auto", "reference")
    check(found, cells=["0", "1"])
    assert list(found.obs["label"]) == ["T", "B"]
