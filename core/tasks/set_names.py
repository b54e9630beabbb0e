"""Gene sets of a file as the cells of a run, or of a project, name their genes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from core.data.gene_table import read_gene_table
from core.data.genes import gene_names
from core.data.identifiers import TRANSLATED
from core.errors import DataError
from core.interpretation.gene_sets import GeneSets, read_gmt
from core.interpretation.set_names import Fit, fit
from core.project import Project
from core.results_file import part
from core.runs.run import Run
from core.specs import SourceSpec
from core.tasks import stored_sets

if TYPE_CHECKING:
    from core.data.dataset import Dataset


@dataclass(frozen=True)
class Names:
    """``genes``: the data's own. ``others``: what names them otherwise, such as a column, to name -> other name."""

    genes: tuple[str, ...]
    others: Mapping[str, Mapping[str, str]]

    def fit(self, sets: GeneSets) -> Fit:
        """How ``sets`` fit."""
        return fit(sets, self.genes, self.others)


def of_run(run: Run) -> Names:
    """Gene names of the cells in the results of ``run``.

    Raises
    ------
    DataError
        If the run has no results.
    """
    if not run.results_path.exists():
        raise DataError("This run has no results yet", run.name, "Wait until it is finished, on the Runs page")
    data = run.spec.data
    source = data.reference if run.spec.task == "represent" else data.query or data.reference
    return _names(part(run.results_path, "var"), source)


def of_project(project: Project) -> Names | None:
    """Gene names of the project's reference; ``None`` where there is none or it has not been read yet."""
    source = project.draft.data.reference
    folder = stored_sets.stored(project, "reference", source) if source else None
    return _names(pd.read_parquet(folder / stored_sets.VAR), source) if folder else None


def names_in(dataset: Dataset) -> Names:
    """Gene names of a data set."""
    return _names(pd.DataFrame(dataset.adata.var), dataset.source)


def sets_of_run(run: Run, path: Path) -> GeneSets:
    """The sets of a GMT file, their genes named as in the cells of ``run``.

    Raises
    ------
    DataError
        If the file cannot be read, or its genes are of another species or another kind of identifier.
    """
    found = of_run(run).fit(read_gmt(path))
    found.refuse()
    return found.sets


def _names(var: pd.DataFrame, source: SourceSpec | None) -> Names:
    genes = tuple(var.index.astype(str))
    own = gene_names(genes).kind
    others: dict[str, Mapping[str, str]] = {}
    for column in var.columns:
        texts = var[column].dropna().astype(str)
        kind = gene_names(texts).kind
        if kind != own and kind in TRANSLATED:
            others[f"the column `{column}`"] = dict(zip(texts.index.astype(str), texts, strict=True))
    if source is not None and source.gene_table:
        table = read_gene_table(Path(source.gene_table).expanduser())
        identified = any(gene in table for gene in genes)
        others["the table of gene names"] = table if identified else {name: each for each, name in table.items()}
    return Names(genes, others)
