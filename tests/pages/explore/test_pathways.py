from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from core.project import Project
from core.saved import Saved
from core.tasks import impact_step
from pages.ui.explore import impact, impact_findings
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


def test_a_unit_beyond_chance_is_shown_though_it_is_weak(represented: Project):
    run = represented.run("run-0001")
    found = impact_step.of_run(run)
    unit = str(found.impact.columns[0])
    p = found.p.copy()
    p.loc[:, :] = 1.0
    p.loc[p.index[0], unit] = 0.01
    found = replace(found, p=p)
    assert unit in impact.strongest(found, {unit})
    assert unit not in impact.strongest(replace(found, p=p + 1), {unit})


def test_winning_sets_are_counted_by_the_units_in_which_they_are_highest():
    table = pd.DataFrame(
        {"unit_1": [0.9, 0.1], "unit_2": [0.2, 0.3], "unit_3": [0.1, 0.8]}, ["HALLMARK_HYPOXIA", "HALLMARK_APOPTOSIS"]
    )
    assert impact_findings.winners(table).to_dict("records") == [
        {"gene_set": "Apoptosis", "units": 2},
        {"gene_set": "Hypoxia", "units": 1},
    ]


def test_another_gene_set_file_is_brought_behind_the_button_that_names_the_present_one(
    represented: Project, look, tmp_path: Path
):
    sets = tmp_path / "mine.gmt"
    sets.write_text(Path(str(represented.draft.data.gene_sets)).read_text())
    test = look(represented, "pathways")
    test.text_input("pathways-sets-path").input(str(sets)).run()
    test.button("pathways-sets-use").click().run()
    assert not test.exception and test.selectbox("pathways-sets").value == sets.resolve()


def test_without_a_run_the_page_leads_to_runs(represented: Project, look, tmp_path: Path):
    empty = Project.create("Empty", represented.draft, tmp_path / "empty")
    assert "Nothing is trained yet" in words(look(empty, "pathways"))


@pytest.mark.slow
def test_each_type_is_compared_with_the_rest_and_one_of_them_looked_at(represented: Project, look):
    test = look(represented, "pathways")
    test.selectbox("impact-cells-run-0001-first").select("Each type minus the rest").run()
    test.button("compute-impact").click().run()
    said = words(test)
    assert not test.exception and "Each type minus the rest" in said and "Guided saliency of each unit" in said
    test.selectbox("impact-one-type-run-0001").select("CD19+ B").run()
    assert not test.exception and "CD19+ B minus the rest" in words(test)


@pytest.mark.slow
def test_a_selection_against_the_rest_lies_on_top_of_all_cells(represented: Project, look):
    run = represented.run("run-0001")
    cells = pd.read_csv(run.directory / "code.csv", dtype={"cell": str})["cell"]
    Saved.of(represented, run).keep_selection("mine", pd.Index(cells[:40]))
    test = look(represented, "pathways")
    test.selectbox("impact-cells-run-0001-first").select("selection:mine").run()
    test.toggle("impact-cells-run-0001-minus").set_value(True).run()
    assert test.selectbox("impact-cells-run-0001-second").value == "rest"
    test.button_group("impact-cells-run-0001-view").set_value("On all cells").run()
    test.button("compute-impact").click().run()
    assert not test.exception and "All cells, with mine minus the rest on top" in words(test)
    sets = Path(str(represented.draft.data.gene_sets))
    assert impact_step.stored(represented, run, sets, "selection:mine", "rest") is not None


@pytest.mark.slow
def test_changed_settings_give_a_preview_first_and_all_cells_on_request(represented: Project, look):
    test = look(represented, "pathways")
    key = "analysis.impact.run-0001"
    test.number_input(f"{key}.preview_cells").set_value(60).run()
    assert "In plain words" in words(test)  # nothing that the numbers depend on
    test.selectbox(f"{key}.saliency").select("gradient").run()
    assert "Not computed" in words(test)
    draft = represented.draft.analysis
    assert draft.impact.saliency == "gradient" and draft.impact.preview_cells == 60  # type: ignore[union-attr]
    test.button("compute-impact").click().run()
    said = words(test)
    assert "Preview on 60 of" in said and "Gradients of each unit" in said
    test.button("impact-all-cells").click().run()
    assert "Preview" not in words(test) and "All " in words(test)
    again = look(represented, "pathways")
    assert "Gradients of each unit" in words(again)
