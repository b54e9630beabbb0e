"""Variable genes of the reference, alone or together with markers of every type."""

from __future__ import annotations

import pandas as pd

from core.data.rules.evidence import Evidence, Found, require_overlap

VARIABLE = "Variable"
MARKER = "Marker rule"


def variable(evidence: Evidence) -> Found:
    """The ``target`` most variable genes of the reference that the query (or bulk) has too."""
    genes = _most_variable(evidence)
    return Found(dict.fromkeys(genes, VARIABLE), [(1, evidence.spec.target, len(genes))])


def variable_and_markers(evidence: Evidence) -> Found:
    """The union of variable genes and the top markers of each label, among genes the query has too.

    Markers come after the variable genes, the strongest first. The reference needs labels.
    """
    genes = _most_variable(evidence)
    found_by = dict.fromkeys(genes, VARIABLE)
    trace = [(1, evidence.spec.target, len(found_by))]
    strongest = top_markers(evidence, evidence.shared(evidence.target_set))
    found_by |= {gene: MARKER for gene in strongest if gene not in found_by}
    trace.append((2, evidence.spec.markers_per_label, len(found_by)))
    return Found(found_by, trace)


def top_markers(evidence: Evidence, genes: pd.Index) -> list[str]:
    """The union of each label's top markers among ``genes``, by best rank, ties by name."""
    ranks = evidence.markers_among(genes).best_rank()
    chosen = ranks.loc[ranks <= evidence.spec.markers_per_label]
    return by_rank(chosen)


def by_rank(ranks: pd.Series) -> list[str]:
    """Index of ``ranks`` from the smallest value up, ties by name."""
    return sorted(ranks.index, key=lambda gene: (ranks[gene], gene))


def _most_variable(evidence: Evidence) -> list[str]:
    shared = evidence.shared(evidence.target_set)
    require_overlap(shared, evidence.reference, evidence.target_set)
    usable = set(shared)
    return [str(gene) for gene in evidence.reference_ranks.index if gene in usable][: evidence.spec.target]
