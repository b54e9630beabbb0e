"""What a gene-set file is to the cells at hand: whether it fits, and what its sets share, as a stored result."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from core.errors import DataError
from core.files import write_json
from core.project import Project
from core.specs import ImpactSpec
from core.tasks.finished import file_key, run_key
from core.tasks.set_names import Names, of_project, of_run

FACTS, PAIRS, JACCARD = "facts.json", "pairs.parquet", "jaccard.parquet"


@dataclass(frozen=True)
class Described:
    """What is known of the sets of a file.

    ``words``: how they fit the data, in a sentence; ``refused``: whether they are of no use there. ``circular``:
    whether they were made of these cells' labels. ``sets``, ``usable``: how many, and how many have enough genes.
    ``nearly``: pairs of which the smaller lies in the other for the most part. ``pairs``: as `overlaps` gives them.
    ``jaccard``: set x set, those that share most.
    """

    words: str
    refused: bool
    circular: bool
    sets: int
    usable: int
    nearly: int
    pairs: pd.DataFrame
    jaccard: pd.DataFrame


def stored(project: Project, run: str, gene_sets: Path) -> Described | None:
    """The description, or ``None`` where it is missing."""
    folder = project.stored("gene_sets", _key(project, run, gene_sets))
    if folder is None:
        return None
    facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
    return Described(pairs=pd.read_parquet(folder / PAIRS), jaccard=pd.read_parquet(folder / JACCARD), **facts)


def describe(project_root: str, run: str, gene_sets: str) -> None:
    """Look the sets of a file up in the cells, compare them with each other, and keep what was found.

    Parameters
    ----------
    project_root
        The project.
    run
        Folder of the run whose cells are meant; empty for the project's reference.
    gene_sets
        A GMT file.

    Raises
    ------
    DataError
        If the file cannot be read, or there are no cells.
    """
    project, path = Project(Path(project_root)), Path(gene_sets)
    names = names_of(project, run)
    if names is None:
        raise DataError("There are no cells to look gene sets up in", None, "Bring a reference on the Data page")
    facts, pairs, jaccard = _described(names, path)

    def write(folder: Path) -> None:
        pairs.to_parquet(folder / PAIRS)
        jaccard.to_parquet(folder / JACCARD)
        write_json(folder / FACTS, facts)

    project.store("gene_sets", _key(project, run, path), write)


def names_of(project: Project, run: str) -> Names | None:
    """Gene names of the cells of a run, or of the project's reference where ``run`` is empty."""
    return of_run(project.run(run)) if run else of_project(project)


def _described(names: Names, path: Path) -> tuple[dict[str, Any], pd.DataFrame, pd.DataFrame]:
    from core.interpretation.gene_sets import read_gmt
    from core.interpretation.set_overlap import jaccard_matrix, nearly_same, overlaps
    from core.tasks.set_files import circular

    sets, fewest = read_gmt(path), ImpactSpec().min_genes
    fit, known = names.fit(sets), set(names.genes)
    usable = sum(len(known.intersection(genes)) >= fewest for genes in fit.sets.values())
    facts = {"words": fit.words, "circular": circular(sets), "sets": len(sets), "usable": usable, "nearly": 0}
    try:
        fit.refuse()
        pairs = overlaps(fit.sets, names.genes, min_genes=fewest)
        jaccard = jaccard_matrix(fit.sets, names.genes, min_genes=fewest)
    except DataError:
        return facts | {"refused": True}, pd.DataFrame(), pd.DataFrame()
    return facts | {"refused": False, "nearly": len(nearly_same(pairs))}, pairs, jaccard


def _key(project: Project, run: str, gene_sets: Path) -> str:
    data = project.draft.data
    return project.key("gene_sets", file_key(gene_sets), run_key(project.run(run)) if run else data.reference)
