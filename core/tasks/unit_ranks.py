"""Ranked enrichment (GSEA) of one code unit of a finished run, as a stored result of the project."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from core.project import Project
from core.runs.run import Run
from core.specs import UnitSpec
from core.tasks import unit_step
from core.tasks.unit_step import Units

TABLE = "ranked.parquet"


def key(project: Project, run: Run, gene_sets: Path, spec: UnitSpec, unit: int) -> str:
    """Under which the table of one unit, numbered from 0, is stored."""
    own = unit_step.key(project, run, gene_sets, spec)
    return project.key("unit_ranks", own, spec.permutations, spec.seed, unit)


def stored(project: Project, run: Run, gene_sets: Path, spec: UnitSpec, unit: int) -> pd.DataFrame | None:
    """The table, or ``None`` where it is missing."""
    folder = project.stored("unit_ranks", key(project, run, gene_sets, spec, unit))
    return pd.read_parquet(folder / TABLE) if folder else None


def compute(project_root: str, run: str, gene_sets: str, settings: Mapping[str, Any], unit: int) -> int:
    """Test all genes of one unit, in their order, keep the table and return how many sets were tested.

    Parameters
    ----------
    project_root, run
        The project and the folder of one of its runs, whose units were moved before with the same settings.
    gene_sets
        A GMT file.
    settings
        Of `UnitSpec`.
    unit
        Number of the unit, from 0.

    Raises
    ------
    DataError
        If a file cannot be read, no set has enough genes of the network, or the unit changes no gene.
    """
    from core.tasks.set_names import sets_of_run

    project = Project(Path(project_root))
    found, sets = project.run(run), Path(gene_sets)
    spec = unit_step.asked(found, settings)
    made = unit_step.stored(project, found, sets, spec) or unit_step.units_of(found, sets, spec)
    table = ranked(made, sets_of_run(found, sets), spec, unit)
    project.store("unit_ranks", key(project, found, sets, spec, unit), lambda folder: table.to_parquet(folder / TABLE))
    return len(table)


def ranked(made: Units, gene_sets: Mapping[str, Sequence[str]], spec: UnitSpec, unit: int) -> pd.DataFrame:
    """What `ranked_enrichment` says of one unit, numbered from 0; ``gene_sets``: name to genes."""
    from core.interpretation.ranked_enrichment import ranked_enrichment

    return ranked_enrichment(
        made.changes.iloc[:, unit].to_numpy(dtype=float),
        [str(gene) for gene in made.changes.index],
        gene_sets,
        min_genes=spec.min_genes,
        permutations=spec.permutations,
        seed=spec.seed,
    )
