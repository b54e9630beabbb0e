"""Whether other trainings find the units of a run again, as a stored result of the project."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from core.project import Project
from core.runs.run import Run
from core.specs import UnitSpec
from core.tasks import unit_step
from core.tasks.finished import run_key
from core.tasks.unit_step import MOVED

if TYPE_CHECKING:
    from core.tasks.finished import Finished

TABLE = "stability.parquet"
MOST_RUNS = 5
"""Other runs that are compared, the newest ones."""
FEWEST_GENES = 10
"""Genes that two runs must have in common before profiles are compared."""


def others(run: Run, runs: Sequence[Run]) -> list[Run]:
    """Finished runs of the same recipe and task on the same data as ``run``, the newest first, at most five."""
    data, known = run.spec.data, run.summary.get("fingerprints", {}).get("reference")
    found = [
        each
        for each in runs
        if each.directory != run.directory
        and (each.spec.recipe, each.spec.task) == (run.spec.recipe, run.spec.task)
        and each.model_path.exists()
        and each.summary.get("fingerprints", {}).get("reference") == known
        and each.spec.data.quality == data.quality
    ]
    return found[:MOST_RUNS]


def comparable(run: Run, runs: Sequence[Run]) -> int:
    """How many other networks the run's first one can be compared with."""
    return run.spec.training.members - 1 + len(others(run, runs))


def key(project: Project, run: Run, spec: UnitSpec) -> str:
    """Under which the result is stored; changes with any of the runs compared."""
    moved = {name: getattr(spec, name) for name in MOVED}
    return project.key("unit_stability", run_key(run), [run_key(each) for each in others(run, project.runs())], moved)


def stored(project: Project, run: Run, spec: UnitSpec) -> pd.DataFrame | None:
    """What `unit_matches` says, or ``None`` where it is missing."""
    folder = project.stored("unit_stability", key(project, run, spec))
    return pd.read_parquet(folder / TABLE) if folder else None


def compute(project_root: str, run: str, settings: Mapping[str, Any] | None = None) -> int:
    """Compare the run's first network with its others and with other runs; returns how many there were.

    Parameters
    ----------
    project_root, run
        The project and the folder of one of its runs.
    settings
        Of `UnitSpec`; ``None`` for the run's own.

    Raises
    ------
    SpecError, DataError
        As `unit_step.compute`.
    """
    project = Project(Path(project_root))
    found = project.run(run)
    spec = unit_step.asked(found, settings)
    table = matches(found, others(found, project.runs()), spec)
    project.store("unit_stability", key(project, found, spec), lambda folder: table.to_parquet(folder / TABLE))
    return int(table["network"].nunique())


def matches(run: Run, more: Sequence[Run], spec: UnitSpec) -> pd.DataFrame:
    """`unit_matches` of the run's first network against its others and the first networks of ``more``."""
    from core.interpretation.stability import unit_matches
    from core.tasks.finished import finished
    from core.tasks.unit_changes import network_changes

    own = finished(run)
    first = network_changes(own, 0, run, spec)
    profiles = {
        f"Network {number + 1}": network_changes(own, number, run, spec) for number in range(1, len(own.model.networks))
    }
    tables = [unit_matches(first, profiles)] if profiles else []
    for each in more:
        their = finished(each)
        tables.append(_on_common_genes(own, first, their, network_changes(their, 0, each, spec), each.name))
    return pd.concat(tables, ignore_index=True) if tables else unit_matches(first, {})


def _on_common_genes(own: Finished, first: np.ndarray, their: Finished, second: np.ndarray, name: str) -> pd.DataFrame:
    """The comparison with another run, whose genes may be others in part."""
    from core.interpretation.stability import unit_matches

    place = {gene: number for number, gene in enumerate(their.model.genes)}
    rows = [number for number, gene in enumerate(own.model.genes) if gene in place]
    columns = [place[own.model.genes[number]] for number in rows]
    if len(rows) < FEWEST_GENES:
        return unit_matches(first, {})
    return unit_matches(first[:, rows], {name: second[:, columns]})
