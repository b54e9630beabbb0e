"""Genes specific to one type: signatures for taking bulk samples apart."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.data.markers import label_codes
from core.data.moments import grouped_moments
from core.data.normalise import library_size, normalised, values_of
from core.data.rules.evidence import Evidence, Found, require_overlap
from core.errors import DataError

LEAST_SHARE = 0.1
"""A marker is seen in at least this share of its type's cells."""


def specific_markers(evidence: Evidence) -> Found:
    """For each type, the genes whose mean exceeds that of the next best type, and those above the others' mean.

    Profiles are the mean of ln(1 + CP10K) over each type's cells: the mean of logarithms weighs many cells with some
    counts above few cells with many. Each of the two rankings gives ``markers_per_label`` genes for each type, among
    the genes the bulk samples (or the query) have. Genes found for several types keep the type that names them first.
    """
    other = evidence.bulk if evidence.bulk is not None else evidence.query
    genes = evidence.shared(other)
    require_overlap(genes, evidence.reference, other)
    profiles, shares, labels = log_profiles(evidence, genes)
    found_by: dict[str, str] = {}
    trace = []
    for number, (label, chosen) in enumerate(
        zip(labels, specific(profiles, shares, genes, evidence.spec.markers_per_label), strict=True), start=1
    ):
        found_by |= {gene: f"Specific to {label}" for gene in chosen if gene not in found_by}
        trace.append((number, len(chosen), len(found_by)))
    return Found(found_by, trace)


def log_profiles(evidence: Evidence, genes: pd.Index) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """(k, n_genes) mean of ln(1 + CP10K), (k, n_genes) share of cells that show the gene, and the k labels."""
    reference = evidence.reference
    codes, labels = label_codes(reference)
    if len(labels) < 2:
        raise DataError(
            "Genes specific to a type need at least two cell types",
            value=list(labels),
            remedy="Choose the column that holds the cell types on the Data page",
        )
    values, unit = values_of(reference), reference.unit
    library = library_size(values, unit)
    moments = grouped_moments(
        values, codes, len(labels), lambda part, rows: normalised(part, unit, "log1p_cp10k", library[rows])
    )
    columns = pd.Index(reference.genes).get_indexer(genes)
    return moments.mean[:, columns], moments.share[:, columns], labels


def specific(profiles: np.ndarray, shares: np.ndarray, genes: pd.Index, per_ranking: int) -> list[list[str]]:
    """For each type the first genes of both rankings, in turn and without repeats; ties by name."""
    names = np.argsort(np.argsort(genes.to_numpy(str), kind="stable"), kind="stable")
    found = []
    for k, profile in enumerate(profiles):
        others = np.delete(profiles, k, axis=0)
        seen = shares[k] >= LEAST_SHARE
        rankings = []
        for score in (profile - others.max(axis=0), profile - others.mean(axis=0)):
            order = np.lexsort((names, -score))
            rankings.append(order[(seen & (profile > others.mean(axis=0)))[order]][:per_ranking])
        longest = max(map(len, rankings))
        in_turn = [ranking[place] for place in range(longest) for ranking in rankings if place < len(ranking)]
        found.append(list(dict.fromkeys(genes[in_turn])))
    return found
