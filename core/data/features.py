"""Chooses the genes that the network sees: one rule, the user's filters, and a trace of the search."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import product
from typing import TYPE_CHECKING

import pandas as pd

from core.data.feature_space import RANKS, TRACE_COLUMNS, FeatureSpace
from core.data.rules import bulk_alone as beyond
from core.data.rules import deepscore, digital_sorter, lists, specific, variability
from core.data.rules.evidence import READ, Evidence, Found, Step
from core.errors import DataError
from core.specs.base import replaced
from core.specs.features import RULE_TITLES, FeatureSpec

if TYPE_CHECKING:
    from core.data.dataset import Dataset

RULES: Mapping[str, Callable[[Evidence], Found]] = {
    "all": lists.all_shared,
    "variable": variability.variable,
    "variable_and_markers": variability.variable_and_markers,
    "common_variable": deepscore.common_variable,
    "markers_in_variable": deepscore.markers_in_variable,
    "markers_in_query": deepscore.markers_in_query,
    "gene_sets": lists.of_gene_sets,
    "specific_markers": specific.specific_markers,
    "digital_sorter": digital_sorter.digital_sorter,
    "own_list": lists.own_list,
}
SEARCHES = ("common_variable", "markers_in_variable", "markers_in_query")


def select(
    reference: Dataset,
    spec: FeatureSpec,
    *,
    query: Dataset | None = None,
    bulk: Dataset | None = None,
    gene_sets: Mapping[str, Sequence[str]] | None = None,
) -> FeatureSpace:
    """The genes that ``spec`` asks for, in a fixed order: the same data and settings give the same genes.

    Raises
    ------
    DataError
        If the sets share no gene or fewer than ten genes are found.
    SpecError
        If the rule needs a set that is not given.
    """
    evidence = Evidence(reference, spec, query, bulk, gene_sets)
    found = RULES[spec.rule](evidence)
    found_by = dict(found.found_by)
    steps = found.steps or [*_before(spec, evidence), (RULE_TITLES[spec.rule], len(found_by))]
    if spec.keep_markers and spec.rule != "own_list":
        shared = evidence.shared(evidence.target_set)
        found_by |= {g: variability.MARKER for g in variability.top_markers(evidence, shared) if g not in found_by}
        steps.append((f"With the {spec.markers_per_label} strongest markers of each type", len(found_by)))
    if spec.bulk_alone and bulk is not None:
        found_by |= {gene: beyond.FOUND for gene in beyond.bulk_alone(evidence) if gene not in found_by}
        steps.append(("With genes of the bulk alone", len(found_by)))
    if len(found_by) < lists.FEWEST:
        raise DataError(
            f"The rule '{RULE_TITLES[spec.rule]}' found {len(found_by)} genes, too few to train on",
            value=", ".join(found_by) or "no gene",
            remedy="Loosen the filters of the Features page, or choose another rule such as all shared genes",
        )
    excluded = {} if spec.rule == "own_list" else evidence.excluded
    dropped = {name: len(genes.intersection(reference.genes)) for name, genes in excluded.items()}
    return FeatureSpace(
        genes=tuple(str(gene) for gene in found_by),
        table=_table(found_by, evidence),
        trace=_trace(spec.rule, found),
        rule=spec.rule,
        target=spec.target,
        dropped=dropped | found.left_out,
        steps=tuple(steps),
    )


def compare_traces(reference: Dataset, query: Dataset, spec: FeatureSpec) -> pd.DataFrame:
    """The searches of DeepSCore's rules A, B and C side by side.

    Returns
    -------
    rule, round, taken, found: one row per round. Without labels in the reference only rule A can be searched.
    """
    rules = SEARCHES if reference.label_column is not None else SEARCHES[:1]
    evidence = Evidence(reference, replaced(spec, "rule", rules[0]), query)
    return pd.concat([_trace(rule, RULES[rule](evidence)) for rule in rules], ignore_index=True)


def overlap(sets: Mapping[str, Iterable[str]], used: Iterable[str] = ()) -> pd.DataFrame:
    """How many genes each combination of sets shares, and how many of them are used.

    Parameters
    ----------
    sets
        Name of a set -> its genes.
    used
        Genes that were chosen.

    Returns
    -------
    One row per combination that occurs, the largest first: one True/False column per set, genes, used.
    """
    members = {name: set(genes) for name, genes in sets.items()}
    chosen = set(used)
    rows = []
    for inside in product((True, False), repeat=len(members)):
        having = [genes for genes, is_in in zip(members.values(), inside, strict=True) if is_in]
        lacking = [genes for genes, is_in in zip(members.values(), inside, strict=True) if not is_in]
        common = set.intersection(*having).difference(*lacking) if having else set()
        if common:
            rows.append([*inside, len(common), len(common & chosen)])
    table = pd.DataFrame(rows, columns=pd.Index([*members, "genes", "used"]))
    return table.sort_values(["used", "genes"], ascending=False, kind="stable", ignore_index=True)


def _before(spec: FeatureSpec, evidence: Evidence) -> list[Step]:
    """What is asked of a gene before the rule looks at it; an own list passes no filter."""
    return [(READ, evidence.reference.n_genes)] if spec.rule == "own_list" else evidence.steps()


def _table(found_by: Mapping[str, str], evidence: Evidence) -> pd.DataFrame:
    table = pd.DataFrame({"gene": list(found_by), "found_by": list(found_by.values())})
    has_target = evidence.target_set is not None and evidence.target_set.n_cells > 1
    ranks = (evidence.reference_ranks, evidence.target_ranks if has_target else pd.Series(dtype="Int64"))
    for column, series in zip(RANKS, ranks, strict=True):
        table[column] = series.reindex(table["gene"]).astype("Int64").to_numpy()
    return table.astype({rank: "Int64" for rank in RANKS})


def _trace(rule: str, found: Found) -> pd.DataFrame:
    return pd.DataFrame([(rule, *row) for row in found.trace], columns=TRACE_COLUMNS)
