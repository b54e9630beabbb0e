from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import DataError, SpecError
from core.interpretation.gene_sets import read_gmt
from core.project import Project
from core.tasks import set_files


def test_own_sets_are_added_edited_renamed_and_removed(finished: Project):
    assert dict(set_files.own_sets(finished)) == {}
    path = set_files.put_own(finished, "Mine ", ["CD3D", "CD3E", "CD3D"])
    set_files.put_own(finished, "Other", ["LYZ"])
    assert path.is_relative_to(finished.root)
    assert dict(read_gmt(path)) == {"Mine": ("CD3D", "CD3E"), "Other": ("LYZ",)}
    set_files.put_own(finished, "T cells", ["CD3G"], was="Mine")
    assert dict(set_files.own_sets(finished)) == {"T cells": ("CD3G",), "Other": ("LYZ",)}
    set_files.remove_own(finished, "T cells")
    set_files.remove_own(finished, "Other")
    assert not path.exists() and len(set_files.own_sets(finished)) == 0


def test_a_tab_or_line_end_in_a_name_cannot_break_the_file(finished: Project):
    path = set_files.put_own(finished, "My\tset\nof genes", ["LYZ"])
    assert dict(read_gmt(path)) == {"My set of genes": ("LYZ",)}


@pytest.mark.parametrize(
    ("name", "genes", "said"),
    [("", ["LYZ"], "no name"), ("New", [], "no genes"), ("Mine", ["LYZ"], "has this name"), ("#1", ["LYZ"], "begin")],
)
def test_a_set_without_name_or_genes_or_with_a_taken_name_is_refused(finished: Project, name, genes, said):
    set_files.put_own(finished, "Mine", ["CD3D"])
    with pytest.raises(SpecError, match=said):
        set_files.put_own(finished, name, genes)
    assert dict(set_files.own_sets(finished)) == {"Mine": ("CD3D",)}


def test_what_is_not_there_cannot_be_removed(finished: Project):
    with pytest.raises(SpecError, match="no set of yours"):
        set_files.remove_own(finished, "Mine")


def test_textbook_markers_become_a_file_of_the_project(finished: Project):
    path = set_files.keep_textbook(finished, "mouse")
    assert path.name == "textbook_markers_mouse.gmt" and not set_files.circular(read_gmt(path))
    with pytest.raises(DataError):
        set_files.keep_textbook(finished, "fly")  # type: ignore[arg-type]  what the annotation forbids


@pytest.mark.parametrize("run", ["", "run-0001"])
def test_markers_of_the_labels_are_those_of_the_marker_rule_and_called_circular(finished: Project, run: str):
    from core.data.markers import marker_scores
    from core.tasks.finished import reference_of

    made = set_files.keep_markers(str(finished.root), {"genes": 12}, run)
    sets = read_gmt(Path(made["path"]))
    scores = marker_scores(reference_of(finished.run("run-0001")))
    cells = dict(zip(scores.labels, scores.moments.cells, strict=True))
    assert set(sets) == {label for label in scores.labels if cells[label] >= 10} and made["sets"] == len(sets)
    assert set(made["left_out"]) == set(scores.labels) - set(sets)
    for label, genes in sets.items():
        assert list(genes) == scores.top(label, 12)
    assert set_files.circular(sets)


def test_labels_with_too_few_cells_get_no_markers(finished: Project):
    with pytest.raises(DataError, match="enough cells"):
        set_files.keep_markers(str(finished.root), {"least_cells": 100_000})
