from __future__ import annotations

from pathlib import Path

import pytest

from core.project import Project
from core.tasks import impact_step
from tests.pages.explore.conftest import words


@pytest.mark.slow
def test_the_runs_own_impact_is_shown_and_another_group_is_computed_on_request(represented: Project, look):
    test = look(represented, "pathways")
    assert "In plain words" in words(test) and "How clean the units are" in words(test)
    test.selectbox(f"impact-cells-{'run-0001'}-first").select("CD56+ NK").run()
    assert "Not computed" in words(test)
    test.button("compute-impact").click().run()
    assert not test.exception and "In plain words" in words(test)
    sets = Path(str(represented.draft.data.gene_sets))
    assert impact_step.stored(represented, represented.run("run-0001"), sets, "CD56+ NK") is not None


def test_nothing_beyond_chance_is_said_plainly(represented: Project, look):
    run = represented.run("run-0001")
    path = run.directory / "impact_findings.csv"
    path.write_text(path.read_text().splitlines()[0] + "\n")
    said = words(look(represented, "pathways"))
    assert "Nothing is beyond chance" in said and "None beyond chance" in said


def test_the_strongest_units_are_shown_first_and_all_on_demand(represented: Project, look):
    test = look(represented, "pathways")
    units = represented.run("run-0001").summary["impact"]["units"]
    weak = len(represented.run("run-0001").summary["impact"]["weak_units"])
    assert f"{min(24, units - weak)} of {units} units" in words(test)
    test.toggle("impact-hide").set_value(False).run()
    assert f"{units} of {units} units" in words(test)


def test_without_a_run_the_page_leads_to_runs(represented: Project, look, tmp_path: Path):
    empty = Project.create("Empty", represented.draft, tmp_path / "empty")
    assert "Nothing is trained yet" in words(look(empty, "pathways"))
