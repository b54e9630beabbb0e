"""The Cells view of the Pathways page, and its scores as colours."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.project import Project
from core.specs import ActivitySpec
from core.tasks import activity_step
from pages.ui.explore import colouring
from pages.ui.sets import place
from tests.conftest import real
from tests.pages.explore.conftest import words

pytest.importorskip("decoupler")


def cells(look, project: Project):
    return look(project, "pathways").segmented_control(place.VIEW).set_value(place.CELLS).run()


@pytest.mark.slow
def test_cells_are_scored_on_request_shown_by_label_and_offered_as_colours(represented: Project, look):
    test = cells(look, represented)
    assert "Not scored for these gene sets" in words(test)
    test.selectbox("analysis.activity.pathway_autoencoder.method").select("aucell").run()
    assert represented.draft.analysis.activity.method == "aucell"  # type: ignore[union-attr]  it represents
    test.button("compute-activity").click().run()
    said = words(test)
    assert not test.exception and "Activity without a network" in said and "No network has a part in this" in said
    sets = Path(str(represented.draft.data.gene_sets))
    run = represented.run("run-0001")
    found = activity_step.stored(represented, run, sets, ActivitySpec(method="aucell"))
    assert found is not None
    label = test.selectbox(f"activity-label-{len(found.ranks.columns)}")
    label.select(str(found.ranks.columns[1])).run()
    assert not test.exception

    embedding = look(represented, "embedding")
    embedding.selectbox("colour-run-0001").select(colouring.SET).run()
    embedding.selectbox("colour-set").select(found.sets[1]).run()
    assert not embedding.exception


def test_gene_sets_that_are_not_scored_are_no_colours(represented: Project, look):
    assert "A gene set" not in look(represented, "embedding").selectbox("colour-run-0001").options


@pytest.mark.slow
def test_sets_of_another_species_are_refused_where_they_are_asked_for(represented: Project, look):
    test = cells(look, represented)
    test.text_input("activity-sets-path").input(str(real("hallmark_mouse.gmt"))).run()
    test.button("activity-sets-use").click().run()
    test.button("compute-activity").click().run()
    assert "they hold mouse symbols, the data human symbols" in words(test)
