from __future__ import annotations

from dataclasses import replace

import pytest

from core.errors import SpecError
from core.project import Project
from core.recipes import RECIPES, recipe
from core.recipes.adopt import adopted
from core.specs import AnnotateSpec, RunSpec, SourceSpec, replaced
from core.tasks.admit import admit_demo
from core.tasks.readiness import Sizes, lacking, obstacles, require_ready, sizes

KNOWN = Sizes(inputs=500, classes=4, examples=100_000)


def with_data(draft: RunSpec) -> RunSpec:
    sources = {role: SourceSpec(path=f"{role}.h5ad", label_column="type") for role in ("reference", "query", "bulk")}
    data = draft.data.model_copy(update={**sources, "gene_sets": "sets.gmt"})
    return draft.model_copy(update={"data": data})


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_with_its_data_has_no_obstacle(name: str):
    assert obstacles(with_data(recipe(name).spec), KNOWN) == []


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_without_data_says_what_to_bring_and_where(name: str):
    first = obstacles(recipe(name).spec, KNOWN)[0]
    assert first.refuses and first.page == "data" and "needs" in first.what


@pytest.mark.parametrize(
    ("path", "value", "says", "refuses"),
    [
        ("features.rule", "gene_sets", "reads gene sets", True),
        ("features.rule", "own_list", "list of your own genes is empty", True),
        ("training.monitor", "accurracy", "does not report", True),
        ("training.validation_share", 0.0, "No cells are kept", False),
        ("training.batch_size", 200_000, "larger than all", False),
        ("data.reference.label_column", None, "no cell types", True),
        ("analysis.groups", (2, 4), "4 groups of like types cannot be made of 4 types", True),
    ],
)
def test_settings_at_odds_are_said(path: str, value: object, says: str, refuses: bool):
    draft = replaced(with_data(recipe("deepscore").spec), path, value)
    found = [one for one in obstacles(draft, KNOWN) if says in one.what]
    assert len(found) == 1 and found[0].refuses == refuses


def test_groups_are_judged_only_where_the_types_are_counted():
    draft = replaced(with_data(recipe("deepscore").spec), "analysis.groups", (9,))
    assert not any("groups" in one.what for one in obstacles(draft, replace(KNOWN, types_known=False)))
    fewer = replaced(draft, "analysis.groups", (3,))
    assert not any("groups" in one.what for one in obstacles(fewer, KNOWN))
    project = Project.create("Mine", draft)
    assert not sizes(project, project.draft).types_known


def test_few_cells_and_a_wide_code_are_warned_of():
    draft = with_data(recipe("cell_identity_code").spec)
    texts = " ".join(one.text for one in obstacles(draft, Sizes(inputs=20, classes=4, examples=10)))
    assert "learn the cells by heart" in texts and "nothing is condensed" in texts


def test_sizes_say_what_they_assume():
    project = Project.create("Mine", recipe("deepscore").spec)
    known = sizes(project, project.draft)
    assert known.inputs == 2000 and known.examples == 0 and len(known.assumed) == 2
    components = adopted(project.draft, recipe("funnel_autoencoder"))
    assert sizes(project, components).inputs == 19


def test_a_draft_that_cannot_be_trained_is_refused():
    project = Project.create("Mine", recipe("deepscore").spec)
    with pytest.raises(SpecError, match="needs a reference"):
        require_ready(project, project.draft)


def test_only_files_that_the_task_reads_and_the_draft_lacks_are_named():
    draft = recipe("deepscore").spec
    assert lacking(draft, "annotate") == ["a reference", "a query"]
    assert lacking(draft, "deconvolve") == ["a reference", "bulk samples"]
    assert lacking(with_data(draft), "annotate") == lacking(with_data(draft), "represent") == []


@pytest.mark.parametrize(
    ("name", "path", "value", "says", "refuses"),
    [
        ("pathway_autoencoder", "network.gene_sets", {}, "", None),
        ("pathway_autoencoder", "data.transform.normalise", "log1p_cp10k", "compares raw counts", True),
        ("pathway_autoencoder", "objective.variational", {}, "softplus gives only one", False),
        ("cell_identity_code", "objective.variational", {}, "", None),
    ],
)
def test_the_parts_of_a_count_network_are_judged(name, path, value, says, refuses):
    draft = replaced(with_data(recipe(name).spec), path, value)
    if name == "cell_identity_code":
        draft = replaced(draft, "network.code.activation", "linear")
    found = obstacles(draft, KNOWN)
    assert [(says in one.what, one.refuses) for one in found] == ([(True, refuses)] if says else [])


def test_a_layer_of_gene_sets_without_gene_sets_leads_to_the_data_page():
    draft = replaced(with_data(recipe("deepscore").spec), "network.gene_sets", {})
    draft = replaced(draft, "data.gene_sets", None)
    (first, *_) = obstacles(draft, KNOWN)
    assert first.refuses and first.page == "data" and "made of gene sets" in first.what


@pytest.mark.parametrize(
    ("name", "cells", "advised"),
    [
        ("annotator", 50_001, True),
        ("annotator", 50_000, False),
        ("annotator", 0, False),
        ("annotator_large", 900_000, False),
        ("deepscore", 900_000, False),
        ("mixer", 900_000, False),
    ],
)
def test_the_recipe_for_large_references_is_advised_where_the_plain_one_meets_one(name: str, cells: int, advised: bool):
    found = obstacles(with_data(recipe(name).spec), replace(KNOWN, cells=cells))
    assert len(found) == advised
    if advised:
        (advice,) = found
        assert not advice.refuses and "50,001 cells" in advice.text
        assert recipe("annotator_large").title in advice.text and "leaves out" in advice.text


def test_what_the_large_recipe_is_said_to_leave_out_it_leaves_out():
    plain, large = recipe("annotator").spec, recipe("annotator_large").spec
    assert plain.training.members > large.training.members == 1
    assert isinstance(plain.analysis, AnnotateSpec) and isinstance(large.analysis, AnnotateSpec)
    assert plain.analysis.boosted_member and not large.analysis.boosted_member
    assert large.analysis.linear_member and large.analysis.calibration == "validation"


def test_the_cells_of_the_reference_are_counted():
    project = Project.create("Mine", recipe("annotator").spec)
    assert sizes(project, project.draft).cells == 0
    admit_demo(str(project.root))
    assert sizes(project, project.draft).cells > 100
