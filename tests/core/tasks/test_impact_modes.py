"""Each label minus the rest, signed and integrated saliency, previews, and what is said of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.errors import SpecError
from core.project import Project
from core.runs.run import Run
from core.specs import ImpactSpec, parse
from core.tasks import impact_step
from core.tasks.impact_names import REST
from core.tasks.impact_words import in_words, measured_words
from tests.core.tasks.kept_impact import kept


def test_each_label_minus_the_rest_is_the_largest_unit_of_the_differences_kept_beside_it(
    finished: Project, own_sets: Path
):
    found = kept(finished, own_sets, "", REST)
    assert found.units is not None and found.control is not None and found.around_zero
    assert list(found.impact.columns) == list(found.control.columns)
    apart = {}
    for label in found.impact.columns:
        each = impact_step.stored(finished, finished.run("run-0001"), own_sets, label, REST, ImpactSpec())
        assert each is not None
        apart[label] = each
        np.testing.assert_array_equal(each.impact.idxmax(axis=1), found.units[label])
    # both are divided by their own largest value, so each label differs from its table by one factor
    for label, each in apart.items():
        factor = found.impact[label] / each.impact.max(axis=1)
        np.testing.assert_allclose(factor, factor.iloc[0], rtol=1e-5)
    assert found.impact.to_numpy().max() == pytest.approx(1)
    assert "cell type" in in_words(found, list(found.impact.columns))
    label, each = next(iter(apart.items()))
    np.testing.assert_allclose(kept(finished, own_sets, label, REST).impact, each.impact, atol=1e-6)


def test_signed_integrated_impact_lies_around_zero(finished: Project, own_sets: Path):
    found = kept(finished, own_sets, saliency="integrated", measure="signed", integration_steps=16)
    assert found.around_zero and np.abs(found.impact.to_numpy()).max() == 1 and found.impact.to_numpy().min() < 0
    said = measured_words(found)
    assert said.startswith("All ") and "Integrated gradients of each unit, mean with its sign" in said
    assert "the average training cell" in said and "add up to the change within" in said
    other = kept(finished, own_sets, saliency="integrated", measure="signed", integration_steps=16, baseline="zero")
    assert not np.allclose(other.impact, found.impact) and "an input of zeros" in measured_words(other)
    rough = replace(other, facts={**other.facts, "gap": 0.3})
    assert "more steps" in measured_words(rough)


def test_a_preview_is_kept_beside_the_whole_and_says_so(finished: Project, own_sets: Path):
    asked = ImpactSpec(preview_cells=60)
    assert asked.preview.max_cells == 60 and ImpactSpec(max_cells=20).preview.max_cells == 20
    found = kept(finished, own_sets, **asked.preview.model_dump())
    assert found.preview and found.facts["cells"] == 60
    assert measured_words(found).startswith("Preview on 60 of ")
    whole = impact_step.stored(finished, finished.run("run-0001"), own_sets, spec=asked)
    assert whole is not None and not whole.preview


def test_settings_that_change_no_number_change_no_key():
    plain = ImpactSpec()
    looks = {"weak_below": 0.5, "preview_cells": 100, "integration_steps": 64, "baseline": "zero"}
    assert parse(ImpactSpec, looks).computed == plain.computed
    assert ImpactSpec(saliency="integrated", baseline="zero").computed != ImpactSpec(saliency="integrated").computed


def test_weak_units_follow_the_threshold(finished: Project, own_sets: Path):
    found = kept(finished, own_sets)
    assert found.weak(0.2) == found.facts["weak_units"]
    assert found.weak(0) == [] and len(found.weak(1)) == found.impact.shape[1] - 1
    old = replace(found, facts={"weak_units": ["unit_1"]})
    assert old.weak(0.9) == ["unit_1"] and measured_words(old) == ""


def test_a_head_that_the_network_lacks_is_refused(finished: Project, own_sets: Path):
    with pytest.raises(SpecError, match="no such head"):
        kept(finished, own_sets, target="proportions")


def test_runs_that_kept_no_network_are_refused(finished: Project):
    run: Run = finished.run("run-0002")
    assert "compares methods" in impact_step.refusal(run.spec)


def test_a_preview_that_holds_all_cells_is_the_whole(finished: Project, own_sets: Path):
    asked = ImpactSpec(saliency="gradient")
    impact_step.compute(str(finished.root), "run-0001", str(own_sets), "", "", asked.preview.model_dump())
    found = impact_step.stored(finished, finished.run("run-0001"), own_sets, spec=asked)
    assert found is not None and not found.preview
