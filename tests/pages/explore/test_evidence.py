"""Evidence, as a person uses it: compute a view, look at it in other ways, and explain a cell."""

from __future__ import annotations

import pandas as pd
import pytest

from core.project import Project
from core.recipes import recipe
from core.runs.run import Run
from core.saved import Saved
from core.specs import replaced
from core.tasks import evidence
from pages.ui import registry
from pages.ui.explore.evidence import BOTH, CALLS, CELLS, GENES, VIEW
from tests.pages.explore.conftest import Open, words

pytestmark = pytest.mark.slow
FEW = {"cells": 6, "steps": 8, "controls": 1, "pictured": 100}


@pytest.fixture
def few(finished: Project) -> Run:
    """The run that labelled the query, the draft back at its settings with less to compute."""
    run = finished.run("run-0001")
    spec = run.spec
    for name, value in FEW.items():
        spec = replaced(spec, f"analysis.evidence.{name}", value)
    finished.edit(lambda _: spec)
    return run


def compute(page, view: str = ""):
    if view:
        page.segmented_control(key=VIEW).set_value(view).run(timeout=300)
    page.button(key="evidence-compute").click().run(timeout=300)
    assert not page.exception
    assert page.button(key="evidence-compute").disabled
    return page


def test_without_a_run_the_page_says_where_labels_come_from(workspace, opened: Open):
    Project.create("Demo", recipe("deepscore").spec, workspace / "projects" / "demo")
    page = opened("evidence")
    assert not page.exception and "No labels yet" in words(page)


def test_markers_are_compared_when_asked_and_by_another_grouping(few: Run, opened: Open):
    page = opened("evidence")
    assert "Not computed with these settings" in words(page)
    compute(page)
    assert "matchSCore" in words(page) and "markers are highest" in words(page)
    page.segmented_control(key="match-grouping-run-0001").set_value("Cluster").run()
    assert not page.exception and "groups share more markers" in words(page)


def test_a_changed_setting_that_matters_asks_for_another_computation(few: Run, finished: Project, opened: Open):
    compute(opened("evidence"))
    finished.change("analysis.evidence.dot_genes", 2)
    assert "Not computed with these settings" in words(opened("evidence"))


def test_calls_show_own_labels_and_clusters_once_there_are_some(few: Run, opened: Open):
    page = opened("evidence")
    page.segmented_control(key=VIEW).set_value(CALLS).run()
    assert not page.exception
    said = words(page)
    assert "keep their label" in said and "have a type of probability 0.9" in said
    compute(page)
    box = page.selectbox(key="flow-groups-run-0001")
    assert box.options[0] == "Cluster"
    box.select("phase").run()
    assert not page.exception and "groups)" in words(page)


def test_genes_of_each_type_stand_beside_untrained_networks(few: Run, opened: Open):
    page = compute(opened("evidence"), GENES)
    assert "networks that learned nothing" in words(page)
    types = page.selectbox(key="genes-type-run-0001")
    types.select(types.options[-1]).run()
    page.segmented_control(key="genes-shown").set_value("Table").run()
    assert not page.exception


def test_a_cell_is_explained(few: Run, opened: Open):
    page = opened("evidence")
    page.segmented_control(key=VIEW).set_value(CELLS).run()
    page.segmented_control(key="browsed").set_value("Unsure").run()
    assert not page.exception and "Explain this cell" in [button.label for button in page.button]
    page.button(key="explain-cell").click().run(timeout=300)
    assert not page.exception
    assert "logits" in words(page) or "mean logit" in words(page)
    page.segmented_control(key="why-shown").set_value("For its label").run()
    page.segmented_control(key="browsed").set_value("All").run()
    name = str(pd.read_csv(few.directory / "annotation.csv")["cell"].iloc[-1])
    page.text_input(key="browse-name-run-0001").set_value(name).run()
    assert not page.exception


def test_both_files_are_drawn_and_coloured(few: Run, opened: Open):
    page = compute(opened("evidence"), BOTH)
    for colour in ("Source", "Probability"):
        page.segmented_control(key="both").set_value(colour).run()
        assert not page.exception
    assert "no proof that they are right" in words(page)


def test_labels_at_a_kept_cut_off_are_those_looked_at(few: Run, finished: Project, opened: Open):
    annotation = pd.read_csv(few.directory / "annotation.csv").set_index("cell").assign(assigned=False)
    Saved.of(finished, few).keep_labels(annotation, 0.5)
    compute(opened("evidence"))
    kept = evidence.found(few, "markers")
    assert kept is not None
    overlap = kept.tables["match_score"]
    assert set(overlap.loc[overlap["grouping"] == "Predicted type", "query"]) == {"not assigned"}


def test_a_run_of_an_older_model_file_shows_its_calls_and_says_why_no_more(few: Run, opened: Open):
    from core.files import write_json

    spec = few.spec.model_dump(mode="json")
    spec["data"]["reference"] = None
    write_json(few.spec_path, spec)
    summary = dict(few.summary)
    del summary["kept_reference"]
    write_json(few.summary_path, summary)
    page = opened("evidence")
    assert not page.exception and "model file holds no reference" in words(page) and "Train again" in words(page)
    page.segmented_control(key=VIEW).set_value(CALLS).run()
    assert not page.exception and "have a type of probability 0.9" in words(page)


@pytest.fixture
def of_model(few: Run, finished: Project) -> Run:
    """The same query labelled with the model file of the run alone."""
    from core.specs import SourceSpec
    from core.tasks.apply import use_model

    query = few.spec.data.query
    assert query is not None
    return use_model(few.model_path, {"query": SourceSpec(path=query.path)}, finished.root / "runs" / "run-0003")


def test_a_run_of_a_model_file_has_all_views(of_model: Run, opened: Open):
    page = compute(opened("evidence"))
    assert "As the model file has it" in words(page)
    page.segmented_control(key=VIEW).set_value(CALLS).run()
    assert not page.exception and "held-out reference cells are called right" in words(page)
    page.segmented_control(key="known-shown").set_value("Per type").run()
    assert not page.exception and "Scores of each type" in words(page)
    compute(page, GENES)
    assert "networks that learned nothing" in words(page) and "As the model file has it" in words(page)
    compute(page, BOTH)
    assert "no proof that they are right" in words(page)
    page.segmented_control(key=VIEW).set_value(CELLS).run()
    page.segmented_control(key="browsed").set_value("Unsure").run()
    page.button(key="explain-cell").click().run(timeout=300)
    assert not page.exception and "logit" in words(page)
    assert not opened("annotation").exception


def test_a_model_file_without_cells_says_which_views_need_them(of_model: Run, opened: Open):
    from core.files import write_json

    kept = {**of_model.summary["kept_reference"], "cells": 0}
    write_json(of_model.summary_path, {**of_model.summary, "kept_reference": kept})
    page = opened("evidence")
    assert "Not computed with these settings" in words(page)
    page.segmented_control(key=VIEW).set_value(GENES).run()
    assert not page.exception and "keep_cells was off" in words(page)
    assert page.button(key="evidence-compute").disabled


def test_the_rejected_cells_of_the_annotation_page_lead_here(few: Run, opened: Open):
    page = opened("annotation")
    page.button(key="browse-refused").click().run()
    assert not page.exception and f"<h1>{registry.page('evidence').title}</h1>" in words(page)
    assert page.segmented_control(key=VIEW).value == CELLS
