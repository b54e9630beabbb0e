from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

from core.project import Project
from core.recipes import RECIPES
from core.recipes.adopt import adopted
from core.results import Results
from core.specs import CheckSpec, UnitSpec
from core.tasks import checks, sweep, unit_ranks, unit_stability, unit_step
from pages.ui.explore import unit_terms
from tests.pages.explore.conftest import words


@pytest.mark.slow
def test_one_unit_is_shown_named_and_left_for_the_next(represented: Project, look):
    test = look(represented, "codes")
    said = words(test)
    assert "Unit 1" in said and "Genes that this unit moves" in said and "Enriched terms" in said
    assert unit_step.stored(represented, represented.run("run-0001"), Path(str(represented.draft.data.gene_sets)))
    test.text_input("name-unit.run-0001.1").input("Cytotoxic programme").run()
    test.button("save-unit-name").click().run()
    assert represented.note("unit.run-0001.1") == "Cytotoxic programme"
    assert "Unit 1: Cytotoxic programme" in words(test)
    next(button for button in test.button if button.label == "Unit 2").click().run()
    assert not test.exception and "<h1>Unit 2</h1>" in words(test)


@pytest.mark.slow
def test_a_network_without_a_decoder_shows_what_moves_its_unit(finished: Project, opened):
    test = opened("codes")
    assert not test.exception
    assert "Genes that move this unit" in words(test) and "no decoder" in words(test)


def test_the_chosen_unit_is_drawn_first_and_whole_units_follow_while_they_fit():
    sizes = {"unit_1": (1, 1.0), "unit_2": (9, 3.0), "unit_3": (9, 5.0), "unit_4": (9, 2.0)}
    rows = [
        {"unit": unit, "gene_set": f"set_{number}", "strength": strength}
        for unit, (count, strength) in sizes.items()
        for number in range(count)
    ]
    drawn = unit_terms.strongest(pd.DataFrame(rows), "unit_1")
    assert set(drawn["unit"]) == {"unit_1", "unit_2", "unit_3"} and len(drawn) == 19


def _shown(test, view: str):
    test.session_state["codes-view"] = view
    return test.run()


@pytest.mark.slow
def test_settings_of_the_perturbation_are_kept_and_used(represented: Project, look):
    test = look(represented, "codes")
    key = f"analysis.units.{represented.draft.recipe}"
    test.number_input(f"{key}.amount").set_value(1.0).run()
    assert not test.exception, test.exception
    assert represented.draft.analysis.units.amount == 1.0  # type: ignore[union-attr]
    run, sets = represented.run("run-0001"), Path(str(represented.draft.data.gene_sets))
    found = unit_step.stored(represented, run, sets, represented.draft.analysis.units)  # type: ignore[union-attr]
    assert found is not None and found.facts["amount"] == 1.0
    assert unit_step.stored(represented, run, sets) is not None  # what was found before is still there
    assert test.selectbox(f"{key}.baseline").value == "All cells"
    label = test.selectbox(f"{key}.baseline").options[1]
    test.selectbox(f"{key}.baseline").select(label).run()
    assert not test.exception, test.exception
    assert represented.draft.analysis.units.baseline == label  # type: ignore[union-attr]
    assert f"from the mean {label} cell" in test.get("plotly_chart")[1].proto.spec


@pytest.mark.slow
def test_all_genes_of_a_unit_are_tested_and_its_cells_selected(represented: Project, look):
    test = look(represented, "codes")
    test.session_state["terms-test"] = unit_terms.RANKED
    test.run()
    run, sets = represented.run("run-0001"), Path(str(represented.draft.data.gene_sets))
    spec = represented.draft.analysis.units  # type: ignore[union-attr]
    assert not test.exception and unit_ranks.stored(represented, run, sets, spec, 0) is not None
    test.button("driving-select").click().run()
    assert not test.exception
    mask = test.session_state["celldesk.kept"]["selection/run-0001"]
    values = Results(run).code.iloc[:, 0].to_numpy()
    assert mask.sum() == 50 and values[mask].min() >= values[~mask].max()


@pytest.mark.slow
def test_all_units_and_the_checks_of_a_code_are_views_of_the_page(represented: Project, look):
    test = look(represented, "codes")
    _shown(test, "All units")
    assert not test.exception and "All units" in words(test) and "Units and the terms they share" in words(test)
    _shown(test, "Checks")
    assert not test.exception and "Not checked yet" in words(test)
    test.button("checks-compute").click().run()
    assert not test.exception, test.exception
    said = words(test)
    assert "Do its clusters follow the labels?" in said and "Is it orthogonal?" in said
    assert "Trains this network 4 times for 12 epochs" in said
    run = represented.run("run-0001")
    assert checks.stored(run, CheckSpec()) is not None
    made = sweep.compute(run, CheckSpec())
    assert made is not None
    test.run()
    assert not test.exception and "12 epochs each" in words(test)


@pytest.mark.slow
def test_a_unit_is_looked_for_in_another_training(represented: Project, look):
    first = represented.run("run-0001")
    shutil.copytree(first.directory, first.directory.parent / "run-0009")
    test = look(represented, "codes")
    assert "There is 1 other training of this recipe here" in words(test)
    next(button for button in test.button if button.label == "Was this unit found again?").click().run()
    assert not test.exception, test.exception
    assert "Found again in the other training" in words(test)  # it is a copy of the same run
    spec = represented.draft.analysis.units  # type: ignore[union-attr]
    assert unit_stability.stored(represented, first, spec) is not None


@pytest.mark.slow
def test_settings_can_be_changed_where_the_draft_takes_bulk_apart(represented: Project, look):
    represented.edit(lambda draft: adopted(draft, RECIPES["mixer"]))
    test = look(represented, "codes")
    test.number_input("analysis.units.mixer.top_genes").set_value(9).run()
    assert not test.exception, test.exception
    assert represented.note("analysis.units")["top_genes"] == 9
    run, sets = represented.run("run-0001"), Path(str(represented.draft.data.gene_sets))
    found = unit_step.stored(represented, run, sets, UnitSpec(top_genes=9))
    assert found is not None and found.facts["taken"] == 9
