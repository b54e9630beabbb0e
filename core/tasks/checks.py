"""Checks of a finished run's code: its clusters, its orthogonality, and how different its units are."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from core.errors import SpecError
from core.files import whole_folder, write_json
from core.runs.run import Run
from core.specs import CheckSpec, RunSpec, content_key, parse
from core.tasks.finished import run_key

if TYPE_CHECKING:
    from core.tasks.finished import Finished

PLACE, FACTS = "checks", "facts.json"
VERSION = 1
"""Raised when the tables change."""
COMPUTED = ("runs", "groups", "components", "cells")
"""The settings that the tables depend on; the others are those of the sweep."""
CLUSTERS, SINGULAR, LIKENESS = "clusters", "singular_values", "likeness"
CODES, MOVED, SALIENCY = "codes", "changes", "saliency"
"""What two units are compared by: values over cells, changes of the rebuilt genes, guided saliency of the genes."""
SALIENCY_CELLS = 1000
TASKS = ("represent", "annotate")


@dataclass(frozen=True)
class Checks:
    """What was found.

    ``clusters``: from `code_clusters`; empty where there are no labels and no number of groups. ``singular_values``:
    number (from 1), value. ``likeness``: by what units are compared (``codes``, ``changes``, ``saliency``), unit x unit
    correlations. ``facts``: plain numbers.
    """

    clusters: pd.DataFrame
    singular_values: pd.DataFrame
    likeness: Mapping[str, pd.DataFrame]
    facts: Mapping[str, Any]


def settings(spec: RunSpec) -> CheckSpec:
    """The run's own settings of the checks, else the usual ones."""
    return getattr(spec.analysis, "checks", CheckSpec())


def asked(run: Run, values: Mapping[str, Any] | None) -> CheckSpec:
    """``values`` as settings; the run's own where there are none."""
    return settings(run.spec) if values is None else parse(CheckSpec, dict(values), "analysis.checks")


def folder(run: Run) -> Path:
    """Where the tables lie."""
    return run.directory / PLACE / "code"


def key(run: Run, spec: CheckSpec) -> str:
    """Changes when the run or a setting that the tables depend on does."""
    return content_key(PLACE, VERSION, run_key(run), {name: getattr(spec, name) for name in COMPUTED})


def stored(run: Run, spec: CheckSpec) -> Checks | None:
    """The checks as made with these settings; ``None`` where they are missing or made of something else."""
    return load(folder(run)) if _facts(folder(run)).get("key") == key(run, spec) else None


def found(run: Run) -> Checks | None:
    """The checks whatever their settings, as long as they were made of the run as it is now; for files that leave."""
    return load(folder(run)) if _facts(folder(run)).get("run") == run_key(run) else None


def refuse(run: Run) -> None:
    """Raise a SpecError where ``run`` has no code of single cells."""
    if run.spec.task not in TASKS:
        raise SpecError("This run has no code to check", run.name, "Choose one that represents or labels cells")


def compute(run: str, settings: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Check the code of a run, keep the tables in the run's folder and return their facts.

    Parameters
    ----------
    run
        The run's folder.
    settings
        Of `CheckSpec`; ``None`` for the run's own.

    Raises
    ------
    SpecError
        If the run has no code of single cells.
    RunError
        If it has no model.
    DataError
        If its reference has changed since.
    """
    one = Run(Path(run))
    return write(one, asked(one, settings))


def write(run: Run, spec: CheckSpec, tell: Callable[[str], None] = lambda _: None) -> dict[str, Any]:
    """As `compute`; ``tell`` is called with a sentence before each step."""
    from core.tasks.finished import finished

    refuse(run)
    tell("Reading the cells")
    own = finished(run)
    made = _checks(run, own, spec, tell)

    def fill(place: Path) -> None:
        made.clusters.to_csv(place / f"{CLUSTERS}.csv", index=False)
        made.singular_values.to_csv(place / f"{SINGULAR}.csv", index=False)
        for name, table in made.likeness.items():
            table.to_csv(place / f"{LIKENESS}_{name}.csv")
        write_json(place / FACTS, dict(made.facts))

    shutil.rmtree(folder(run), ignore_errors=True)
    whole_folder(folder(run), fill)
    return dict(made.facts)


def load(place: Path) -> Checks:
    """Checks kept in ``place``."""
    clusters = pd.read_csv(place / f"{CLUSTERS}.csv", keep_default_na=False)
    likeness = {
        path.stem.removeprefix(f"{LIKENESS}_"): pd.read_csv(path, index_col=0)
        for path in sorted(place.glob(f"{LIKENESS}_*.csv"))
    }
    return Checks(clusters, pd.read_csv(place / f"{SINGULAR}.csv"), likeness, _facts(place))


def _checks(run: Run, own: Finished, spec: CheckSpec, tell: Callable[[str], None]) -> Checks:
    from core.evaluation.orthogonality import code_measures

    code = own.code()
    clusters, cells, groups = _clusters(run, own, code, spec, tell)
    tell("Comparing the units with each other")
    network = own.model.networks[0]
    measured = code_measures(network.code_weight.detach().cpu().numpy(), code)
    likeness = {CODES: measured.correlation, **_profiles(run, own)}
    units = pd.Index([f"unit_{number + 1}" for number in range(code.shape[1])])
    values = measured.singular_values
    facts = {
        "cells": len(code),
        "units": code.shape[1],
        "labels": 0 if own.labels is None else len(np.unique(own.labels)),
        "clustered": cells,
        "groups": groups,
        "off_orthonormal": measured.off_orthonormal,
        "weight": own.model.spec.objective.orthogonality,
        "norm": measured.norm,
        "mean_likeness": measured.likeness,
        "median_likeness": {name: _median(table) for name, table in likeness.items()},
        "run": run_key(run),
        "key": key(run, spec),
    }
    singular = pd.DataFrame({"number": np.arange(1, len(values) + 1), "value": values})
    return Checks(clusters, singular, {name: pd.DataFrame(of, units, units) for name, of in likeness.items()}, facts)


def _clusters(
    run: Run, own: Finished, code: np.ndarray, spec: CheckSpec, tell: Callable[[str], None]
) -> tuple[pd.DataFrame, int, int]:
    """`code_clusters`, of how many cells, and into how many groups; none where nobody says how many."""
    from core.data.normalise import normalised
    from core.embedding.components import principal_components
    from core.evaluation.code_clusters import COLUMNS, code_clusters
    from core.interpretation.saliency import sample_of_each
    from core.tasks.prepare import IMPACT, rng

    if own.labels is None and spec.groups is None:
        return pd.DataFrame(columns=pd.Index(COLUMNS)), 0, 0
    strata = np.zeros(len(code), dtype=str) if own.labels is None else own.labels
    rows = sample_of_each(strata, spec.cells, rng(run.spec, IMPACT))
    tell("Finding the principal components of the genes")
    part = own.aligned.rows(rows).in_memory()
    expression = normalised(part.values, part.unit, "log1p_cp10k", part.library)
    most = min(spec.components, min(expression.shape) - 1)
    genes = principal_components(expression, most, run.spec.seed).scores
    labels = None if own.labels is None else own.labels[rows]
    groups = spec.groups or max(len(np.unique(strata[rows])), 2)
    table = code_clusters(
        code[rows],
        genes,
        labels,
        groups=groups,
        runs=spec.runs,
        seed=run.spec.seed,
        tell=lambda done, of: tell(f"k-means, run {done} of {of}"),
    )
    return table, len(rows), groups


def _profiles(run: Run, own: Finished) -> dict[str, np.ndarray]:
    """Correlation of the units' genes: by what moving them does, where there is a decoder, and by guided saliency."""
    from core.evaluation.orthogonality import correlation
    from core.interpretation.saliency import saliency, sample_of_each
    from core.tasks import unit_step
    from core.tasks.prepare import IMPACT, rng
    from core.tasks.unit_changes import network_changes

    network, found = own.model.networks[0], {}
    if network.decoder is not None:
        found[MOVED] = correlation(network_changes(own, 0, run, unit_step.settings(run.spec)))
    if own.model.transform.loadings is None:
        labels = own.labels if own.labels is not None else own.aligned.library.astype(str) * 0
        rows = sample_of_each(labels, SALIENCY_CELLS, rng(run.spec, IMPACT))
        seen = own.model.transform.apply(own.aligned.rows(rows))
        found[SALIENCY] = correlation(saliency(network, seen, method="guided").absolute)
    return found


def _median(found: np.ndarray) -> float:
    """Median absolute correlation of two units; 0 for one unit."""
    pairs = np.abs(found[np.triu_indices(len(found), k=1)])
    return float(np.median(pairs)) if len(pairs) else 0.0


def _facts(place: Path) -> dict[str, Any]:
    path = place / FACTS
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
