from __future__ import annotations

import json

import numpy as np
import pytest

from core.data.findings import Finding, ValidationReport
from core.data.read import read
from core.data.validate import check_together, require_classes, require_shared, shared_findings
from core.errors import DataError
from core.specs import SourceSpec
from tests.conftest import real
from tests.wrong_files import cells


def of(tmp_path, name, adata, role="reference", **settings):
    adata.write_h5ad(tmp_path / f"{name}.h5ad")
    return read(SourceSpec(path=str(tmp_path / f"{name}.h5ad"), **settings), role)


def test_the_order_of_findings_is_stable_and_json_gives_them_back():
    found = [
        Finding("fine", "query", "F.", "Nothing to do", "f"),
        Finding("note", "bulk", "N.", "Look", "n", items=("A",)),
        Finding("choose", "query", "Q.", "Pick", "q", "data.query.unit", "counts"),
        Finding("choose", "reference", "R.", "Pick", "r"),
    ]
    report = ValidationReport(tuple(found))
    assert [one.key for one in report.findings] == ["r", "q", "n", "f"]
    assert ValidationReport(tuple(reversed(found))) == report
    assert ValidationReport.from_json(report.to_json()) == report
    assert ValidationReport.from_json(json.dumps(report.to_json())) == report
    assert len(report.of("choose")) == 2 and report.find("n").items == ("A",) and report.find("x") is None
    assert len(report.with_findings(found[:1]).findings) == 5


def test_real_sets_together_read_like_a_check_list():
    reference = read(SourceSpec(path=str(real("pbmc3k.h5ad")), label_column="cell_type"), "reference")
    query = read(SourceSpec(path=str(real("pbmc_3tech.h5ad")), batch_column="batch"), "query")
    bulk = read(SourceSpec(path=str(real("monaco_expression.csv.gz"))), "bulk")
    report = check_together(reference, query, bulk)
    said = [(one.kind, one.role, one.key) for one in report.findings]
    assert ("choose", "reference", "few_cells") in said and ("choose", "query", "batch_depth") in said
    shared = len(require_shared(reference, query))
    assert f"Only 1,767 genes are present, and {shared:,} of them are in the reference." in [
        one.what for one in report.of("choose")
    ]
    missing = next(one for one in report.findings if one.key == "missing_genes" and one.role == "bulk")
    assert missing.what.startswith(f"{reference.genes.difference(bulk.genes).size:,} reference genes are missing.")
    fine = [one.what for one in report.of("fine") if one.role == "all"]
    assert fine == [
        "Gene names are human symbols in all three sets.",
        "No missing, negative or infinite values in all three sets.",
    ]


def test_shared_genes_keep_the_order_of_the_reference(tmp_path):
    reference = of(tmp_path, "reference", cells())
    query = of(tmp_path, "query", cells(seed=1)[:, ::-2].copy(), "query")
    assert list(require_shared(reference, query)) == [gene for gene in reference.genes if gene in set(query.genes)]


def test_no_shared_gene_says_why(tmp_path):
    reference = of(tmp_path, "reference", cells(genes="CD"))
    ensembl = cells(seed=1)
    ensembl.var["feature_name"] = [f"CD{column}" for column in range(30)]
    ensembl.var_names = [f"ENSG{column:011d}" for column in range(30)]
    query = of(tmp_path, "query", ensembl, "query")
    with pytest.raises(DataError, match="Set the gene names of the query to `feature_name`"):
        require_shared(reference, query)
    assert "`feature_name` of the query names 30 genes" in check_together(reference, query).find("identifiers").what
    mouse = of(tmp_path, "mouse", cells(seed=1, genes="Cd"), "query")
    with pytest.raises(DataError, match="the query mouse"):
        require_shared(reference, mouse)


def test_one_class_is_refused_where_classes_are_needed(tmp_path):
    one = of(tmp_path, "one", cells(types=1), label_column="cell_type")
    assert one.report.find("one_type").kind == "choose"
    with pytest.raises(DataError, match="holds 1 cell type"):
        require_classes(one)
    assert list(require_classes(of(tmp_path, "three", cells(), label_column="cell_type"))) == [
        "type 0",
        "type 1",
        "type 2",
    ]


def test_batches_of_like_depth_are_not_worth_a_word(tmp_path):
    even = of(tmp_path, "even", cells(), "query", batch_column="batch")
    assert even.report.find("batch_depth") is None
    deep = cells()
    deep.X = deep.X.multiply(np.where(deep.obs["batch"] == "b0", 4, 1)[:, None]).tocsr()
    found = of(tmp_path, "deep", deep, "query", batch_column="batch").report.find("batch_depth")
    assert found.kind == "choose" and found.what.startswith("The column `batch` names 2 groups with different depth")
    assert (found.setting, found.value) == ("analysis.query_scaling", "query")


def test_few_shared_genes_are_called_a_danger_to_related_types(tmp_path):
    reference = of(tmp_path, "reference", cells())
    query = of(tmp_path, "query", cells(seed=1)[:, :12].copy(), "query")
    found = next(one for one in shared_findings(reference, query) if one.key == "shared_genes")
    assert found.kind == "choose" and found.what.startswith("Only 12 genes are in both this set and the reference")
