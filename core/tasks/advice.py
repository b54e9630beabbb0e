"""Recipes that suit what a query holds: gene activities from ATAC data, or peaks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy import stats

from core.data.dataset import Dataset
from core.data.findings import Finding
from core.recipes import OVER_A_BRIDGE
from core.tasks import stored_sets

ACTIVITY_RECIPE = "gene_activity_annotator"
LIKE_RNA = 0.5
"""Rank correlation of detection below which a query is hardly RNA: six public pairs of RNA sets lie from 0.65 to 0.94,
gene activities beside RNA at 0.2."""
FEWEST_GENES = 500


def advice(reference: Dataset, query: Dataset, folders: dict[str, Path], bridged: bool) -> list[Finding]:
    """What to do about a query that is no RNA.

    Parameters
    ----------
    reference, query
        Without their cells: names of features are enough.
    folders
        role -> folder that describes the set.
    bridged
        Whether the project has a bridge.
    """
    if query.holds_peaks and not reference.holds_peaks:
        if not bridged:
            return []
        what = "The query holds peaks, and the bridge leads to them."
        return [_recipe(what, "Use the recipe for a bridge", OVER_A_BRIDGE)]
    if query.holds_peaks or reference.holds_peaks:
        return []
    likeness = detection_likeness(folders["reference"], folders["query"])
    if likeness is None or likeness >= LIKE_RNA:
        return []
    what = (
        f"Which genes are seen in many cells differs from the reference (rank correlation {likeness:.2f}): are these "
        "gene activities made from ATAC data?"
    )
    return [_recipe(what, "Use the recipe for gene activities", ACTIVITY_RECIPE)]


def detection_likeness(reference: Path, query: Path) -> float | None:
    """Spearman's correlation, over shared genes, of the number of cells in which each is seen; None with few genes."""
    ours, theirs = (stored_sets.genes(folder).set_index("gene")["cells"] for folder in (reference, query))
    shared = ours.index.intersection(theirs.index)
    if len(shared) < FEWEST_GENES:
        return None
    return float(np.corrcoef(stats.rankdata(ours.loc[shared]), stats.rankdata(theirs.loc[shared]))[0, 1])


def _recipe(what: str, remedy: str, name: str) -> Finding:
    return Finding("choose", "query", what, remedy, "recipe", "recipe", name)
