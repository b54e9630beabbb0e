"""Which settings are tried next, and which trials are cut short: Optuna's samplers and its median rule.

Nothing of Optuna outlives a question: each one is answered from the trials as they are written and from a seed of its
own, so that a search that was cut off goes on as if it had not been.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from core.search.trial import OPEN, Trial, is_judged
from core.specs import Dimension, RunSpec, SearchSpec, at

if TYPE_CHECKING:
    import optuna

ATTEMPTS = 20
"""Times that a sampler is asked again where it names settings that were tried."""
FEWEST_FOR_IMPORTANCE = 10
"""Complete trials below which shares of importance are mostly chance."""


def suggestion(search: SearchSpec, base: RunSpec, trials: Sequence[Trial], number: int) -> dict[str, Any] | None:
    """The settings of trial ``number``, path -> value; ``None`` where every combination was tried.

    The same trials, search and number give the same settings.
    """
    tried = {_key(trial.settings) for trial in trials if not trial.repeats}
    if search.sampler == "grid":
        return next(_untried(search, tried), None)
    if number == 1 and search.present_first:
        present = present_settings(search, base)
        if present is not None:
            return present
    found = _asked(search, trials, number, 0)
    for attempt in range(1, ATTEMPTS):
        if _key(found) not in tried:
            return found
        found = _asked(search, trials, number, attempt)
    return next(_untried(search, tried), None) if search.combinations else found


def present_settings(search: SearchSpec, base: RunSpec) -> dict[str, Any] | None:
    """The present value of every dimension; ``None`` where one lies outside its dimension, or its part is off."""
    try:
        found = {each.path: at(base, each.path) for each in search.dimensions}
    except AttributeError:
        return None
    plain = base.model_dump(mode="json")
    found = {path: _plain(plain, path) for path in found}
    return found if all(each.holds(found[each.path]) for each in search.dimensions) else None


def cut_short(search: SearchSpec, trials: Sequence[Trial], values: Sequence[float]) -> int | None:
    """The first epoch at which a trial with these values is worse than the median of the others.

    Parameters
    ----------
    trials
        Those that ended before.
    values
        After each epoch: the metric in the epoch that would be kept.

    Returns
    -------
    Number of the epoch, from 1; ``None`` where the trial may go on.
    """
    if search.pruning is None:
        return None
    import optuna

    rule = optuna.pruners.MedianPruner(search.pruning.startup_trials, search.pruning.warmup_epochs)
    study = _study(search, [trial for trial in trials if trial.state not in OPEN])
    for epoch in range(search.pruning.warmup_epochs + 1, len(values) + 1):
        seen = dict(enumerate(values[:epoch], start=1))
        now = optuna.trial.create_trial(state=optuna.trial.TrialState.RUNNING, intermediate_values=seen)
        if rule.prune(study, now):
            return epoch
    return None


def importance(search: SearchSpec, trials: Sequence[Trial]) -> dict[str, float] | None:
    """The share of the spread of values that each dimension explains (fANOVA), by path, adding up to 1.

    ``None`` where there are too few complete trials, one dimension, or no spread.

    Source: Hutter, Hoos, Leyton-Brown 2014, An efficient approach for assessing hyperparameter importance.
    """
    done = [trial for trial in trials if is_judged(trial)]
    if len(done) < FEWEST_FOR_IMPORTANCE or len(search.dimensions) < 2 or len({trial.value for trial in done}) < 2:
        return None
    import optuna

    evaluator = optuna.importance.FanovaImportanceEvaluator(seed=search.seed)
    shares = optuna.importance.get_param_importances(_study(search, done), evaluator=evaluator)
    return {path: float(share) for path, share in shares.items()}


def _asked(search: SearchSpec, trials: Sequence[Trial], number: int, attempt: int) -> dict[str, Any]:
    import numpy as np
    import optuna

    seed = int(np.random.SeedSequence([search.seed, number, attempt]).generate_state(1)[0])
    sampler: optuna.samplers.BaseSampler = optuna.samplers.RandomSampler(seed=seed)
    if search.sampler == "tpe":
        sampler = optuna.samplers.TPESampler(seed=seed, n_startup_trials=search.random_first)
    asked = _study(search, trials, sampler).ask(_distributions(search)).params
    return {each.path: _value(each, asked[each.path]) for each in search.dimensions}


def _study(
    search: SearchSpec, trials: Sequence[Trial], sampler: optuna.samplers.BaseSampler | None = None
) -> optuna.Study:
    """The trials as Optuna knows them, in memory."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    direction = "maximize" if search.higher_is_better else "minimize"
    study = optuna.create_study(sampler=sampler or optuna.samplers.RandomSampler(seed=0), direction=direction)
    distributions = _distributions(search)
    study.add_trials([_frozen(search, trial, distributions) for trial in trials if not trial.repeats])
    return study


def _frozen(search: SearchSpec, trial: Trial, distributions: dict[str, Any]) -> optuna.trial.FrozenTrial:
    """One trial; refused and failed ones count as pruned before their first epoch, so that tpe keeps away from them."""
    import optuna

    states = optuna.trial.TrialState
    state = states.COMPLETE if is_judged(trial) else states.RUNNING if trial.state in OPEN else states.PRUNED
    seen = trial.values if trial.state in ("complete", "pruned", "stopped") else ()
    return optuna.trial.create_trial(
        state=state,
        value=trial.value if state == states.COMPLETE else None,
        params={each.path: _number(each, trial.settings[each.path]) for each in search.dimensions},
        distributions=distributions,
        intermediate_values=dict(enumerate(seen, start=1)),
    )


def _distributions(search: SearchSpec) -> dict[str, Any]:
    return {each.path: _distribution(each) for each in search.dimensions}


def _distribution(dimension: Dimension) -> optuna.distributions.BaseDistribution:
    """Choices go by their places in the list, since values such as lists of layers are no names."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if dimension.kind == "choices":
        return CategoricalDistribution(tuple(range(len(dimension.choices))))
    low, high, step = dimension.ends[0], dimension.ends[1], dimension.step
    if dimension.whole:
        last = dimension.values[-1] if dimension.values else high
        return IntDistribution(int(low), int(last), log=dimension.log, step=int(step or 1))
    return FloatDistribution(low, dimension.values[-1] if dimension.values else high, log=dimension.log, step=step)


def _number(dimension: Dimension, value: Any) -> Any:
    return dimension.choices.index(value) if dimension.kind == "choices" else value


def _value(dimension: Dimension, number: Any) -> Any:
    return dimension.choices[number] if dimension.kind == "choices" else dimension.cast(number)


def _untried(search: SearchSpec, tried: set[str]) -> Iterator[dict[str, Any]]:
    values = [each.values or () for each in search.dimensions]
    for combination in itertools.product(*values):
        settings = dict(zip(search.paths, combination, strict=True))
        if _key(settings) not in tried:
            yield settings


def _plain(tree: Any, path: str) -> Any:
    for step in path.split("."):
        tree = tree[int(step)] if isinstance(tree, list) else tree[step]
    return tree


def _key(settings: dict[str, Any]) -> str:
    return json.dumps(settings, sort_keys=True)
