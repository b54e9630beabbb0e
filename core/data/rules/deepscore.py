"""DeepSCore's three searches for features that two sets share.

Each takes more features round by round until the target is reached. The published loops never end where the sets
cannot reach it (small gene panels); here a search also ends when nothing is left to take.

Source: DeepSCore poster, iterative feature selection, and its Python and R functions.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from core.data.rules.evidence import Evidence, Found, require_overlap
from core.data.rules.variability import by_rank

A_FIRST, A_STEP = 5000, 1000
MARKER_STEP = 100
TOP_PEAK_STEP = 3000
"""Rule B's step among the peaks with most counts: a peak marks less than a gene, and there are many more of them."""


def common_variable(evidence: Evidence) -> Found:
    """Rule A: genes among the n most variable of the reference and, on its own, of the query; n grows.

    Peaks begin at the target. With ``peak_score`` top they are ranked by counts.

    Source: ``find_common_genes``, ``find_common_variable_peaks``, ``find_common_top_peaks``.
    """
    reference, query = evidence.reference_ranks, evidence.target_ranks
    genes = _common(evidence)
    needed = np.maximum(reference.loc[genes].to_numpy(), query.loc[genes].to_numpy())
    most = max(len(reference), len(query))
    begin = evidence.spec.target if evidence.reference.holds_peaks else A_FIRST
    found_at, trace = _grow(
        evidence.spec.first or begin, evidence.spec.step or A_STEP, evidence.spec.target,
        lambda n: needed <= n, lambda n: n >= most,
    )  # fmt: skip
    return _found(genes, found_at, trace, reference.loc[genes])


def markers_in_variable(evidence: Evidence) -> Found:
    """Rule B: the union M of the top n markers of each label that is also among the query's |M| most variable genes.

    Peaks ranked by counts (``peak_score`` top) grow by 3,000. The source leaves types of up to 20 cells out of its
    search for marker peaks; ``data.quality.min_label_cells`` does that here.

    Source: ``find_refmarkers_in_variable_genes``, ``find_refmarkers_in_variable_peaks``,
    ``find_refmarkers_in_top_peaks``.
    """
    markers = evidence.markers.best_rank()
    genes = _common(evidence)
    marker_rank, query_rank = markers.loc[genes].to_numpy(), evidence.target_ranks.loc[genes].to_numpy()
    all_ranks = np.sort(markers.to_numpy()[np.isfinite(markers)])
    n_query = len(evidence.target_ranks)

    def union(n: int) -> int:
        return int(np.searchsorted(all_ranks, n, side="right"))

    labels = len(evidence.markers.labels)
    found_at, trace = _grow(
        evidence.spec.first or max(1, round(2 * evidence.spec.target / labels)),
        evidence.spec.step or (TOP_PEAK_STEP if _top_peaks(evidence) else MARKER_STEP),
        evidence.spec.target,
        lambda n: (marker_rank <= n) & (query_rank <= union(n)),
        lambda n: union(n) == all_ranks.size or union(n) >= n_query,
    )
    return _found(genes, found_at, trace, markers.loc[genes])


def markers_in_query(evidence: Evidence) -> Found:
    """Rule C: the union of the top n markers of each label that the query has at all.

    Source: ``find_refmarkers_in_genes``, ``find_refmarkers_in_peaks``.
    """
    markers = evidence.markers.best_rank()
    genes = _common(evidence)
    marker_rank = markers.loc[genes].to_numpy()
    last = markers[np.isfinite(markers)].max()
    labels = len(evidence.markers.labels)
    found_at, trace = _grow(
        evidence.spec.first or max(1, round(evidence.spec.target / labels)),
        evidence.spec.step or MARKER_STEP,
        evidence.spec.target,
        lambda n: marker_rank <= n,
        lambda n: n >= last,
    )
    return _found(genes, found_at, trace, markers.loc[genes])


def _top_peaks(evidence: Evidence) -> bool:
    return evidence.spec.peak_score == "top" and evidence.reference.holds_peaks


def _common(evidence: Evidence) -> pd.Index:
    other = evidence.needed_target()
    genes = evidence.shared(other)
    require_overlap(genes, evidence.reference, other)
    return genes


def _grow(
    first: int, step: int, target: int, qualifies: Callable[[int], np.ndarray], exhausted: Callable[[int], bool]
) -> tuple[np.ndarray, list[tuple[int, int, int]]]:
    """Grow n from ``first`` by ``step``.

    Returns
    -------
    (n_genes,), the n at which each gene was found, 0 if never; and (round, n, found) for every round.
    """
    n, trace = first, []
    found_at = np.zeros(qualifies(first).size, dtype=np.int64)
    while True:
        found_at[qualifies(n) & (found_at == 0)] = n
        found = int((found_at > 0).sum())
        trace.append((len(trace) + 1, n, found))
        if found >= target or exhausted(n):
            return found_at, trace
        n += step


def _found(genes: pd.Index, found_at: np.ndarray, trace: list[tuple[int, int, int]], ranks: pd.Series) -> Found:
    step_of = dict(zip(genes, found_at, strict=True))
    chosen = by_rank(ranks.loc[found_at > 0])
    return Found({gene: f"Step {step_of[gene]:,}" for gene in chosen}, trace)
