"""What a search may vary, and what it refuses where it is typed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import SpecError
from core.recipes import recipe
from core.specs import Dimension, SearchSpec, parse, replaced
from core.specs.field_paths import bounds_of, choices_of, fitting, whole_numbers

RATE = {"path": "training.learning_rate", "low": 1e-4, "high": 1e-2, "log": True}
UNITS = {"path": "network.encoder.0.units", "low": 16, "high": 64, "step": 16}
NORM = {"path": "network.input_norm", "kind": "choices", "choices": [False, True]}


def dimension(**values: Any) -> Dimension:
    return parse(Dimension, values)


def search(*dimensions: dict[str, Any], **values: Any) -> SearchSpec:
    return parse(SearchSpec, {"dimensions": dimensions, **values})


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({**RATE, "high": 20}, "training.learning_rate is out of range. Got 20.0. Use a value from 0 to 10."),
        ({**UNITS, "high": 30_000}, "Got 30000. Use a value from 1 to 20000."),
        ({**UNITS, "high": 64.5}, "network.encoder.0.units does not fit. Got 64.5."),
        ({**UNITS, "step": 0.5}, "takes whole numbers"),
        ({**UNITS, "step": 500}, "wider than its range"),
        ({**RATE, "low": 1e-2}, "is empty"),
        ({**RATE, "low": None}, "lacks an end"),
        ({**RATE, "step": 1e-3}, "by factors has no step"),
        ({"path": "training.momentum", "low": 0, "high": 0.9, "log": True}, "cannot begin at 0"),
        ({**RATE, "choices": [1]}, "both choices and a range"),
        ({**NORM, "choices": [True]}, "nothing to choose from"),
        ({**NORM, "choices": [True, True]}, "a choice twice"),
        ({**NORM, "low": 1}, "both choices and a range"),
        ({"path": "training.batch_size", "kind": "choices", "choices": [False, 8]}, "neither on nor off"),
        ({"path": "training.schedule", "low": 0, "high": 1}, "is not a number, so it has no range"),
        ({"path": "training.schedule", "kind": "choices", "choices": ["cosine", "cosin"]}, "is not one of the choices"),
        ({**RATE, "path": "training.rate"}, "There is no setting training.rate"),
        ({**RATE, "path": "network.encoder.units"}, "There is no setting"),
        ({**RATE, "path": "training.0"}, "There is no setting"),
        ({**RATE, "path": "network.encoder.0"}, "is a whole layer"),
        ({**RATE, "path": "seed"}, "A seed is luck"),
        ({**RATE, "path": "data.quality.min_counts"}, "the cells that trials are judged by"),
        ({**RATE, "path": "data.reference.path"}, "Files are not settings"),
        ({**RATE, "path": "training.validation_share"}, "the cells that trials are judged by"),
    ],
)
def test_a_dimension_that_does_not_fit_its_setting_is_refused(values: dict[str, Any], said: str):
    with pytest.raises(SpecError) as refusal:
        dimension(**values)
    assert said in str(refusal.value) and refusal.value.remedy


def test_a_range_with_steps_has_its_values_and_one_without_has_none():
    assert dimension(**UNITS).values == (16, 32, 48, 64)
    assert dimension(path="network.code.dropout", low=0, high=0.5, step=0.1).values == (0, 0.1, 0.2, 0.3, 0.4, 0.5)
    assert dimension(path="training.patience", low=3, high=6).values == (3, 4, 5, 6)
    assert dimension(path="network.code.units", low=8, high=64, log=True).values is None
    assert dimension(**RATE).values is None


@given(st.floats(1e-4, 1e-2))
def test_a_range_holds_what_lies_between_its_ends(value: float):
    rate = dimension(**RATE)
    assert rate.holds(value) and not rate.holds(value + 0.01) and not rate.holds(None)


def test_any_kind_of_setting_can_be_a_choice():
    layers = [[{"units": 32}], [{"units": 64}, {"units": 32}]]
    assert dimension(path="network.encoder", kind="choices", choices=layers).values == tuple(layers)
    assert dimension(path="data.transform.components", kind="choices", choices=[None, 50]).holds(None)
    assert choices_of("network.input_norm") == (False, True)
    assert "cosine" in choices_of("training.schedule") and choices_of("training.epochs") == ()
    assert bounds_of("network.code.dropout") == (0, 0.95) and bounds_of("training.clip_norm") == (0, None)
    assert whole_numbers("training.patience") and not whole_numbers("training.momentum")
    assert fitting("training.patience", None) is None


def test_a_grid_has_a_size_and_refuses_ranges_that_hold_any_number():
    assert search(UNITS, NORM, sampler="grid").planned == 8
    with pytest.raises(SpecError, match="A grid needs steps"):
        search(RATE, sampler="grid")
    with pytest.raises(SpecError, match="too many combinations"):
        search({**UNITS, "high": 20_000, "step": None}, sampler="grid")
    assert search(RATE, NORM).combinations is None
    assert search(NORM, trials=20).planned == 2


def test_a_setting_is_searched_once_and_epochs_have_one_limit():
    with pytest.raises(SpecError, match="needs a setting"):
        search().check(recipe("annotator").spec)
    with pytest.raises(SpecError, match="searched twice"):
        search(RATE, RATE)
    with pytest.raises(SpecError, match="searched twice"):
        search({"path": "network.encoder", "kind": "choices", "choices": [[{}], []]}, UNITS)
    with pytest.raises(SpecError, match="no other limit"):
        search({"path": "training.epochs", "low": 5, "high": 9}, epochs=4)


@pytest.mark.parametrize(
    ("name", "task", "dimensions", "metric", "said"),
    [
        ("annotator", "annotate", RATE, "proportion_mae", "no such value"),
        ("cell_identity_code", "evaluate", RATE, "loss", "no single value judges them"),
        ("annotator", "annotate", {**UNITS, "path": "network.encoder.9.units"}, "loss", "There is no setting"),
        (
            "annotator",
            "annotate",
            {"path": "objective.classes.label_smoothing", "low": 0, "high": 0.2},
            "loss",
            "what the loss is made of",
        ),
        (
            "annotator",
            "annotate",
            {"path": "objective.classes.label_smoothing", "low": 0, "high": 0.2},
            "classes",
            "how this term is computed",
        ),
        (
            "pathway_autoencoder",
            "represent",
            {"path": "features.target", "low": 100, "high": 900},
            "loss",
            "the values that are rebuilt",
        ),
        (
            "annotator",
            "annotate",
            {"path": "analysis.linear_weight", "low": 0, "high": 1},
            "accuracy",
            "after training alone",
        ),
        (
            "mixer",
            "deconvolve",
            {"path": "analysis.sparsity", "low": 0, "high": 1},
            "proportion_ccc",
            "the mixtures that trials are judged by",
        ),
    ],
)
def test_what_cannot_be_compared_is_refused(name: str, task: str, dimensions: dict[str, Any], metric: str, said: str):
    with pytest.raises(SpecError) as refusal:
        search(dimensions, metric=metric).check(recipe(name).for_task(task))
    assert said in str(refusal.value) and refusal.value.remedy


def test_what_can_be_compared_is_not_refused():
    annotator, mixer = recipe("annotator").spec, recipe("mixer").spec
    search({"path": "objective.classes.label_smoothing", "low": 0, "high": 0.2}, metric="macro_f1").check(annotator)
    search({"path": "data.transform.scale", "kind": "choices", "choices": ["none", "zscore"]}).check(annotator)
    search({"path": "analysis.mixtures", "low": 100, "high": 900}, metric="proportion_ccc").check(mixer)
    assert search(RATE, metric="macro_f1").higher_is_better and not search(RATE).higher_is_better


def test_without_validation_cells_nothing_can_be_judged():
    with pytest.raises(SpecError, match="none are kept"):
        search(RATE).check(replaced(recipe("annotator").spec, "training.validation_share", 0))
