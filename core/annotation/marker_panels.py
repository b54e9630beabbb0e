"""Marker genes of the reference, looked up in the query: do cells called X express what marks X?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core.data.markers import MarkerScores

Side = Literal["reference", "query"]


def marker_sets(scores: MarkerScores, n: int, *, least_cells: int = 1) -> dict[str, list[str]]:
    """The ``n`` strongest markers of each group that has at least ``least_cells`` cells, strongest first."""
    cells = scores.moments.cells
    return {
        label: scores.top(label, n) for label, size in zip(scores.labels, cells, strict=True) if size >= least_cells
    }


def set_size(wanted: int, universe: int) -> int:
    """Genes of a marker set: as many as wanted, but at most a tenth of all genes, and five at least."""
    return min(max(min(wanted, universe // 10), 5), universe)


def side_by_side(
    reference: MarkerScores, query: MarkerScores, genes_per_type: int, types: Sequence[str] | None = None
) -> pd.DataFrame:
    """The strongest reference markers of each type in the groups of both files.

    Parameters
    ----------
    reference, query
        Scores on the same genes.
    genes_per_type
        Markers of each type; a gene that marks two types stands with the first.
    types
        Reference types whose markers are shown; all by default.

    Returns
    -------
    One row per file, group and gene, genes in order of the types they mark: ``source`` (reference or query),
    ``cell_type``, ``cells``, ``gene``, ``marker_of``, ``share`` (of cells with the gene, 0 to 1), ``mean``
    (ln(1 + CP10K)) and ``level`` (mean over the gene's highest mean in that file, 0 to 1: two protocols need not
    catch a gene alike).
    """
    marked: dict[str, str] = {}
    for name in types or reference.labels:
        for gene in reference.top(name, genes_per_type):
            marked.setdefault(gene, name)
    genes = list(marked)
    sides: Mapping[Side, MarkerScores] = {"reference": reference, "query": query}
    return pd.concat([_dots(side, scores, genes, marked) for side, scores in sides.items()], ignore_index=True)


def own_type_share(dots: pd.DataFrame) -> dict[str, float]:
    """How often a marker is highest in the query cells called what it marks.

    Parameters
    ----------
    dots
        From `side_by_side`.

    Returns
    -------
    ``markers`` (those whose type was called at all), ``own`` (of these, highest in their own type), ``share`` and
    ``chance`` (one over the number of called types), 0 to 1; NaN where no marker can be looked at.
    """
    query = dots.loc[dots["source"] == "query"]
    called = set(query["cell_type"])
    seen = query.loc[query["marker_of"].isin(called)]
    highest = seen.loc[seen.groupby("gene", sort=False)["mean"].idxmax()] if len(seen) else seen
    own = int((highest["cell_type"] == highest["marker_of"]).sum())
    n = len(highest)
    return {
        "markers": n,
        "own": own,
        "share": own / n if n else np.nan,
        "chance": 1 / len(called) if called else np.nan,
    }


def _dots(side: Side, scores: MarkerScores, genes: list[str], marked: Mapping[str, str]) -> pd.DataFrame:
    columns = scores.genes.get_indexer(pd.Index(genes))
    present = np.flatnonzero(scores.moments.cells > 0)
    labels = [scores.labels[number] for number in present]
    mean = scores.moments.mean[np.ix_(present, columns)]
    highest = mean.max(axis=0)
    return pd.DataFrame(
        {
            "source": side,
            "cell_type": np.repeat(np.array(labels, dtype=object), len(genes)),
            "cells": np.repeat(scores.moments.cells[present], len(genes)),
            "gene": genes * len(labels),
            "marker_of": [marked[gene] for gene in genes] * len(labels),
            "share": scores.moments.share[np.ix_(present, columns)].ravel(),
            "mean": mean.ravel(),
            "level": np.divide(mean, highest, out=np.zeros_like(mean), where=highest > 0).ravel(),
        }
    )
