"""Which genes each rule takes, and which are left out of all."""

from __future__ import annotations

import time

import numpy as np
import pytest

from core.data.dataset import Dataset
from core.data.feature_space import FeatureSpace
from core.data.features import RULES, overlap, select
from core.data.markers import marker_scores
from core.data.rules.digital_sorter import biological_variance
from core.data.variable import variability
from core.errors import DataError, SpecError
from core.recipes import recipe
from core.specs.base import parse, replaced
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


def filtered() -> tuple[Dataset, Dataset]:
    """Fourteen markers of two types and six genes that each fail one filter, with a bulk that lacks one of them."""
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
    return reference, toy(np.full((2, len(kept)), 50), kept, role="bulk", unit="tpm")


def sorted_with(**settings) -> FeatureSpace:
    reference, bulk = filtered()
    return select(reference, FeatureSpec(rule="digital_sorter", markers_per_label=300, **settings), bulk=bulk)


def test_digital_sorter_filters_step_by_step():
    reference, bulk = filtered()
    space = select(reference, FeatureSpec(rule="digital_sorter", target=2000, markers_per_label=300), bulk=bulk)
    assert space.trace["found"].tolist() == [18, 16, 14, 14]
    assert set(space.genes) == {f"m{i:02d}" for i in range(14)}
    fewer = select(reference, FeatureSpec(rule="digital_sorter", target=12, markers_per_label=300), bulk=bulk)
    assert fewer.trace["found"].tolist() == [18, 16, 14, 12]


def test_digital_sorter_counts_the_genes_that_each_filter_leaves():
    space = sorted_with(drop_mitochondrial=True, drop_ribosomal=True, min_cell_share=1.0)
    assert space.steps == (
        ("In the reference", 20),
        ("More than 1 in at least 1 cell", 18),
        ("Also in the bulk samples", 17),
        ("More than 1 in at least 1 bulk sample", 17),
        ("Not mitochondrial", 16),
        ("Not ribosomal", 16),
        ("Seen in enough cells", 16),
        ("Mean above 1 in a type, over the cells that show it", 16),
        ("Among the 300 that mark a type most, log2 fold change 0.5 or more", 14),
        ("Among the 2,000 most variable", 14),
    )


@pytest.mark.parametrize(
    ("settings", "genes"),
    [
        ({"fold_change": None}, {"flat", "weak"}),
        ({"fold_change": None, "cluster_min_mean": 4.0}, {"flat"}),
        ({"fold_change": None, "cluster_min_mean": 0.5, "min_count": 0}, {"flat", "weak", "single"}),
        ({"fold_change": None, "mitochondrial_names": ""}, {"flat", "weak", "MT-CO1"}),
        ({"fold_change": None, "mitochondrial_names": "^fl"}, {"weak", "MT-CO1"}),
        ({"cluster_filter": False}, {"flat", "weak"}),
        ({"cluster_filter": False, "min_cells": 2}, {"flat"}),
    ],
)
def test_each_published_setting_of_digital_sorter_lets_its_genes_through(settings, genes):
    others = {"single", "not_in_bulk", "MT-CO1", "weak", "flat", "silent"}
    assert set(sorted_with(**settings).genes) & others == genes


def test_the_bulk_must_show_a_gene_as_often_as_asked():
    reference, bulk = filtered()
    values = bulk.adata.X.toarray()
    values[1, :5] = 3
    less = toy(values, list(bulk.genes), role="bulk", unit="tpm")
    spec = FeatureSpec(rule="digital_sorter", markers_per_label=300, bulk_min_count=10)
    assert len(select(reference, spec, bulk=less).genes) == 14
    twice = replaced(spec, "bulk_min_samples", 2)
    with pytest.raises(DataError, match="Only 9 genes pass"):
        select(reference, twice, bulk=less)
    assert len(select(reference, replaced(twice, "bulk_min_count", 2), bulk=less).genes) == 14


def test_a_pattern_that_is_none_is_refused():
    with pytest.raises(SpecError, match=r"mitochondrial_names is no regular expression. Got \^MT\("):
        parse(FeatureSpec, {"mitochondrial_names": "^MT("})


@pytest.mark.parametrize("rule", list(RULES))
def test_every_rule_says_how_many_genes_each_step_left(rule):
    spec = FeatureSpec(rule=rule, target=12, markers_per_label=8, first=8, step=4, **options_of(rule))
    bulk = blocks(role="query").subset(genes=[f"g{n:02d}" for n in range(50)])
    sets = {"all": [f"g{n:02d}" for n in range(0, 40, 2)]}
    steps = select(blocks(), spec, query=bulk, gene_sets=sets).steps
    left = [genes for _, genes in steps]
    assert steps[0] == ("In the reference", 60)
    assert left == sorted(left, reverse=True)
    space = select(blocks(), spec.model_copy(update={"keep_markers": True}), query=bulk, gene_sets=sets)
    assert space.steps[-1][1] == len(space.genes)


def test_specific_markers_count_what_is_shared_and_what_is_left_out():
    names = ["MT-CO1", "RPS6", *(f"g{number:02d}" for number in range(2, 60))]
    whole = blocks()
    reference = toy(whole.adata.X.toarray(), names, list(whole.labels))
    bulk = blocks(role="bulk").subset(genes=[f"g{n:02d}" for n in range(2, 50)])
    spec = FeatureSpec(
        rule="specific_markers", markers_per_label=4, drop_mitochondrial=True, drop_ribosomal=True, keep_markers=True
    )
    space = select(reference, spec, bulk=toy(np.ones((2, 50)), names[:50], role="bulk"))
    asked = [step for step, _ in space.steps]
    assert asked[:4] == ["In the reference", "Also in the bulk samples", "Not mitochondrial", "Not ribosomal"]
    assert [genes for _, genes in space.steps[:4]] == [60, 50, 49, 48] and len(bulk.genes) == 48
    assert asked[4:] == ["Genes specific to one type", "With the 4 strongest markers of each type"]


def test_real_cells_lose_genes_at_the_steps_that_are_known(reference):
    bulk = real_bulk("monaco_expression.csv.gz")
    published = recipe("digital_sorter").spec.features
    assert [genes for _, genes in select(reference, published, bulk=bulk).steps] == [
        *(13714, 8986, 8431, 8410, 8397, 8397, 464, 464),
    ]
    own = select(reference, recipe("mixer").spec.features, bulk=bulk).steps
    assert [genes for _, genes in own] == [13714, 12010, 11997, 11912, 583]


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
