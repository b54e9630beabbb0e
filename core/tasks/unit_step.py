"""What each code unit of a finished run moves and what its genes have in common, as a stored result of the project."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from core.errors import SpecError
from core.files import write_json
from core.project import Project
from core.runs.run import Run
from core.tasks.finished import file_key, model_of, run_key

if TYPE_CHECKING:
    import numpy as np

    from core.model import TrainedModel

TOP_GENES = 100
"""Genes of each unit that are tested for what they have in common, as published for 20,184 genes."""
FEWEST_GENES = 20
SHARE_OF_GENES = 10
"""At most one gene in ten is taken: most of a short gene list has nothing in common."""
RAISED_BY = 2.0
"""Standard deviations."""
MOST_CELLS = 2000
"""Cells that the saliency is averaged over where there is no decoder."""
MOST_TERMS = 100
GENES, TERMS, LINKS, FACTS = "genes.parquet", "terms.parquet", "links.parquet", "facts.json"


@dataclass(frozen=True)
class Units:
    """``genes``: unit, rank, gene, difference. ``terms``: unit and what `enrichment` says. ``links``: `unit_links`.

    ``facts``: ``by`` (``decoder``: change of the reproduced profile; ``saliency``: mean derivative), ``background``
    (how many genes), ``taken`` (genes tested of each unit), ``gene_sets`` (file name, empty without), ``cells``
    (averaged over).
    """

    genes: pd.DataFrame
    terms: pd.DataFrame
    links: pd.DataFrame
    facts: Mapping[str, Any]


def key(project: Project, run: Run, gene_sets: Path | None) -> str:
    """Under which the result of these gene sets is stored."""
    return project.key("units", run_key(run), file_key(gene_sets) if gene_sets else "")


def stored(project: Project, run: Run, gene_sets: Path | None) -> Units | None:
    """The result, or ``None`` where it is missing."""
    folder = project.stored("units", key(project, run, gene_sets))
    return load(folder) if folder else None


def compute(project_root: str, run: str, gene_sets: str = "") -> dict[str, Any]:
    """Raise each unit in turn, find its genes and their terms, keep all of it and return the facts.

    Parameters
    ----------
    project_root, run
        The project and the folder of one of its runs.
    gene_sets
        A GMT file; empty for genes alone.

    Raises
    ------
    SpecError
        If neither a decoder nor single genes lead to a gene list.
    DataError
        If a file cannot be read or no set has enough genes of the network.

    Source: Cell Identity Codes, genes behind each unit, and the terms that units share.
    """
    from core.interpretation.enrichment import unit_enrichment, unit_links
    from core.interpretation.gene_sets import read_gmt
    from core.interpretation.perturbation import top_genes

    project = Project(Path(project_root))
    found = project.run(run)
    model = model_of(found)
    changes, facts = _changes(model, found)
    taken = min(TOP_GENES, max(FEWEST_GENES, len(model.genes) // SHARE_OF_GENES))
    genes = top_genes(changes, model.genes, n=taken)
    terms, links = pd.DataFrame(columns=pd.Index(TERM_COLUMNS)), pd.DataFrame(columns=pd.Index(LINK_COLUMNS))
    if gene_sets:
        terms = unit_enrichment(genes, read_gmt(Path(gene_sets)), model.genes)
        links = unit_links(terms)
        terms = terms.groupby("unit", sort=False).head(MOST_TERMS).reset_index(drop=True)
    facts |= {"background": len(model.genes), "taken": taken, "gene_sets": Path(gene_sets).name if gene_sets else ""}

    def write(folder: Path) -> None:
        for name, table in ((GENES, genes), (TERMS, terms), (LINKS, links)):
            table.to_parquet(folder / name)
        write_json(folder / FACTS, facts)

    project.store("units", key(project, found, Path(gene_sets) if gene_sets else None), write)
    return facts


TERM_COLUMNS = ("unit", "gene_set", "overlap", "size", "odds_ratio", "p", "p_adjusted", "p_bonferroni", "genes")
LINK_COLUMNS = ("unit", "gene_set", "overlap", "strength", "units")


def load(folder: Path) -> Units:
    """A result kept in ``folder``."""
    tables = [pd.read_parquet(folder / name) for name in (GENES, TERMS, LINKS)]
    return Units(*tables, facts=json.loads((folder / FACTS).read_text(encoding="utf-8")))


def _changes(model: TrainedModel, run: Run) -> tuple[np.ndarray, dict[str, Any]]:
    """(n_units, n_genes): change of the reproduced profile in normalised units, or mean saliency with its sign."""
    import numpy as np

    from core.interpretation.perturbation import perturbation
    from core.interpretation.saliency import saliency, sample_of_each
    from core.tasks.finished import finished
    from core.tasks.prepare import IMPACT, rng

    network = model.networks[0]
    if network.decoder is not None:
        code = pd.read_csv(run.directory / "code.csv").iloc[:, 1:].to_numpy()
        moved = perturbation(network, code, RAISED_BY)
        # undoing the scaling is affine: its constant part falls out of the difference
        restored = model.transform.restore(moved) - model.transform.restore(np.zeros_like(moved[:1]))
        return restored, {"by": "decoder", "cells": len(code)}
    if model.transform.loadings is not None:
        raise SpecError(
            "This network sees principal components and rebuilds no genes, so its units lead to no gene list",
            run.name,
            "Train one with objective.reconstruction, or one that sees genes",
        )
    own = finished(run)
    labels = own.labels if own.labels is not None else np.zeros(own.aligned.library.size, dtype=str)
    rows = sample_of_each(labels, MOST_CELLS, rng(run.spec, IMPACT))
    signed = saliency(network, model.transform.apply(own.aligned.rows(rows)), method="gradient").signed
    return signed, {"by": "saliency", "cells": len(rows)}
