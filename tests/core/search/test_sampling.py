"""Suggestions follow from search, trials and number alone; the median rule and the shares of importance."""

from __future__ import annotations

import math
from typing import Any

import pytest

from core.recipes import recipe
from core.search.sampling import cut_short, importance, present_settings, suggestion
from core.search.trial import Trial
from core.specs import RunSpec, SearchSpec, at, parse, replaced

RATE = {"path": "training.learning_rate", "low": 1e-5, "high": 1e-1, "log": True}
UNITS = {"path": "network.code.units", "low": 16, "high": 64, "step": 16}
NORM = {"path": "network.code.norm", "kind": "choices", "choices": ["none", "batch", "layer"]}


def search(*dimensions: dict[str, Any], **values: Any) -> SearchSpec:
    return parse(SearchSpec, {"dimensions": dimensions, "present_first": False, **values})


def base() -> RunSpec:
    return recipe("pathway_autoencoder").spec


def tried(spec: SearchSpec, n: int, value=lambda settings: 0.0) -> list[Trial]:
    """``n`` complete trials, one after another as a search makes them."""
    trials: list[Trial] = []
    for number in range(1, n + 1):
        settings = suggestion(spec, base(), trials, number)
        if settings is None:
            break
        trials.append(Trial(number, settings, "complete", value(settings), values=(value(settings),)))
    return trials


def off(settings: dict[str, Any]) -> float:
    """How far the learning rate lies from 1e-3, in decades."""
    return abs(math.log10(settings["training.learning_rate"]) + 3)


@pytest.mark.parametrize("sampler", ["tpe", "random"])
def test_the_same_seed_suggests_the_same_settings_and_another_seed_others(sampler: str):
    spec = search(RATE, UNITS, NORM, sampler=sampler, random_first=3)
    first, again = tried(spec, 12, off), tried(spec, 12, off)
    assert [t.settings for t in first] == [t.settings for t in again]
    other = tried(spec.model_copy(update={"seed": 1}), 12, off)
    assert [t.settings for t in first] != [t.settings for t in other]
    assert len({str(t.settings) for t in first}) == 12
    assert all(each.holds(t.settings[each.path]) for t in first for each in spec.dimensions)


def test_tpe_comes_nearer_than_random_once_it_has_learned():
    late = {
        sampler: [off(t.settings) for t in tried(search(RATE, sampler=sampler, trials=40, seed=3), 40, off)[20:]]
        for sampler in ("tpe", "random")
    }
    assert sum(late["tpe"]) < 0.7 * sum(late["random"])


def test_tpe_keeps_away_from_what_is_refused():
    spec = search(RATE, sampler="tpe", random_first=5)
    trials: list[Trial] = []
    for number in range(1, 41):
        settings = suggestion(spec, base(), trials, number)
        assert settings is not None
        refused = settings["training.learning_rate"] > 1e-3
        trials.append(Trial(number, settings, "refused" if refused else "complete", None if refused else 1.0))
    early, late = trials[:5], trials[20:]
    assert any(t.state == "refused" for t in early)
    assert sum(t.state == "refused" for t in late) < 0.4 * len(late)  # half the range is refused


def test_a_grid_is_complete_in_order_and_each_combination_comes_once():
    spec = search(UNITS, NORM, sampler="grid")
    trials = tried(spec, 99)
    assert len(trials) == spec.planned == 12
    assert trials[0].settings == {"network.code.units": 16, "network.code.norm": "none"}
    assert len({str(t.settings) for t in trials}) == 12
    assert suggestion(spec, base(), trials, 13) is None


def test_a_finite_space_is_tried_to_its_end_and_no_further():
    spec = search(NORM, sampler="random")
    assert {t.settings["network.code.norm"] for t in tried(spec, 10)} == {"none", "batch", "layer"}
    assert len(tried(spec, 10)) == 3


def test_the_first_trial_is_the_network_as_it_is_where_the_ranges_hold_it():
    now = base()
    units = at(now, "network.code.units")
    inside = search(RATE, {**UNITS, "high": units, "low": units - 16}, present_first=True)
    assert suggestion(inside, now, [], 1) == {
        "training.learning_rate": at(now, "training.learning_rate"),
        "network.code.units": units,
    }
    assert present_settings(search({**UNITS, "low": units + 16, "high": units + 32}), now) is None
    without = search({"path": "objective.classes.weight", "low": 0.1, "high": 1}, metric="reconstruction")
    assert present_settings(without, now) is None


def test_choices_of_whole_layers_are_suggested_as_they_are():
    layers = [[{"units": 32}], [{"units": 64}, {"units": 32}]]
    spec = search({"path": "network.encoder", "kind": "choices", "choices": layers}, RATE)
    found = suggestion(spec, base(), [], 1)
    assert found is not None and found["network.encoder"] in layers
    assert replaced(recipe("funnel_autoencoder").spec, "network.encoder", found["network.encoder"]).network.encoder[
        0
    ].units in (32, 64)


def others(n: int, values: tuple[float, ...]) -> list[Trial]:
    return [Trial(k + 1, {"training.learning_rate": 1e-3}, "complete", values[-1], values=values) for k in range(n)]


def test_a_trial_worse_than_the_median_is_cut_short_at_the_first_epoch_after_the_warm_up():
    spec = search(RATE, pruning={"startup_trials": 3, "warmup_epochs": 2})
    good = (1.0, 0.9, 0.8, 0.7, 0.6)
    assert cut_short(spec, others(3, good), (2.0, 2.0, 2.0, 2.0)) == 3
    assert cut_short(spec, others(2, good), (2.0, 2.0, 2.0, 2.0)) is None
    assert cut_short(spec, others(3, good), (2.0, 2.0)) is None
    assert cut_short(spec, others(3, good), (2.0, 2.0, 0.5, 0.5)) is None
    assert cut_short(spec.model_copy(update={"pruning": None}), others(9, good), (2.0,) * 5) is None
    repeats = [trial.changed(repeats=1) for trial in others(9, good)]
    assert cut_short(spec, repeats, (2.0,) * 5) is None
    higher = search(RATE, metric="macro_f1", pruning={"startup_trials": 3, "warmup_epochs": 2})
    assert cut_short(higher, others(3, good), (2.0,) * 4) is None
    assert cut_short(higher, others(3, good), (0.1,) * 4) == 3


def test_importance_names_the_setting_that_decides_and_waits_for_enough_trials():
    spec = search(RATE, NORM, sampler="random")
    trials = tried(spec, 30, off)
    shares = importance(spec, trials)
    assert shares is not None and shares["training.learning_rate"] > 0.8
    assert math.isclose(sum(shares.values()), 1, abs_tol=1e-6)
    assert importance(spec, trials[:9]) is None
    assert importance(search(RATE), tried(search(RATE), 12, off)) is None
    assert importance(spec, tried(spec, 12)) is None
