"""GMT files as they come, and what is said about those that are none."""

from __future__ import annotations

import gzip

import pytest

from core.errors import DataError
from core.interpretation.gene_sets import as_gene_sets, gmt_text, parse_gmt, read_gmt, typed_genes
from tests.conftest import real

GMT = "WNT\thttp://a link with spaces\tAXIN1\tMYC\n\nNOTCH\t\tHES1\tJAG1\tHES1\t\n"


def test_spaces_blank_lines_repeats_and_empty_fields(tmp_path):
    path = tmp_path / "sets.gmt"
    path.write_text(GMT)
    sets = read_gmt(path)
    assert dict(sets) == {"WNT": ("AXIN1", "MYC"), "NOTCH": ("HES1", "JAG1")}
    assert sets.descriptions == {"WNT": "http://a link with spaces", "NOTCH": ""}
    assert sets.notes == ("1 genes were listed more than once in their set and counted once.",)
    assert sets.genes == ("AXIN1", "MYC", "HES1", "JAG1")


@pytest.mark.parametrize(
    "data",
    [
        GMT.replace("\n", "\r\n").encode(),
        GMT.replace("\n", "\r").encode(),
        b"\xef\xbb\xbf" + GMT.encode(),
        gzip.compress(GMT.encode(), mtime=0),
        ("# a comment\n" + GMT).encode(),
        GMT.replace("MYC", "MYC,1.0").encode(),
    ],
)
def test_other_line_ends_marks_gzip_comments_and_weights(tmp_path, data):
    path = tmp_path / "sets.gmt"
    path.write_bytes(data)
    assert dict(read_gmt(path)) == {"WNT": ("AXIN1", "MYC"), "NOTCH": ("HES1", "JAG1")}


def test_sets_listed_twice_and_empty_sets_are_reported():
    sets = parse_gmt("A\td\tg1\nA\td\tg1\nA\td\tg2\nB\td\n")
    assert dict(sets) == {"A": ("g1",), "A (2)": ("g2",)}
    assert len(sets.notes) == 3
    assert sets.notes[2] == "B has no genes and was left out."


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "is empty"),
        (b"\n  \n", "is empty"),
        (b"gene,cell\nMYC,1\n", "Line 1 of wrong.gmt is not a gene set"),
        (b"WNT link AXIN1 MYC\n", "Line 1"),
        (b"\x89HDF\r\n\x1a\n\x00\x00", "not a text file"),
        (b"A\tb\0\n", "not a text file"),
        (b"A\td\nB\td\n", "names a gene"),
        (b"\x1f\x8bbroken", "cannot be opened"),
    ],
)
def test_files_that_are_no_gene_sets(tmp_path, data, what):
    path = tmp_path / "wrong.gmt"
    path.write_bytes(data)
    with pytest.raises(DataError, match=what) as caught:
        read_gmt(path)
    assert caught.value.remedy


def test_a_missing_file(tmp_path):
    with pytest.raises(DataError, match="was not found"):
        read_gmt(tmp_path / "none.gmt")


def test_plain_mappings_become_gene_sets():
    assert dict(as_gene_sets({"A": ["x", "y", "x"]})) == {"A": ("x", "y")}


def test_real_collections():
    assert len(read_gmt(real("hallmark_human.gmt"))) == 50
    assert len(read_gmt(real("reactome_human.gmt"))) == 1787
    derived = read_gmt(real("dmap_derived.gmt"))
    assert len(derived) == 38
    assert all(len(genes) <= 100 for genes in derived.values())


def test_a_written_file_is_read_as_it_was():
    sets = parse_gmt("A\tlink\tG1\tG2\nB\t\tG3\n")
    again = parse_gmt(gmt_text(sets))
    assert again.genes_of == sets.genes_of and again.descriptions == sets.descriptions


def test_typed_genes_are_parted_by_commas_spaces_semicolons_and_lines_and_keep_their_letters():
    assert typed_genes(' CD3D, cd3e;\nCD8A\t"NKG7" CD3D\r\n') == ("CD3D", "cd3e", "CD8A", "NKG7")
    assert typed_genes(" ,; \n") == ()
