import pytest

from core.errors import SpecError
from core.recipes import DEFAULTS, RECIPES, recipe
from core.specs import RunSpec, parse


def test_each_task_has_a_default_recipe_that_serves_it():
    for task, name in DEFAULTS.items():
        assert recipe(name).for_task(task).task == task


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_names_itself_and_its_paper_and_passes_its_own_checks(name):
    found = recipe(name)
    assert found.spec.recipe == found.name == name
    assert found.citation and found.sentence and found.needs
    for task in found.tasks:
        assert parse(RunSpec, found.for_task(task).model_dump(mode="json")) == found.for_task(task)


def test_five_published_systems_have_a_card():
    assert {found.system for found in RECIPES.values() if found.card} == {
        "DeepSCore",
        "digitalDLSorteR",
        "Kinalis et al.",
        "Oskolkov",
        "Cell Identity Codes",
    }


def test_a_recipe_refuses_a_task_it_has_no_head_for():
    with pytest.raises(SpecError, match="deepscore cannot deconvolve"):
        recipe("deepscore").for_task("deconvolve")
    with pytest.raises(SpecError, match="no such recipe"):
        recipe("deepcore")
