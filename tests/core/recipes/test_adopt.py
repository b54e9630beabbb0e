from __future__ import annotations

import pytest

from core.errors import SpecError
from core.recipes import RECIPES, recipe
from core.recipes.adopt import adopted, with_task
from core.specs import DataSpec, QualitySpec, SourceSpec

DATA = DataSpec(
    reference=SourceSpec(path="cells.h5ad", label_column="type"), gene_sets="sets.gmt", quality=QualitySpec(min_genes=7)
)
DRAFT = recipe("deepscore").spec.model_copy(update={"data": DATA, "seed": 5, "name": "Mine"})


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_brings_its_settings_and_leaves_the_data(name: str):
    wanted = recipe(name)
    draft = adopted(DRAFT, wanted)
    assert (draft.network, draft.objective, draft.training) == (
        wanted.spec.network,
        wanted.spec.objective,
        wanted.spec.training,
    )
    assert (draft.features, draft.analysis, draft.recipe) == (wanted.spec.features, wanted.spec.analysis, name)
    assert draft.data.transform == wanted.spec.data.transform
    assert draft.data.reference == DATA.reference and draft.data.gene_sets == "sets.gmt"
    assert draft.data.quality == DATA.quality and draft.seed == 5 and draft.name == "Mine"


def test_a_recipe_is_taken_over_for_its_second_task():
    assert adopted(DRAFT, recipe("cell_identity_code"), "annotate").task == "annotate"
    with pytest.raises(SpecError, match="cannot deconvolve"):
        adopted(DRAFT, recipe("cell_identity_code"), "deconvolve")


@pytest.mark.parametrize("name", RECIPES)
@pytest.mark.parametrize("task", ["represent", "annotate", "deconvolve", "evaluate"])
def test_every_recipe_can_be_turned_to_every_task(name: str, task: str):
    began = adopted(DRAFT, recipe(name))
    turned = with_task(began, task)
    assert turned.task == task and turned.network == began.network
    assert bool(turned.objective.proportions) == (task == "deconvolve")
    assert turned.objective.classes or task != "annotate"


def test_turning_back_brings_the_recipe_s_own_analysis():
    draft = adopted(DRAFT, recipe("annotator"))
    assert with_task(with_task(draft, "represent"), "annotate") == draft
