"""Evidence from marker genes: matchSCore, the dot plot of both files, and clusters that know no labels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from core.annotation.marker_panels import marker_sets, own_type_share, set_size, side_by_side
from core.annotation.match_score import chance_score, marker_overlap, marker_score
from core.data.align import Aligned
from core.data.dataset import Dataset
from core.data.labels import as_labels
from core.data.normalise import normalised
from core.embedding.clusters import leiden
from core.embedding.components import principal_components
from core.embedding.neighbours import nearest_neighbours
from core.errors import DataError
from core.specs import EvidenceSpec
from core.tasks.evidence_names import CLUSTERS, MOST_GROUPS, PREDICTED
from core.tasks.evidence_sets import Sets

LEAST_CELLS = 3
"""Fewer cells have no marker genes to speak of."""
LEAST_SHARED = 10
MOST_COLUMNS = 6
COMPONENTS, NEIGHBOURS = 30, 15


def markers_evidence(sets: Sets, spec: EvidenceSpec) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
    """The tables match_score, match_summary, marker_dots, marker_sets and clusters, and facts about them.

    Raises
    ------
    DataError
        If the two files share fewer than ten genes.
    """
    genes = sets.shared_genes
    if len(genes) < LEAST_SHARED:
        raise DataError("Reference and query share too few genes to compare markers", len(genes), "Use the same names")
    n = set_size(spec.markers, len(genes))
    reference = sets.reference.scores(genes)
    clusters = clusters_of(sets.aligned(sets.query), spec.resolution, sets.model.spec.seed)
    groupings = {PREDICTED: sets.given, CLUSTERS: clusters, **own_columns(sets.query)}
    known = marker_sets(reference, n)
    overlaps, summaries, listed = [], [], [_listed("reference", known)]
    for name, groups in groupings.items():
        scores = sets.query_scores(groups)
        found = marker_sets(scores, n, least_cells=LEAST_CELLS)
        overlap = marker_overlap(known, found, len(genes))
        cells = dict(zip(scores.labels, scores.moments.cells, strict=True))
        overlap.insert(2, "cells", np.array([int(cells[group]) for group in overlap["query"]], dtype=int))
        overlap.insert(0, "grouping", name)
        overlaps.append(overlap)
        summaries.append(
            {
                "grouping": name,
                "score": marker_score(overlap) if len(overlap) else np.nan,
                "chance": chance_score(known, found, len(genes)) if found else np.nan,
                "groups": len(found),
                "left_out": len(scores.labels) - len(found),
            }
        )
        listed.append(_listed(name, found))
    called = sets.query_scores(sets.given)
    dots = side_by_side(reference, called, spec.dot_genes, sets.model.classes)
    tables = {
        "match_score": pd.concat(overlaps, ignore_index=True),
        "match_summary": pd.DataFrame(summaries),
        "marker_dots": dots,
        "marker_sets": pd.concat(listed, ignore_index=True),
        "clusters": pd.DataFrame({"cell": sets.query.adata.obs_names, "cluster": clusters}),
    }
    seen = own_type_share(dots)
    facts = {"genes": len(genes), "markers": n, "markers_seen": seen.pop("markers"), **seen}
    return tables, facts


def clusters_of(aligned: Aligned, resolution: float, seed: int) -> np.ndarray:
    """(n_cells,), Leiden cluster of each cell by its genes, "1" the largest: no label and no network has a say."""
    present = np.flatnonzero(aligned.present)
    values = normalised(aligned.values[:, present], aligned.unit, "log1p_cp10k", aligned.library)
    scores = principal_components(values, COMPONENTS, seed).scores
    found = leiden(nearest_neighbours(scores, NEIGHBOURS), seed, resolution=resolution)
    return np.array([str(number + 1) for number in found], dtype=object)


def own_columns(query: Dataset) -> dict[str, np.ndarray]:
    """The query's own columns that put its cells into 2 to 40 groups, its label column first; at most six."""
    obs = query.adata.obs
    names = sorted(map(str, obs.columns), key=lambda name: name != query.label_column)
    found: dict[str, np.ndarray] = {}
    for name in names:
        column = pd.Series(obs[name])
        if pd.api.types.is_float_dtype(column) or not 2 <= column.nunique() <= MOST_GROUPS:
            continue
        labels = as_labels(column).astype(object)
        found[name if name not in (PREDICTED, CLUSTERS) else f"{name} (file)"] = labels.where(
            labels.notna(), ""
        ).to_numpy()
    return dict(list(found.items())[:MOST_COLUMNS])


def _listed(grouping: str, sets: dict[str, list[str]]) -> pd.DataFrame:
    rows = [(grouping, group, rank, gene) for group, genes in sets.items() for rank, gene in enumerate(genes, start=1)]
    return pd.DataFrame(rows, columns=pd.Index(["grouping", "group", "rank", "gene"]))
