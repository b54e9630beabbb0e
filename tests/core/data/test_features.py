"""Which genes each rule takes, and which are left out of all."""

from __future__ import annotations

import time

import numpy as np
import pytest

from core.data.dataset import Dataset
from core.data.features import RULES, overlap, select
from core.data.markers import marker_scores
from core.data.rules.digital_sorter import biological_variance
from core.data.variable import variability
from core.errors import DataError, SpecError
from core.specs.features import RULE_TITLES, FeatureSpec
from tests.conftest import real
from tests.core.data.toys import TYPES, blocks, real_bulk, real_cells, toy


@pytest.fixture(scope="module")
def reference() -> Dataset:
    return real_cells("pbmc3k.h5ad")


@pytest.fixture(scope="module")
def query() -> Dataset:
    return real_cells("pbmc_3tech.h5ad", "query", batch="batch")


def options_of(rule: str) -> dict:
    return {"own_list": tuple(f"g{n:02d}" for n in range(12))} if rule == "own_list" else {}


def test_every_rule_of_the_settings_is_here():
    assert set(RULES) == set(RULE_TITLES)


@pytest.mark.parametrize("rule", list(RULES))
def test_every_rule_gives_the_same_genes_each_time_and_says_how_they_were_found(rule):
    spec = FeatureSpec(rule=rule, target=12, markers_per_label=8, first=8, step=4, **options_of(rule))
    sets = {"all": [f"g{n:02d}" for n in range(0, 40, 2)]}
    first, second = (select(blocks(), spec, query=blocks(seed=1, role="query"), gene_sets=sets) for _ in range(2))
    assert first.genes == second.genes and len(set(first.genes)) == len(first.genes) >= 10
    assert first.table["gene"].tolist() == list(first.genes)
    assert (first.table["found_by"] != "").all() and first.table["reference_rank"].notna().all()
    assert first.rule == rule and (first.trace["rule"] == rule).all()
    assert first.trace["found"].iloc[-1] == len(first.genes)


def test_all_takes_the_genes_of_every_set_in_the_reference_s_order():
    first, second = blocks().subset(genes=[f"g{n:02d}" for n in range(0, 20)]), blocks(role="query")
    bulk = blocks(role="bulk").subset(genes=[f"g{n:02d}" for n in range(19, 4, -1)])
    space = select(first, FeatureSpec(rule="all"), query=second, bulk=bulk)
    assert space.genes == tuple(f"g{n:02d}" for n in range(5, 20))


def test_variable_takes_the_top_of_the_ranking_that_the_query_has():
    reference = blocks()
    lacks = [gene for gene in reference.genes if gene != variability(reference, 10).index[0]]
    space = select(reference, FeatureSpec(rule="variable", target=10), query=blocks(role="query").subset(genes=lacks))
    assert list(space.genes) == variability(reference, 10).index[1:11].tolist()
    assert space.table["reference_rank"].tolist() == list(range(2, 12))


def test_variable_and_markers_is_the_union_of_both():
    reference = blocks()
    space = select(reference, FeatureSpec(rule="variable_and_markers", target=10, markers_per_label=2))
    top = set(variability(reference, 10).index[:10])
    marking = {gene for name in TYPES for gene in marker_scores(reference).top(name, 2)}
    assert set(space.genes) == top | marking
    found = space.table.set_index("gene")["found_by"]
    assert set(found.index[found == "Marker rule"]) == marking - top


def test_gene_sets_give_their_union_in_the_order_of_the_data():
    sets = {"one": ["g08", "g02", "absent"], "two": [f"g{n}" for n in range(10, 22)]}
    space = select(blocks(), FeatureSpec(rule="gene_sets"), gene_sets=sets)
    assert space.genes == ("g02", "g08", *(f"g{n}" for n in range(10, 22)))


def test_gene_sets_of_another_species_are_refused_with_the_best_set():
    with pytest.raises(DataError, match="Only 1 genes of the gene sets are in the data; the best, WNT, has 1"):
        select(blocks(), FeatureSpec(rule="gene_sets"), gene_sets={"NOTCH": ["Hes1"], "WNT": ["Wnt1", "g01"]})


def test_no_gene_set_file_is_refused():
    with pytest.raises(SpecError, match="none is given"):
        select(blocks(), FeatureSpec(rule="gene_sets"))


def test_specific_markers_are_each_high_in_their_type_and_in_the_bulk():
    bulk = blocks(role="bulk").subset(genes=[f"g{n:02d}" for n in range(3, 60)])
    space = select(blocks(), FeatureSpec(rule="specific_markers", markers_per_label=5), bulk=bulk)
    assert 15 <= len(space.genes) <= 30  # five from each of two rankings for each of three types
    assert not {"g00", "g01", "g02"} & set(space.genes)
    for gene, found_by in space.table[["gene", "found_by"]].itertuples(index=False):
        assert found_by == f"Specific to {TYPES[int(gene[1:]) % 3]}"


def test_digital_sorter_filters_step_by_step():
    rng = np.random.default_rng(0)
    n = 40
    values = np.zeros((n, 20), dtype=int)
    half = np.arange(n) < n // 2
    values[:, :14] = np.where(
        half[:, None] == (np.arange(14) % 2 == 0)[None, :], rng.poisson(9, (n, 14)) + 2, rng.poisson(0.3, (n, 14))
    )
    values[0, 14] = 1  # never more than one count: out in step 1
    values[:, 15] = 5  # not in the bulk: out in step 2
    values[:, 16] = 5  # mitochondrial: out in step 2
    values[:, 17] = rng.random(n) < 0.3  # mean where shown is 1 ...
    values[1, 17] = 2  # ... and barely above: no fold change, out in step 3
    values[:, 18] = 6  # the same in both types: out in step 3
    names = [*(f"m{i:02d}" for i in range(14)), "single", "not_in_bulk", "MT-CO1", "weak", "flat", "silent"]
    reference = toy(values, names, ["a"] * (n // 2) + ["b"] * (n // 2))
    kept = [name for name in names if name != "not_in_bulk"]
    bulk = toy(np.full((2, len(kept)), 50), kept, role="bulk", unit="tpm")
    space = select(reference, FeatureSpec(rule="digital_sorter", target=2000, markers_per_label=300), bulk=bulk)
    assert space.trace["found"].tolist() == [18, 16, 14, 14]
    assert set(space.genes) == {f"m{i:02d}" for i in range(14)}
    fewer = select(reference, FeatureSpec(rule="digital_sorter", target=12, markers_per_label=300), bulk=bulk)
    assert fewer.trace["found"].tolist() == [18, 16, 14, 12]


def test_biological_variance_is_what_rises_above_the_trend():
    mean = np.linspace(0, 5, 200)
    variance = 0.2 + 0.1 * mean + np.random.default_rng(0).normal(0, 0.01, 200)
    variance[120] += 2
    biological = biological_variance(mean, variance)
    assert biological.argmax() == 120 and biological[120] == pytest.approx(2, abs=0.1)
    assert np.abs(np.delete(biological, 120)).max() < 0.1


def test_digital_sorter_refuses_ten_genes_or_fewer():
    with pytest.raises(DataError, match="genes pass digitalDLSorteR's filters"):
        select(blocks(), FeatureSpec(rule="digital_sorter", markers_per_label=2), bulk=blocks(role="bulk"))


def test_own_list_keeps_the_user_s_order_and_counts_what_is_absent():
    wanted = ("g11", *(f"g{n:02d}" for n in range(10)), " g11 ", "NOPE")
    space = select(blocks(), FeatureSpec(rule="own_list", own_list=wanted, drop_mitochondrial=True))
    assert space.genes == ("g11", *(f"g{n:02d}" for n in range(10)))
    assert space.dropped == {"not in the data": 1}


def test_own_list_with_too_few_genes_names_those_not_found():
    wanted = ("g00", "FOO1", "BAR2")
    with pytest.raises(DataError, match=r"Only 1 of the 3 genes listed .* 2 were not found\. Got FOO1, BAR2"):
        select(blocks(), FeatureSpec(rule="own_list", own_list=wanted))


def test_an_empty_own_list_is_refused():
    with pytest.raises(SpecError, match="gene list is empty"):
        select(blocks(), FeatureSpec(rule="own_list"))


def test_filters_leave_out_families_and_rare_genes_and_say_how_many():
    values = np.random.default_rng(0).poisson(3, (50, 16))
    values[:, 15] = 0
    values[0, 15] = 4
    names = ["MT-CO1", "mt-Nd1", "RPS6", "RPLP0", "RPS6KA1", *(f"g{n}" for n in range(10)), "rare"]
    spec = FeatureSpec(rule="all", drop_mitochondrial=True, drop_ribosomal=True, min_cell_share=5.0)
    space = select(toy(values, names), spec)
    assert space.genes == ("RPS6KA1", *(f"g{n}" for n in range(10)))
    assert space.dropped == {"mitochondrial": 2, "ribosomal": 2, "seen in too few cells": 1}


def test_markers_are_added_where_they_are_always_kept():
    plain = select(blocks(), FeatureSpec(rule="variable", target=10))
    kept = select(blocks(), FeatureSpec(rule="variable", target=10, keep_markers=True, markers_per_label=20))
    assert kept.genes[:10] == plain.genes and set(kept.table["found_by"]) == {"Variable", "Marker rule"}
    assert {gene for name in TYPES for gene in marker_scores(blocks()).top(name, 20)} <= set(kept.genes)


def test_sets_without_a_common_gene_are_refused_with_names_of_both():
    other = toy(np.ones((5, 2)), ["ENSG1", "ENSG2"], role="query")
    with pytest.raises(DataError, match=r"share no gene.*'g00'.*'ENSG1'"):
        select(blocks(), FeatureSpec(rule="variable"), query=other)


def test_fewer_than_ten_genes_are_refused():
    with pytest.raises(DataError, match="found 4 genes, too few"):
        select(blocks(n_genes=4), FeatureSpec(rule="all"))


def test_overlap_counts_each_combination_once():
    table = overlap({"reference": "abcd", "query": "bcde", "bulk": "cx"}, used="cb")
    rows = {tuple(row[:3]): tuple(row[3:]) for row in table.itertuples(index=False)}
    assert rows == {
        (True, True, True): (1, 1),
        (True, True, False): (2, 1),
        (True, False, False): (1, 0),
        (False, True, False): (1, 0),
        (False, False, True): (1, 0),
    }


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule != "own_list"])
def test_each_rule_takes_less_than_two_cpu_seconds_on_real_cells(rule, reference, query):
    sets = {line.split("\t")[0]: line.split()[2:] for line in real("hallmark_human.gmt").read_text().splitlines()}
    spec = FeatureSpec(rule=rule, target=640, markers_per_label=300 if rule == "digital_sorter" else 60)
    started = time.process_time()
    space = select(reference, spec, query=query, gene_sets=sets)
    assert time.process_time() - started < 2
    assert len(space.genes) > 100 and space.table["query_rank"].notna().all()


def test_genes_for_real_bulk_samples_are_in_the_bulk(reference):
    bulk = real_bulk("hoek_expression.csv.gz")
    for rule in ("specific_markers", "digital_sorter", "variable_and_markers"):
        space = select(reference, FeatureSpec(rule=rule), bulk=bulk)
        assert set(space.genes) <= set(bulk.genes) and len(space.genes) > 200
