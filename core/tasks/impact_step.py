"""Pathway impact of a finished run as a stored result: any gene-set file, all cells or groups of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from core.errors import SpecError
from core.files import write_json
from core.project import Project
from core.runs.run import Run
from core.saved import Saved
from core.specs import ImpactSpec, RunSpec, parse
from core.tasks.finished import file_key, run_key
from core.tasks.impact_names import REST, SELECTION

if TYPE_CHECKING:
    from core.tasks.impact import ImpactTables

FACTS = "facts.json"
INDEXED = ("impact", "impact_expected", "impact_z", "impact_p", "impact_control", "impact_units")
COLUMNS = ("impact", "z", "p_adjusted")
LEVEL = 0.05
"""Largest adjusted p that counts as beyond chance."""


@dataclass(frozen=True)
class Impact:
    """Impact of gene sets on code units.

    ``impact``, ``expected``: gene set x unit, 0 to 1 (a difference of groups, or signed: -1 to 1). ``z``, ``p``:
    standard deviations above shuffled genes, and adjusted p. ``control``: gene set x cell type without a network, in
    standard deviations; None without labels. ``findings``: one row for each impact beyond chance. ``facts``: plain
    numbers. ``units``: where columns are labels, each minus the rest, the unit behind each number; else None.
    """

    impact: pd.DataFrame
    expected: pd.DataFrame
    z: pd.DataFrame
    p: pd.DataFrame
    control: pd.DataFrame | None
    findings: pd.DataFrame
    facts: Mapping[str, Any]
    units: pd.DataFrame | None = None

    @property
    def around_zero(self) -> bool:
        """Whether impact is -1 to 1, with 0 in the middle, and tested to both sides."""
        return bool(self.facts.get("second")) or self.facts.get("measure") == "signed"

    @property
    def preview(self) -> bool:
        """Whether it was measured on a sample of the cells."""
        return self.facts["cells"] < self.facts.get("of_cells", 0)

    def weak(self, below: float) -> list[str]:
        """Units whose strongest impact stays below this share of the strongest of all."""
        known = self.facts.get("strength")
        return list(self.facts.get("weak_units", ())) if known is None else [u for u, at in known.items() if at < below]

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
    if spec.task == "evaluate":
        return "It compares methods: choose one that represents or labels cells, or takes bulk samples apart."
    return "Its network sees principal components, not genes." if spec.data.transform.components else ""


def settings(spec: RunSpec) -> ImpactSpec:
    """The run's own settings of the impact, else the usual ones."""
    return getattr(spec.analysis, "impact", ImpactSpec())


def key(
    project: Project, run: Run, gene_sets: Path, first: str = "", second: str = "", spec: ImpactSpec | None = None
) -> str:
    """Under which the result of these cells, gene sets and settings is stored; ``first`` and so on as in `compute`."""
    asked = (spec or settings(run.spec)).computed
    saved = Saved.of(project, run)
    paths = [
        saved.selection_path(name.removeprefix(SELECTION)) for name in (first, second) if name.startswith(SELECTION)
    ]
    drawn = [file_key(path) for path in paths if path.exists()]
    return project.key("impact", run_key(run), file_key(gene_sets), asked, first, second, *drawn)


def stored(
    project: Project, run: Run, gene_sets: Path, first: str = "", second: str = "", spec: ImpactSpec | None = None
) -> Impact | None:
    """The impact as it was computed here or, on all cells with the run's own file and settings, by the run itself."""
    spec = spec or settings(run.spec)
    folder = project.stored("impact", key(project, run, gene_sets, first, second, spec))
    if folder:
        return load(folder)
    own = run.spec.data.gene_sets
    same = own and Path(own) == gene_sets and spec.computed == settings(run.spec).computed
    if same and not first and not second and (run.directory / "impact_findings.csv").exists():
        return of_run(run)
    return None


def compute(
    project_root: str,
    run: str,
    gene_sets: str,
    first: str = "",
    second: str = "",
    settings_of: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Compute the impact, keep it in the project and return its facts.

    Parameters
    ----------
    project_root, run
        The project and the folder of one of its runs.
    gene_sets
        A GMT file.
    first
        Only the cells of this label, or of a selection named ``selection:NAME``; empty for all cells.
    second
        With ``first``: the impact on ``first`` minus that on this label, selection, or all other cells (``rest``).
        ``rest`` without ``first``: each label minus the rest, together and each by itself.
    settings_of
        Of `ImpactSpec`; the run's own where nothing is given.

    Raises
    ------
    SpecError
        If the run's network has no impact.
    DataError
        If a file cannot be read or does not fit the data, no set has enough genes, or a label has no cells.
    """
    from core.tasks.set_names import sets_of_run

    project, path = Project(Path(project_root)), Path(gene_sets)
    found = project.run(run)
    spec = settings(found.spec) if settings_of is None else parse(ImpactSpec, dict(settings_of))
    results = measure(found, sets_of_run(found, path), spec, first, second, Saved.of(project, found))
    for groups, result in results.items():
        keys = {key(project, found, path, *groups, spec)}
        if result.facts["cells"] == result.facts["of_cells"]:  # a sample that was not needed is no sample
            keys.add(key(project, found, path, *groups, spec.model_copy(update={"max_cells": None})))
        for name in keys:
            project.store("impact", name, partial(write, result))
    return dict(results[first, second].facts)


def measure(
    run: Run,
    sets: Mapping[str, Sequence[str]],
    spec: ImpactSpec,
    first: str = "",
    second: str = "",
    saved: Saved | None = None,
) -> dict[tuple[str, str], ImpactTables]:
    """What `compute` stores, by its two groups of cells: one result, or of each label and all together.

    Raises
    ------
    SpecError, DataError
        As for `compute`.
    """
    from core.tasks.impact_each import impact_of_each
    from core.tasks.impact_groups import impact_of
    from core.tasks.impact_source import cells_of
    from core.tasks.prepare import IMPACT, rng

    why = refusal(run.spec)
    if why:
        raise SpecError("This run has no pathway impact", run.name, why)
    cells, draw = cells_of(run, (first, second), saved), rng(run.spec, IMPACT)
    if second == REST and not first:
        found = impact_of_each(cells.own, sets, spec, draw)
        results = {("", REST): found.together} | {(kind, REST): each for kind, each in found.apart.items()}
    else:
        results = {(first, second): impact_of(cells.own, sets, spec, draw, first, second, cells.selections)}
    simulated = {"simulated": True} if run.spec.task == "deconvolve" else {}
    return {
        groups: replace(each, facts={**each.facts, **simulated, "first": groups[0], "second": groups[1]})
        for groups, each in results.items()
    }


def write(result: ImpactTables, folder: Path) -> None:
    """Keep a result in ``folder``, where `load` finds it."""
    for name, table in result.tables.items():
        table.to_parquet(folder / f"{name}.parquet")
    write_json(folder / FACTS, result.facts)


def load(folder: Path) -> Impact:
    """A result kept in ``folder``."""
    tables = {path.stem: pd.read_parquet(path) for path in folder.glob("*.parquet")}
    return impact_of_tables(tables, json.loads((folder / FACTS).read_text(encoding="utf-8")))


def of_run(run: Run) -> Impact:
    """What the run itself wrote."""
    names = (*INDEXED, "impact_findings")
    paths = {name: run.directory / f"{name}.csv" for name in names}
    return impact_of_tables(
        {name: pd.read_csv(path) for name, path in paths.items() if path.exists()}, run.summary["impact"]
    )


def by_label(results: Mapping[tuple[str, str], ImpactTables]) -> pd.DataFrame:
    """Each label minus the rest, from `measure`: label, gene_set, unit, impact, z, p_adjusted."""
    parts = []
    for (label, _), result in results.items():
        if label:
            found = impact_of_tables(result.tables, result.facts)
            tables = zip(COLUMNS, (found.impact, found.z, found.p), strict=True)
            long = pd.DataFrame({name: table.stack() for name, table in tables})
            parts.append(long.rename_axis(["gene_set", "unit"]).reset_index().assign(label=label))
    return pd.concat(parts, ignore_index=True).loc[:, ["label", "gene_set", "unit", *COLUMNS]]


def impact_of_tables(tables: Mapping[str, pd.DataFrame], facts: Mapping[str, Any]) -> Impact:
    """Tables and facts as they are written, made one."""
    indexed = {name: tables[name].set_index("gene_set") for name in INDEXED if name in tables}
    return Impact(
        impact=indexed["impact"],
        expected=indexed["impact_expected"],
        z=indexed["impact_z"],
        p=indexed["impact_p"],
        control=indexed.get("impact_control"),
        findings=tables["impact_findings"],
        facts=facts,
        units=indexed.get("impact_units"),
    )
