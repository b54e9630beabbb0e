"""The value of a trial, from the epochs of its run, and its settings, put into a run."""

from __future__ import annotations

import math

import pytest

from core.errors import SpecError
from core.recipes import recipe
from core.search.trial import Trial, best, judged, repeats_of, trial_spec
from core.specs import SearchSpec, parse

SEARCH = parse(SearchSpec, {"dimensions": [{"path": "network.code.units", "low": 8, "high": 64}]})


def epoch(number: int, value: float, best: bool, member: int = 0, stage: str = "") -> dict:
    return {
        "stage": stage,
        "member": member,
        "number": number,
        "seconds": 0.5,
        "best": best,
        "validation": {"loss": value},
    }


def test_the_value_is_that_of_the_epoch_that_is_kept():
    epochs = [epoch(1, 3, True), epoch(2, 1, False), epoch(3, 2, True), epoch(4, 0, False)]
    kept = judged(epochs, "loss", restore_best=True)
    assert (kept.value, kept.epochs, kept.seconds, kept.values) == (2, 4, 2.0, (3, 3, 2, 2))
    assert judged(epochs, "loss", restore_best=False).value == 0
    assert judged(epochs, "loss", restore_best=True, until=2).values == (3, 3)
    assert judged([], "loss", restore_best=True).value is None


def test_networks_count_alike_and_those_of_folds_not_at_all():
    epochs = [epoch(1, 3, True), epoch(1, 1, True, member=1), epoch(1, 99, True, stage="fold 1")]
    found = judged(epochs, "loss", restore_best=True)
    assert found.value == 2 and found.values == (3,)


def test_the_best_is_complete_a_number_the_earliest_of_equals_and_no_repeat():
    trials = [
        Trial(1, {}, "pruned", 0.0),
        Trial(2, {}, "complete", 2.0),
        Trial(3, {}, "complete", 1.0),
        Trial(4, {}, "complete", 1.0),
        Trial(5, {}, "complete", math.inf),
        Trial(6, {}, "complete", 0.5, repeats=3),
        Trial(7, {}, "failed", 0.1),
    ]
    found = best(trials, SEARCH)
    assert found is not None and found.number == 3
    higher = best(trials, parse(SearchSpec, {**SEARCH.model_dump(), "metric": "accuracy"}))
    assert higher is not None and higher.number == 2
    assert [trial.number for trial in repeats_of(trials, 3)] == [6]
    assert best([], SEARCH) is None


def test_a_trial_is_the_base_with_its_settings_seed_and_limit_of_epochs():
    base = recipe("pathway_autoencoder").spec
    limited = SEARCH.model_copy(update={"epochs": 3})
    spec = trial_spec(base, limited, Trial(1, {"network.code.units": 10}, seed=5))
    assert (spec.network.code_units, spec.seed, spec.training.epochs) == (10, 5, 3)
    assert trial_spec(base, SEARCH, Trial(1, {})).training.epochs == base.training.epochs
    longer = SEARCH.model_copy(update={"epochs": 10**5})
    assert trial_spec(base, longer, Trial(1, {})).training.epochs == base.training.epochs


def test_settings_are_checked_together_and_refused_together():
    base = recipe("pathway_autoencoder").spec
    with pytest.raises(SpecError, match="cannot be kept orthogonal"):
        trial_spec(base, SEARCH, Trial(1, {"network.code.units": 64, "network.encoder": [{"units": 8}]}))
    both = {"network.code.units": 64, "network.encoder": [{"units": 128}]}
    assert trial_spec(base, SEARCH, Trial(1, both)).network.encoder[0].units == 128


def test_a_trial_is_read_back_as_it_was_written():
    trial = Trial(2, {"network.code.units": 8}, "pruned", 1.5, 3, 0.2, "why", "../x", (2.0, 1.5), seed=4)
    assert Trial.from_json(trial.to_json()) == trial
