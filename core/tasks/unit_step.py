"""What each code unit of a finished run moves and what its genes have in common, as a stored result of the project."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.files import whole_folder, write_json
from core.project import Project
from core.runs.run import Run
from core.specs import RunSpec, UnitSpec, parse
from core.tasks.finished import file_key, model_of, run_key

FEWEST_GENES = 20
SHARE_OF_GENES = 10
"""At most one gene in ten is taken: most of a short gene list has nothing in common."""
MOST_TERMS = 100
LEVEL = 0.05
"""Largest adjusted p of a term that a unit is joined with."""
COLUMN = {"benjamini_hochberg": "p_adjusted", "bonferroni": "p_bonferroni"}
"""Where each correction of p lies in the table of terms."""
MOVED = ("amount", "direction", "baseline")
"""Settings that decide how genes change; the others are those of the terms."""
TERMED = ("top_genes", "min_genes", "correction")
CHANGES, GENES, TERMS, LINKS, FACTS = "changes.parquet", "genes.parquet", "terms.parquet", "links.parquet", "facts.json"
TERM_COLUMNS = ("unit", "gene_set", "overlap", "size", "odds_ratio", "p", "p_adjusted", "p_bonferroni", "genes")
LINK_COLUMNS = ("unit", "gene_set", "overlap", "strength", "units")


@dataclass(frozen=True)
class Units:
    """``genes``: unit, rank, gene, difference. ``terms``: unit and what `enrichment` says. ``links``: `unit_links`.

    ``changes``: gene x unit, what moving the unit does to every gene. ``facts``: ``by`` (``decoder``: change of the
    reproduced profile; ``saliency``: mean derivative), ``background`` (how many genes), ``taken`` (genes tested of each
    unit), ``gene_sets`` (file name, empty without), ``cells`` (averaged over), and the settings that it was made with.
    """

    genes: pd.DataFrame
    terms: pd.DataFrame
    links: pd.DataFrame
    changes: pd.DataFrame
    facts: Mapping[str, Any]


def settings(spec: RunSpec) -> UnitSpec:
    """The run's own settings of its units, else the usual ones."""
    return getattr(spec.analysis, "units", UnitSpec())


def key(project: Project, run: Run, gene_sets: Path | None, spec: UnitSpec | None = None) -> str:
    """Under which the result of these gene sets and settings (the run's own by default) is stored."""
    asked = spec or settings(run.spec)
    kept = {name: getattr(asked, name) for name in (*MOVED, *TERMED)}
    return project.key("units", run_key(run), file_key(gene_sets) if gene_sets else "", kept)


def stored(project: Project, run: Run, gene_sets: Path | None, spec: UnitSpec | None = None) -> Units | None:
    """The result, or ``None`` where it is missing."""
    folder = project.stored("units", key(project, run, gene_sets, spec))
    return load(folder) if folder else None


def compute(
    project_root: str, run: str, gene_sets: str = "", settings: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Move each unit in turn, find its genes and their terms, keep all of it and return the facts.

    Parameters
    ----------
    project_root, run
        The project and the folder of one of its runs.
    gene_sets
        A GMT file; empty for genes alone.
    settings
        Of `UnitSpec`; ``None`` for the run's own.

    Raises
    ------
    SpecError
        If neither a decoder nor single genes lead to a gene list.
    DataError
        If a file cannot be read, no set has enough genes of the network, or no cell has the baseline's label.
    """
    project = Project(Path(project_root))
    found = project.run(run)
    spec = asked(found, settings)
    sets = Path(gene_sets) if gene_sets else None
    made = units_of(found, sets, spec)
    project.store("units", key(project, found, sets, spec), lambda folder: save(made, folder))
    keep_last(found, made)
    return dict(made.facts)


def last_folder(run: Run) -> Path:
    """Where the units lie as they were computed last, as CSV files that leave."""
    return run.directory / "checks" / "units"


def keep_last(run: Run, made: Units) -> None:
    """Keep the tables beside the run, in place of those computed before with other settings."""
    tables = {"units": overview(made), "unit_genes": made.genes, "unit_terms": made.terms, "unit_links": made.links}

    def fill(folder: Path) -> None:
        for name, table in tables.items():
            if len(table):
                table.to_csv(folder / f"{name}.csv", index=False)
        write_json(folder / FACTS, {**made.facts, "run": run_key(run)})

    shutil.rmtree(last_folder(run), ignore_errors=True)
    whole_folder(last_folder(run), fill)


def asked(run: Run, values: Mapping[str, Any] | None) -> UnitSpec:
    """``values`` as settings; the run's own where there are none."""
    return settings(run.spec) if values is None else parse(UnitSpec, dict(values), "analysis.units")


def units_of(run: Run, gene_sets: Path | None, spec: UnitSpec) -> Units:
    """What `compute` keeps.

    Source: Cell Identity Codes, genes behind each unit, and the terms that units share.
    """
    from core.interpretation.enrichment import unit_enrichment, unit_links
    from core.interpretation.perturbation import top_genes
    from core.tasks.set_names import sets_of_run
    from core.tasks.unit_changes import changes

    model = model_of(run)
    moved, facts = changes(model, run, spec)
    taken = min(spec.top_genes, max(FEWEST_GENES, len(model.genes) // SHARE_OF_GENES))
    genes = top_genes(moved, model.genes, n=taken)
    terms, links = pd.DataFrame(columns=pd.Index(TERM_COLUMNS)), pd.DataFrame(columns=pd.Index(LINK_COLUMNS))
    if gene_sets:
        terms = unit_enrichment(genes, sets_of_run(run, gene_sets), model.genes, min_genes=spec.min_genes)
        links = unit_links(terms, level=LEVEL, column=COLUMN[spec.correction])
        terms = terms.groupby("unit", sort=False).head(MOST_TERMS).reset_index(drop=True)
    facts |= {"background": len(model.genes), "taken": taken, "gene_sets": gene_sets.name if gene_sets else ""}
    facts |= {name: getattr(spec, name) for name in (*MOVED, *TERMED)}
    names = pd.Index([f"unit_{number + 1}" for number in range(len(moved))])
    table = pd.DataFrame(moved.T.astype(np.float32), index=pd.Index(model.genes, name="gene"), columns=names)
    return Units(genes, terms, links, table, facts)


def save(made: Units, folder: Path) -> None:
    """Keep a result in ``folder``."""
    made.changes.to_parquet(folder / CHANGES)
    for name, table in ((GENES, made.genes), (TERMS, made.terms), (LINKS, made.links)):
        table.to_parquet(folder / name)
    write_json(folder / FACTS, dict(made.facts))


def load(folder: Path) -> Units:
    """A result kept in ``folder``."""
    tables = [pd.read_parquet(folder / name) for name in (GENES, TERMS, LINKS, CHANGES)]
    return Units(*tables, facts=json.loads((folder / FACTS).read_text(encoding="utf-8")))


def overview(made: Units) -> pd.DataFrame:
    """One row for each unit: unit; genes, the five that change most, joined by ", "; term, p_adjusted and p_bonferroni.

    ``term`` is the most certain gene set, whatever its p; missing without gene sets.
    """
    genes = made.genes.loc[made.genes["rank"] <= 5].groupby("unit", sort=False)["gene"].agg(", ".join)
    table = genes.rename("genes").reset_index()
    first = made.terms.drop_duplicates("unit").set_index("unit").reindex(table["unit"])
    return table.assign(
        term=first["gene_set"].to_numpy(),
        p_adjusted=first["p_adjusted"].to_numpy(dtype=float),
        p_bonferroni=first["p_bonferroni"].to_numpy(dtype=float),
    )
