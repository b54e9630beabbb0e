from __future__ import annotations

from pathlib import Path

from core.project import Project
from tests.pages.explore.conftest import words


def test_chosen_files_are_written_where_asked(represented: Project, look, tmp_path: Path):
    test = look(represented, "export")
    assert "Files" in words(test) and "Methods text" in words(test)
    test.text_input("export-folder").input(str(tmp_path / "mine")).run()
    assert represented.note("export")["folder"] == str(tmp_path / "mine")
    test.multiselect("export-runs").set_value(["run-0001"]).run()
    offered = test.button("export-now").label
    assert offered.startswith("Export ") and offered.endswith(" items")


def test_a_stale_run_is_said_to_be_stale_and_not_ticked(represented: Project, look):
    represented.change("seed", 9)
    test = look(represented, "export")
    test.multiselect("export-runs").set_value(["run-0001"]).run()
    assert "stale" in words(test) and test.button("export-now").label == "Export 0 items"


def test_without_a_chosen_run_the_page_asks_for_one(represented: Project, look):
    test = look(represented, "export")
    test.multiselect("export-runs").set_value([]).run()
    assert not test.exception and "No run is chosen" in words(test)


def test_without_a_run_the_page_leads_to_runs(represented: Project, look, tmp_path: Path):
    test = look(Project.create("New", represented.draft, tmp_path / "new"), "export")
    assert "Nothing is trained yet" in words(test) and [link.proto.page for link in test.get("page_link")] == ["runs"]
