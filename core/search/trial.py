"""One trial of a search: its settings, how it ended, and the value that judges it."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from core.specs import RunSpec, SearchSpec, replaced_all

TrialState = Literal["waiting", "running", "complete", "pruned", "stopped", "failed", "refused"]
OPEN = ("waiting", "running")
"""States of a trial that is still to be trained, or to be trained further."""


@dataclass(frozen=True)
class Trial:
    """One setting that is tried.

    Attributes
    ----------
    number
        From 1, in the order of the trials.
    settings
        Path -> value of each dimension.
    state
        complete: trained to its end. pruned: worse than the median of earlier ones. stopped: by hand, on the Runs
        page. failed: its run could not go on. refused: the settings cannot go together.
    value
        The metric on the validation cells in the epoch that is kept; the mean over the run's networks.
    epochs, seconds
        Epochs of the network trained longest, and seconds of all epochs.
    reason
        Why it ended where it did not complete, as a sentence.
    run
        Folder of its run, relative to the search's own.
    values
        After each epoch of the first network: the metric in the epoch that would be kept.
    repeats
        Number of the trial that this one repeats with another seed; 0 for a trial of its own.
    """

    number: int
    settings: dict[str, Any]
    state: TrialState = "running"
    value: float | None = None
    epochs: int = 0
    seconds: float = 0.0
    reason: str = ""
    run: str = ""
    values: tuple[float, ...] = ()
    repeats: int = 0
    seed: int = 0

    def changed(self, **values: Any) -> Trial:
        return dataclasses.replace(self, **values)

    def to_json(self) -> dict[str, Any]:
        """A dict of plain values, ready for ``json.dumps``."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Trial:
        """A trial as it was written."""
        return cls(**{**record, "values": tuple(record["values"])})


@dataclass(frozen=True)
class Judged:
    """What the epochs of a run say about its trial, fields as in ``Trial``."""

    value: float | None = None
    epochs: int = 0
    seconds: float = 0.0
    values: tuple[float, ...] = field(default=())


def trial_spec(base: RunSpec, search: SearchSpec, trial: Trial) -> RunSpec:
    """The run of ``trial``: ``base`` with its settings and seed, and no more epochs than the search allows.

    Raises
    ------
    SpecError
        If the settings cannot go together.
    """
    spec = replaced_all(base, {**trial.settings, "seed": trial.seed})
    if search.epochs is None or search.epochs >= spec.training.epochs:
        return spec
    return replaced_all(spec, {"training.epochs": search.epochs})


def judged(epochs: Sequence[Mapping[str, Any]], metric: str, *, restore_best: bool, until: int | None = None) -> Judged:
    """The value of a trial from the epochs of its run.

    Parameters
    ----------
    epochs
        Records of the run, as ``Run.epochs`` has them; networks trained for other ends than the run's own are left out.
    metric
        Name of the validation value.
    restore_best
        Whether a network returns to its best epoch by what its run watches, or keeps its last one.
    until
        Look at this many epochs of each network; ``None`` for all.
    """
    networks: dict[int, list[Mapping[str, Any]]] = {}
    for record in epochs:
        if not record.get("stage") and (until is None or record["number"] <= until):
            networks.setdefault(record.get("member", 0), []).append(record)
    if not networks:
        return Judged()
    series = {number: _kept(records, metric, restore_best) for number, records in networks.items()}
    return Judged(
        value=sum(values[-1] for values in series.values()) / len(series),
        epochs=max(len(records) for records in networks.values()),
        seconds=sum(record["seconds"] for records in networks.values() for record in records),
        values=tuple(series[min(series)]),
    )


def best(trials: Sequence[Trial], search: SearchSpec) -> Trial | None:
    """The complete trial with the best value, the earliest of equals; repeats do not count."""
    done = [trial for trial in trials if is_judged(trial)]
    sign = -1 if search.higher_is_better else 1
    return min(done, key=lambda trial: (sign * (trial.value or 0.0), trial.number), default=None)


def is_judged(trial: Trial) -> bool:
    """Whether a trial of its own completed with a number for a value."""
    return trial.state == "complete" and not trial.repeats and trial.value is not None and math.isfinite(trial.value)


def repeats_of(trials: Sequence[Trial], number: int) -> list[Trial]:
    """The completed runs of trial ``number`` with other seeds."""
    return [trial for trial in trials if trial.repeats == number and trial.state == "complete"]


def _kept(records: Sequence[Mapping[str, Any]], metric: str, restore_best: bool) -> list[float]:
    values: list[float] = []
    for record in records:
        now = float(record["validation"][metric])
        values.append(now if record["best"] or not restore_best or not values else values[-1])
    return values
