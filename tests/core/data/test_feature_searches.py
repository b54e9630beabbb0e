"""The searches that compare two sets, against plain sets of genes."""

from __future__ import annotations

import pandas as pd
import pytest

from core.data.dataset import Dataset
from core.data.features import SEARCHES, compare_traces, select
from core.data.markers import marker_scores
from core.data.variable import variability
from core.errors import SpecError
from core.specs.features import FeatureSpec
from tests.core.data.toys import blocks, real_cells, toy


@pytest.fixture(scope="module")
def reference() -> Dataset:
    return real_cells("pbmc3k.h5ad")


@pytest.fixture(scope="module")
def query() -> Dataset:
    return real_cells("pbmc_3tech.h5ad", "query", batch="batch")


def by_hand_a(reference, query, spec) -> list[tuple[int, int]]:
    """Rule A as its text says it, with plain sets."""
    tables = [variability(data, spec.target).index for data in (reference, query)]
    n, rounds = spec.first or 5000, []
    while True:
        common = set(tables[0][:n]) & set(tables[1][:n])
        rounds.append((n, len(common)))
        if len(common) >= spec.target or n >= max(map(len, tables)):
            return rounds
        n += spec.step or 1000


def by_hand_b(reference, query, spec) -> list[tuple[int, int]]:
    scores, ranking = marker_scores(reference), variability(query, spec.target).index
    n, rounds, before = spec.first or round(2 * spec.target / len(scores.labels)), [], -1
    while True:
        union = {gene for label in scores.labels for gene in scores.top(label, n)}
        if len(union) == before:
            return rounds
        before = len(union)
        common = union & set(ranking[: len(union)])
        rounds.append((n, len(common)))
        if len(common) >= spec.target or len(union) >= len(ranking):
            return rounds
        n += spec.step or 100


def by_hand_c(reference, query, spec) -> list[tuple[int, int]]:
    scores = marker_scores(reference)
    n, rounds = spec.first or round(spec.target / len(scores.labels)), []
    while True:
        union = {gene for label in scores.labels for gene in scores.top(label, n)}
        rounds.append((n, len(union & set(query.genes))))
        if rounds[-1][1] >= spec.target or n >= max(map(len, scores.order.values())):
            return rounds
        n += spec.step or 100


@pytest.mark.parametrize(
    ("rule", "by_hand"),
    [("common_variable", by_hand_a), ("markers_in_variable", by_hand_b), ("markers_in_query", by_hand_c)],
)
@pytest.mark.parametrize("growth", [{"target": 640}, {"target": 300, "first": 200, "step": 150}])
def test_searches_agree_with_plain_sets_on_real_cells(rule, by_hand, growth, reference, query):
    spec = FeatureSpec(rule=rule, **growth)
    space = select(reference, spec, query=query)
    rounds = list(zip(space.trace["taken"], space.trace["found"], strict=True))
    assert rounds == by_hand(reference, query, spec)
    first_steps = space.table["found_by"].value_counts()
    assert first_steps[f"Step {rounds[0][0]:,}"] == rounds[0][1]


@pytest.mark.parametrize("rule", SEARCHES)
def test_a_search_ends_where_the_target_cannot_be_reached(rule):
    space = select(blocks(), FeatureSpec(rule=rule, target=50_000, first=5, step=7), query=blocks(seed=2, role="query"))
    assert not space.reached and len(space.genes) <= 60


@pytest.mark.parametrize("rule", SEARCHES)
def test_a_search_needs_a_second_set(rule):
    with pytest.raises(SpecError, match="compares the reference with a query or bulk"):
        select(blocks(), FeatureSpec(rule=rule))


def test_traces_of_the_three_rules_are_laid_side_by_side():
    spec = FeatureSpec(rule="own_list", target=30)
    traces = compare_traces(blocks(), blocks(seed=1, role="query"), spec)
    assert list(dict.fromkeys(traces["rule"])) == list(SEARCHES)
    for rule, trace in traces.groupby("rule"):
        alone = select(blocks(), FeatureSpec(rule=rule, target=30), query=blocks(seed=1, role="query")).trace
        pd.testing.assert_frame_equal(trace.reset_index(drop=True), alone)


def test_without_labels_only_rule_a_is_compared():
    unlabelled = toy(blocks().adata.X.toarray(), blocks().genes)
    assert set(compare_traces(unlabelled, blocks(role="query"), FeatureSpec(target=30))["rule"]) == {"common_variable"}
