"""The Sets view of the Pathways page: where gene sets come from, and what they share."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.interpretation.gene_sets import read_gmt
from core.project import Project
from core.recipes import recipe
from core.tasks import set_files
from pages.ui.sets import place
from tests.conftest import real
from tests.pages.explore.conftest import words


@pytest.fixture
def sets(represented: Project, look):
    """The page with the Sets view on screen."""

    def open_view(project: Project = represented):
        test = look(project, "pathways")
        return test.segmented_control(place.VIEW).set_value(place.SETS).run()

    return open_view


def from_source(test, name: str):
    return test.segmented_control("sets-from").set_value(name).run()


def test_the_sets_looked_at_are_described_and_compared(sets):
    test = sets()
    said = words(test)
    assert not test.exception and "Sets and data hold human symbols" in said
    assert "What the sets share" in said and "Sets that share genes win together" in said
    test.segmented_control("overlap-shown").set_value("Pairs").run()
    assert not test.exception


def test_a_typed_set_is_checked_added_edited_and_removed(sets, represented: Project):
    test = from_source(sets(), "Own")
    test.text_input("own-name-0-new").input("Mine").run()
    test.text_area("own-genes-0-new").input("CD3D, cd3e FOO; GNLY").run()
    said = words(test)
    assert "2 of 4 genes are in the data" in said and "cd3e (the data have CD3E)" in said and "FOO" in said
    test.button("own-save").click().run()
    assert not test.exception and dict(set_files.own_sets(represented)) == {"Mine": ("CD3D", "cd3e", "FOO", "GNLY")}
    test.selectbox("own-which-1").select("Mine").run()
    test.text_area("own-genes-1-0").input("CD3D\nCD3E\n").run()
    assert "2 of 2 genes are in the data" in words(test)
    test.button("own-save").click().run()
    assert dict(set_files.own_sets(represented)) == {"Mine": ("CD3D", "CD3E")}
    test.selectbox("own-which-2").select("Mine").run()
    test.button("own-remove").click().run()
    assert not test.exception and not set_files.own_path(represented).exists()


def test_a_set_without_a_name_is_refused_in_three_parts(sets, represented: Project):
    test = from_source(sets(), "Own")
    test.text_area("own-genes-0-new").input("CD3D").run()
    test.button("own-save").click().run()
    assert "The gene set has no name" in words(test) and not set_files.own_path(represented).exists()


@pytest.mark.slow
def test_markers_of_the_labels_are_made_and_called_circular(sets, represented: Project):
    test = from_source(sets(), "Markers")
    test.number_input("marker-sets-run-0001.genes").set_value(10).run()
    test.button("sets-markers").click().run()
    assert not test.exception and "made of the labels of these very cells" in words(test)
    made = [path for path in set_files.folder(represented).glob("markers_of_*_10.gmt")]
    assert len(made) == 1 and all(len(genes) <= 10 for genes in read_gmt(made[0]).values())


def test_textbook_markers_of_another_species_are_refused_plainly(sets):
    test = from_source(sets(), "Textbook")
    assert test.segmented_control("textbook-species").value == "human"
    test.segmented_control("textbook-species").set_value("mouse").run()
    test.button("sets-textbook").click().run()
    said = words(test)
    assert "The sets hold mouse symbols, the data human symbols" in said and "Orthologs are missing" in said
    assert "cannot be looked up" in said


def test_real_sets_of_the_mouse_are_told_apart_from_human_cells(sets):
    test = sets()
    test.text_input("sets-file-path").input(str(real("hallmark_mouse.gmt"))).run()
    test.button("sets-file-use").click().run()
    assert "The sets hold mouse symbols, the data human symbols" in words(test)


def test_a_server_that_cannot_be_reached_is_said_in_three_parts(sets, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    test = from_source(sets(), "Fetch")
    test.selectbox("fetch-source").select("MSigDB, mouse").run()
    test.button("fetch-list").click().run()
    said = words(test)
    assert "The server of MSigDB, mouse cannot be reached" in said and "bring it as a GMT file" in said


def test_without_a_run_or_cells_sets_can_be_brought(represented: Project, sets, tmp_path: Path):
    empty = Project.create("Empty", recipe("pathway_autoencoder").for_task("represent"), tmp_path / "empty")
    test = sets(empty)
    assert not test.exception and "Add gene sets at the left" in words(test)
    from_source(test, "Textbook").button("sets-textbook").click().run()
    assert not test.exception and "Bring cells on the Data page" in words(test)
