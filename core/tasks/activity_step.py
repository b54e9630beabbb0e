"""Activity of gene sets in each cell of a finished run, without its network, as a stored result of the project."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from core import keys
from core.data.units import LARGEST_LOG
from core.errors import SpecError
from core.files import write_json
from core.project import Project
from core.results import Results
from core.results_file import names, row_parts
from core.runs.run import Run
from core.specs import ActivitySpec, RunSpec
from core.tasks.finished import file_key, run_key

if TYPE_CHECKING:
    from core.data.normalise import Matrix

SCORES, MEANS, Z, FACTS = "scores.parquet", "means.parquet", "z.parquet", "facts.json"
CELLS_AT_ONCE = 1000
"""About 200 MB of 25,000 genes, which the linear model looks at as a full table."""
UNITS = {"ulm": "t", "aucell": "AUC, 0 to 1"}
"""What the numbers of each score are."""


@dataclass(frozen=True)
class Activity:
    """Activity of gene sets in cells.

    ``means``, ``z``: gene set x label, the mean score and how many standard deviations of the score over all cells it
    lies above their mean; None without labels. ``facts``: method, cells, sets, sets_left_out, genes, label_column and
    gene_sets (file name).
    """

    folder: Path
    means: pd.DataFrame | None
    z: pd.DataFrame | None
    facts: Mapping[str, Any]

    @cached_property
    def ranks(self) -> pd.DataFrame:
        """Gene set x label, 1 for the set with the highest z in the label's cells."""
        from core.interpretation.control import ranked

        return ranked(_given(self.z))

    @cached_property
    def sets(self) -> list[str]:
        """The sets that were scored, in the file's order."""
        from pyarrow.parquet import read_schema

        return [name for name in read_schema(self.folder / SCORES).names if name != "cell"]

    def scores(self) -> pd.DataFrame:
        """Cells x gene sets, float32."""
        return pd.read_parquet(self.folder / SCORES).set_index("cell")

    def of_set(self, name: str) -> pd.Series:
        """(n_cells,), the scores of one set."""
        return pd.read_parquet(self.folder / SCORES, columns=[name]).loc[:, name]

    def ordered(self) -> list[str]:
        """Gene sets, each label's highest together, in the order of the labels."""
        z = _given(self.z)
        best = z.to_numpy().argmax(axis=1)
        table = pd.DataFrame({"label": best, "z": -z.max(axis=1)})
        return [str(name) for name in table.sort_values(["label", "z"], kind="stable").index]

    def strongest(self, most: int) -> list[str]:
        """The ``most`` sets whose z is highest in any label, in the order of `ordered`."""
        kept = set(_given(self.z).max(axis=1).nlargest(most).index)
        return [name for name in self.ordered() if name in kept]


def refusal(spec: RunSpec) -> str:
    """Why cells of a run of ``spec`` have no activity; empty where they have."""
    return "" if spec.task in ("represent", "annotate") else "It has no cells of its own."


def settings(spec: RunSpec) -> ActivitySpec:
    """The run's own settings of the activity, else the usual ones."""
    return getattr(spec.analysis, "activity", ActivitySpec())


def key(project: Project, run: Run, gene_sets: Path, spec: ActivitySpec) -> str:
    """Under which the result of these gene sets and settings is stored."""
    return project.key("activity", run_key(run), file_key(gene_sets), spec)


def stored(project: Project, run: Run, gene_sets: Path, spec: ActivitySpec) -> Activity | None:
    """The result, or ``None`` where it is missing."""
    folder = project.stored("activity", key(project, run, gene_sets, spec))
    return load(folder) if folder else None


def compute(project_root: str, run: str, gene_sets: str, settings: dict[str, Any]) -> dict[str, Any]:
    """Score the cells of a run, keep the scores in the project and return the facts.

    Parameters
    ----------
    project_root, run
        The project and the folder of one of its runs.
    gene_sets
        A GMT file.
    settings
        An ``ActivitySpec`` as plain values.

    Raises
    ------
    SpecError
        If the run has no cells of its own, or a setting does not fit.
    DataError
        If the file cannot be read, does not fit the data, or no set has enough genes.
    MissingExtraError
        If decoupler is not installed.
    """
    from core.specs import parse

    project, spec = Project(Path(project_root)), parse(ActivitySpec, settings)
    found = project.run(run)
    made = key(project, found, Path(gene_sets), spec)
    project.store("activity", made, lambda folder: write(folder, found, Path(gene_sets), spec))
    kept = project.stored("activity", made)
    assert kept is not None
    return dict(load(kept).facts)


def write(folder: Path, run: Run, gene_sets: Path, spec: ActivitySpec) -> None:
    """Score the cells of ``run`` and write the tables into ``folder``; raises as `compute` does."""
    import numpy as np

    from core.interpretation.activity import activity, by_label
    from core.tasks.set_names import of_run, sets_of_run

    why = refusal(run.spec)
    if why:
        raise SpecError("This run has no activity of gene sets", run.name, why)
    sets, genes, results = sets_of_run(run, gene_sets), of_run(run).genes, Results(run)
    scores = activity(lambda: expression(run.results_path), genes, sets, spec)
    column, left_out = results.label_column, len(sets) - scores.shape[1]
    if column:
        values = results.column(column).astype(object)
        labelled = np.flatnonzero(values.notna().to_numpy())
        means, z = by_label(scores.iloc[labelled], values.to_numpy()[labelled])
        means.to_parquet(folder / MEANS)
        z.to_parquet(folder / Z)
    scores.insert(0, "cell", results.obs.index.astype(str))
    scores.to_parquet(folder / SCORES, index=False)
    facts = {"method": spec.method, "cells": len(scores), "sets": scores.shape[1] - 1, "sets_left_out": left_out}
    facts |= {"genes": len(genes), "label_column": column, "gene_sets": gene_sets.name}
    write_json(folder / FACTS, facts)


def load(folder: Path) -> Activity:
    """A result kept in ``folder``."""
    tables = [pd.read_parquet(folder / name) if (folder / name).exists() else None for name in (MEANS, Z)]
    return Activity(folder, *tables, facts=json.loads((folder / FACTS).read_text(encoding="utf-8")))


def expression(path: Path) -> Iterator[Matrix]:
    """Log expression of the cells of a results file, a thousand cells at a time, (n, n_genes) each.

    What the file holds without counts may be linear; it is logged then.
    """
    import numpy as np

    parts = partial(row_parts, path, "X", CELLS_AT_ONCE)
    linear = keys.COUNTS not in names(path, "layers") and any(part.max() > LARGEST_LOG for part in parts())
    for part in parts():
        yield np.log1p(part) if linear else part


def _given(z: pd.DataFrame | None) -> pd.DataFrame:
    if z is None:
        raise SpecError("The cells have no labels", None, "Choose the label column on the Data page")
    return z
