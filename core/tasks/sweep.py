"""Weights of the orthogonality penalty tried one after another on a finished run's cells, each from the same start."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from core.errors import SpecError
from core.files import whole_folder, write_json
from core.runs.run import Run
from core.runs.worked import Worked
from core.specs import CheckSpec, content_key
from core.tasks.checks import FACTS, PLACE, refuse
from core.tasks.finished import run_key

if TYPE_CHECKING:
    from core.specs import TrainSpec

Tell = Callable[[str, int, int], None]
"""``tell(text, done, of)``: what is done now, and how many epochs of how many are through."""
VERSION = 1
"""Raised when the table changes."""
EPOCHS, WEIGHTS = "sweep_epochs", "sweep"
COMPUTED = ("epochs", "weights")


@dataclass(frozen=True)
class Sweep:
    """``epochs``: what `orthogonality.sweep` measured. ``weights``: its `reading`. ``facts``: numbers."""

    epochs: pd.DataFrame
    weights: pd.DataFrame
    facts: Mapping[str, Any]


def folder_of(run: Run) -> Worked:
    """Where sweeps of ``run`` are worked on and kept."""
    return Worked(run.directory / PLACE / "sweep")


def key(run: Run, spec: CheckSpec) -> str:
    """Changes when the run or a setting that the table depends on does."""
    return content_key(PLACE, "sweep", VERSION, run_key(run), {name: getattr(spec, name) for name in COMPUTED})


def stored(run: Run, spec: CheckSpec) -> Sweep | None:
    """The sweep with these settings, or ``None`` where it is missing."""
    kept = _load(run)
    return kept if kept and kept.facts["key"] == key(run, spec) else None


def found(run: Run) -> Sweep | None:
    """The sweep whatever its settings, as long as it was made of the run as it is now; for files that leave."""
    kept = _load(run)
    return kept if kept and kept.facts["run"] == run_key(run) else None


def refusal(run: Run) -> str:
    """Why no weights can be tried on the cells of ``run``; empty where they can."""
    spec = run.spec
    if spec.data.bridge is not None or getattr(spec.analysis, "smoothing", None) is not None:
        return "Its network learned from cells that were changed on the way, which are not at hand."
    if spec.network.gene_sets is not None and len(spec.network.hidden) == 1:
        return "Its units are gene sets from the start."
    return ""


def compute(
    run: Run, spec: CheckSpec, tell: Tell = lambda *_: None, stopping: Callable[[], bool] = lambda: False
) -> Sweep | None:
    """Train for a few epochs with every weight, and keep what was measured in the run's folder.

    Parameters
    ----------
    run
        A finished run of represent or annotate.
    spec
        Epochs and weights.
    tell
        Told how far it is.
    stopping
        Asked between epochs.

    Returns
    -------
    What was found; ``None`` where it was stopped.

    Raises
    ------
    SpecError
        If the run has no code, or more units than inputs, which cannot be orthogonal.
    DataError
        If its reference has changed since.
    """
    from core.evaluation.orthogonality import lowest_loss, reading, sweep
    from core.tasks.again import Again
    from core.tasks.finished import finished

    refuse(run)
    why = refusal(run)
    if why:
        raise SpecError("No weights can be tried on this run", run.name, why)
    total = spec.epochs * (1 + len(spec.weights))
    tell("Reading the cells", 0, total)
    again = Again(finished(run))
    train, validation, cells = again.batches()
    own, done = again.spec, [0]

    def told(weight: float, epoch: int) -> None:
        if epoch <= spec.epochs:
            tell(f"Weight {weight:g}, epoch {epoch} of {spec.epochs}", done[0], total)
            done[0] += 1

    table = sweep(
        again.network,
        again.objective,
        own.objective,
        own.training.model_copy(update={"epochs": spec.epochs, **_here(own.training)}),
        train,
        validation,
        cells,
        spec.weights,
        seed=again.seed,
        tell=told,
        stop=stopping,
    )
    if table is None:
        return None
    lowest = lowest_loss(own.objective, validation or train)
    facts = {"cells": cells.n, "lowest": lowest, "validated": validation is not None}
    facts |= {"batch_size": own.training.batch_size, "optimiser": own.training.optimiser}
    facts |= {"run": run_key(run), "key": key(run, spec)}
    made = Sweep(table, reading(table, lowest), facts)
    _keep(run, made)
    return made


def _here(training: TrainSpec) -> dict[str, Any]:
    """Settings for a short training in this process."""
    return {"devices": 1, "precision": "fp32" if training.precision == "auto" else training.precision}


def _keep(run: Run, made: Sweep) -> None:
    place = folder_of(run).directory / "found"

    def fill(folder: Path) -> None:
        made.epochs.to_csv(folder / f"{EPOCHS}.csv", index=False)
        made.weights.to_csv(folder / f"{WEIGHTS}.csv", index=False)
        write_json(folder / FACTS, dict(made.facts))

    shutil.rmtree(place, ignore_errors=True)
    whole_folder(place, fill)


def _load(run: Run) -> Sweep | None:
    place = folder_of(run).directory / "found"
    if not (place / FACTS).exists():
        return None
    tables = [pd.read_csv(place / f"{name}.csv") for name in (EPOCHS, WEIGHTS)]
    return Sweep(*tables, facts=json.loads((place / FACTS).read_text(encoding="utf-8")))
