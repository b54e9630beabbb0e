"""What a search found, as tables and files: trials, curves, the best settings as a recipe, and a summary."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from core.export.recipe_file import one_line, write_recipe
from core.files import write_json, write_text
from core.runs.differences import said
from core.search.sampling import present_settings
from core.search.trial import Trial, best, is_judged, repeats_of
from core.specs import RunSpec, SearchSpec, replaced_all

if TYPE_CHECKING:
    import pandas as pd

    from core.search.folder import Search

OPTIMISTIC = (
    "The best of several trials is chosen by the same validation cells that give its value, so that value is too good. "
    "Repeats with other seeds and other validation cells show what to expect."
)
PACKAGES = ("torch", "optuna", "numpy")


def trial_table(search: SearchSpec, trials: Sequence[Trial]) -> pd.DataFrame:
    """One row for each trial: trial, state, value, epochs, seconds, repeats, seed, each path, reason, run."""
    import pandas as pd

    rows = [
        {
            "trial": trial.number,
            "state": trial.state,
            "value": trial.value,
            "epochs": trial.epochs,
            "seconds": trial.seconds,
            "repeats": trial.repeats or None,
            "seed": trial.seed,
            **{path: _plain(trial.settings[path]) for path in search.paths},
            "reason": trial.reason,
            "run": trial.run,
        }
        for trial in trials
    ]
    columns = ["trial", "state", "value", "epochs", "seconds", "repeats", "seed", *search.paths, "reason", "run"]
    return pd.DataFrame(rows, columns=pd.Index(columns)).astype({"repeats": "Int64"})


def curve_table(trials: Sequence[Trial]) -> pd.DataFrame:
    """One row for each trial and epoch: trial, repeats, epoch, value in the epoch that would be kept."""
    import pandas as pd

    rows = [
        (trial.number, trial.repeats, epoch, value)
        for trial in trials
        for epoch, value in enumerate(trial.values, start=1)
    ]
    return pd.DataFrame(rows, columns=pd.Index(["trial", "repeats", "epoch", "value"]))


def best_so_far(search: SearchSpec, trials: Sequence[Trial]) -> pd.DataFrame:
    """One row for each complete trial in order: trial, value, best (the best value up to it)."""
    import pandas as pd

    choose = max if search.higher_is_better else min
    rows: list[tuple[int, float, float]] = []
    for trial in (trial for trial in trials if is_judged(trial)):
        value = float(trial.value or 0.0)
        rows.append((trial.number, value, choose(value, rows[-1][2]) if rows else value))
    return pd.DataFrame(rows, columns=pd.Index(["trial", "value", "best"]))


def with_trial(base: RunSpec, trial: Trial) -> RunSpec:
    """``base`` with the settings of ``trial``; seed and epochs stay its own.

    Raises
    ------
    SpecError
        If ``base`` no longer has a place for them.
    """
    return replaced_all(base, trial.settings)


def spread(trials: Sequence[Trial], number: int) -> dict[str, Any]:
    """The values of the repeats of trial ``number``, their mean, and their standard deviation where there are two."""
    values = [float(trial.value or 0.0) for trial in repeats_of(trials, number)]
    return {
        "values": values,
        "mean": statistics.fmean(values) if values else None,
        "sd": statistics.stdev(values) if len(values) > 1 else None,
    }


def summary(search: Search) -> dict[str, Any]:
    """The search in plain values: what was varied, how trials ended, the best and its repeats, and a warning."""
    spec, base, trials = search.spec, search.base, search.trials()
    found = best(trials, spec)
    present = present_settings(spec, base)
    same = next((t for t in trials if is_judged(t) and present is not None and t.settings == present), None)
    return {
        "search": spec.model_dump(mode="json"),
        "recipe": base.recipe,
        "task": base.task,
        "judged_by": spec.metric,
        "direction": "higher is better" if spec.higher_is_better else "lower is better",
        "trials": dict(Counter(trial.state for trial in trials if not trial.repeats)),
        "best": None
        if found is None
        else {
            "trial": found.number,
            "value": found.value,
            "settings": found.settings,
            "epochs": found.epochs,
            "run": found.run,
            "repeats": spread(trials, found.number),
        },
        "present": None if same is None else {"trial": same.number, "value": same.value},
        "importance": search.importance.get("shares", {}),
        "seconds": round(sum(trial.seconds for trial in trials), 2),
        "remark": OPTIMISTIC,
        "versions": {name: version(name) for name in PACKAGES},
    }


def write_report(search: Search) -> None:
    """Write trials.csv, curves.csv and summary.json, and best.yaml where a trial has completed."""
    spec, trials = search.spec, search.trials()
    write_text(search.directory / "trials.csv", trial_table(spec, trials).to_csv(index=False))
    write_text(search.directory / "curves.csv", curve_table(trials).to_csv(index=False))
    write_json(search.directory / "summary.json", summary(search))
    found = best(trials, spec)
    if found is not None:
        write_recipe(with_trial(search.base, found), search.directory / "best.yaml")


def say(trial: Trial, search: SearchSpec) -> str:
    """``trial`` as one line: its number, how it ended, its value and its settings."""
    value = "" if trial.value is None else f"  {search.metric} {trial.value:.5g} after {trial.epochs} epochs"
    settings = ", ".join(said(path, trial.settings[path]) for path in search.paths)
    reason = f"  {trial.reason}" if trial.state in ("refused", "failed") else ""
    what = f"repeat of {trial.repeats}, {trial.state}" if trial.repeats else trial.state
    return f"trial {trial.number}  {what}{value}  {settings}{reason}"


def _plain(value: Any) -> Any:
    return one_line(value) if isinstance(value, list | dict) else value
