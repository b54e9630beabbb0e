from __future__ import annotations

import time
from pathlib import Path

import pytest

from core.project import Project
from core.specs import EvaluateSpec
from tests.pages.explore.conftest import words

WAIT_SECONDS = 240


def test_the_claims_stand_beside_our_numbers_and_can_be_filtered(represented: Project, look):
    test = look(represented, "evaluation")
    said = words(test)
    assert "What the papers report" in said and "In plain words" in said and "natural-log" in said
    assert "needs 6 splits" in said
    test.segmented_control("claims-shown").set_value("not_run").run()
    assert not test.exception and "In plain words" not in words(test)
    assert "Why this is not run" in words(test) and "Add it under Settings" in words(test)


def test_before_the_first_evaluation_the_page_says_what_it_would_try(represented: Project, look, tmp_path: Path):
    project = Project.create("New", represented.draft, tmp_path / "new")
    said = words(look(project, "evaluation"))
    assert "The next evaluation" in said and "13 of 21" in said and "In plain words" not in said


@pytest.mark.slow
def test_an_evaluation_is_started_with_the_settings_chosen(represented: Project, look):
    test = look(represented, "evaluation")
    folds = next(number for number in test.number_input if number.label.startswith("Splits"))
    folds.set_value(4).run()
    assert represented.note("evaluation")["folds"] == 4
    test.button("evaluate").click().run()
    run = represented.runs()[0]
    run.request_stop()
    assert run.directory.name == "run-0003" and run.spec.task == "evaluate"
    analysis = run.spec.analysis
    assert isinstance(analysis, EvaluateSpec) and analysis.folds == 4
    assert run.spec.data.reference == represented.draft.data.reference
    until = time.monotonic() + WAIT_SECONDS
    while run.status.active and time.monotonic() < until:
        time.sleep(0.5)
    assert not run.status.active


def test_without_labels_the_start_is_refused_in_three_parts(represented: Project, look):
    represented.change("data.reference.label_column", None)
    test = look(represented, "evaluation")
    test.button("evaluate").click().run()
    assert not test.exception and "need cell types" in words(test)
    assert len(represented.runs()) == 2
