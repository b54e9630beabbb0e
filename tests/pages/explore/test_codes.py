from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from core.project import Project
from core.tasks import unit_step
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
