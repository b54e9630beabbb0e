"""Pathway impact of a finished run as a stored result: any gene-set file, all cells or groups of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from core.errors import SpecError
from core.files import write_json
from core.project import Project
from core.runs.run import Run
from core.specs import ImpactSpec, RunSpec
from core.tasks.finished import file_key, finished, run_key

FACTS = "facts.json"
INDEXED = ("impact", "impact_expected", "impact_z", "impact_p", "impact_control")
LEVEL = 0.05
"""Largest adjusted p that counts as beyond chance."""


@dataclass(frozen=True)
class Impact:
    """Impact of gene sets on code units.

    ``impact``, ``expected``: gene set x unit, 0 to 1 (a difference of groups: -1 to 1). ``z``, ``p``: standard
    deviations above shuffled genes, and adjusted p. ``control``: gene set x cell type without a network, in standard
    deviations; None without labels. ``findings``: one row for each impact beyond chance. ``facts``: plain numbers.
    """

    impact: pd.DataFrame
    expected: pd.DataFrame
    z: pd.DataFrame
    p: pd.DataFrame
    control: pd.DataFrame | None
    findings: pd.DataFrame
    facts: Mapping[str, Any]

    @property
    def beyond(self) -> pd.DataFrame:
        """Gene set x unit, true where the impact is beyond chance."""
        return self.p <= LEVEL

    def ordered(self, units: Sequence[str] = ()) -> list[str]:
        """Gene sets, those beyond chance first, the highest z in ``units`` (all where none are given) on top."""
        z = (self.z[list(units)] if len(units) else self.z).abs().max(axis=1)
        table = pd.DataFrame({"beyond": self.beyond.any(axis=1), "z": z})
        ordered = table.sort_values(["beyond", "z"], ascending=False, kind="stable")
        return [str(name) for name in ordered.index]


def refusal(spec: RunSpec) -> str:
    """Why a run of ``spec`` has no pathway impact; empty where it has one."""
    if spec.task not in ("represent", "annotate"):
        return "Its network was not trained on single cells for codes or labels."
    return "Its network sees principal components, not genes." if spec.data.transform.components else ""


def settings(spec: RunSpec) -> ImpactSpec:
    """The run's own settings of the impact, else the usual ones."""
    return getattr(spec.analysis, "impact", ImpactSpec())


def key(project: Project, run: Run, gene_sets: Path, first: str = "", second: str = "") -> str:
    """Under which the result of these cells and gene sets is stored; ``first`` and ``second`` as in `compute`."""
    return project.key("impact", run_key(run), file_key(gene_sets), settings(run.spec), first, second)


def stored(project: Project, run: Run, gene_sets: Path, first: str = "", second: str = "") -> Impact | None:
    """The impact as it was computed here or, on all cells with the run's own file, by the run itself."""
    folder = project.stored("impact", key(project, run, gene_sets, first, second))
    if folder:
        return load(folder)
    own = run.spec.data.gene_sets
    if not first and own and Path(own) == gene_sets and (run.directory / "impact_findings.csv").exists():
        return of_run(run)
    return None


def compute(project_root: str, run: str, gene_sets: str, first: str = "", second: str = "") -> dict[str, Any]:
    """Compute the impact, keep it in the project and return its facts.

    Parameters
    ----------
    project_root, run
        The project and the folder of one of its runs.
    gene_sets
        A GMT file.
    first
        Only the cells of this label; empty for all cells.
    second
        With ``first``: the impact on ``first`` minus that on this label.

    Raises
    ------
    SpecError
        If the run's network has no impact.
    DataError
        If a file cannot be read, no set has enough genes, or a label has no cells.
    """
    from core.interpretation.gene_sets import read_gmt
    from core.tasks.impact_groups import impact_of
    from core.tasks.prepare import IMPACT, rng

    project = Project(Path(project_root))
    found = project.run(run)
    why = refusal(found.spec)
    if why:
        raise SpecError("This run has no pathway impact", found.name, why)
    sets = read_gmt(Path(gene_sets))
    result = impact_of(finished(found), sets, settings(found.spec), rng(found.spec, IMPACT), first, second)

    def write(folder: Path) -> None:
        for name, table in result.tables.items():
            table.to_parquet(folder / f"{name}.parquet")
        write_json(folder / FACTS, result.facts)

    project.store("impact", key(project, found, Path(gene_sets), first, second), write)
    return result.facts


def load(folder: Path) -> Impact:
    """A result kept in ``folder``."""
    tables = {path.stem: pd.read_parquet(path) for path in folder.glob("*.parquet")}
    return _impact_of(tables, json.loads((folder / FACTS).read_text(encoding="utf-8")))


def of_run(run: Run) -> Impact:
    """What the run itself wrote."""
    names = (*INDEXED, "impact_findings")
    paths = {name: run.directory / f"{name}.csv" for name in names}
    return _impact_of({name: pd.read_csv(path) for name, path in paths.items() if path.exists()}, run.summary["impact"])


def _impact_of(tables: Mapping[str, pd.DataFrame], facts: Mapping[str, Any]) -> Impact:
    indexed = {name: tables[name].set_index("gene_set") for name in INDEXED if name in tables}
    return Impact(
        impact=indexed["impact"],
        expected=indexed["impact_expected"],
        z=indexed["impact_z"],
        p=indexed["impact_p"],
        control=indexed.get("impact_control"),
        findings=tables["impact_findings"],
        facts=facts,
    )
