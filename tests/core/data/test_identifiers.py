"""Files that name the same genes in different ways."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from scipy import sparse

from core.data.dataset import Dataset
from core.data.findings import ValidationReport
from core.data.gene_table import read_gene_table
from core.data.identifiers import named_alike
from core.data.read import read
from core.data.validate import shared_findings
from core.errors import DataError
from core.specs import SourceSpec

SYMBOLS = [f"GENE{letter}{number}" for letter in "ABCD" for number in range(10)]
ENSEMBL = [f"ENSG{number:011d}" for number in range(40)]


def dataset(genes: list[str], role: str, values: np.ndarray | None = None, **columns: list[str]) -> Dataset:
    values = np.arange(3 * len(genes)).reshape(3, -1) % 7 if values is None else values
    var = pd.DataFrame(columns, index=pd.Index(genes))
    obs = pd.DataFrame(index=pd.Index([f"{role}{number}" for number in range(3)]))
    adata = AnnData(sparse.csr_matrix(values, dtype=np.float32), obs, var)
    return Dataset(adata, role, "counts", None, None, "", SourceSpec(path="x"), ValidationReport(()))  # type: ignore[arg-type]


def test_a_column_of_the_reference_names_the_identifiers_of_the_other():
    reference = dataset(SYMBOLS, "reference", gene_ids=[f"{name}.3" for name in ENSEMBL])
    other = dataset([f"{name}.7" for name in ENSEMBL[::-1]], "bulk")
    found, said = named_alike(reference, other)
    assert list(found.genes) == SYMBOLS[::-1]
    np.testing.assert_array_equal(found.adata.X.toarray(), other.adata.X.toarray())
    assert said is not None and "`gene_ids` of the reference" in said.what and "40 genes" in said.what
    assert "identifiers" in [finding.key for finding in shared_findings(reference, other)]


def test_a_column_of_the_other_does_as_well_and_genes_of_one_name_are_added():
    reference = dataset(SYMBOLS, "reference")
    other = dataset(ENSEMBL, "bulk", symbol=[SYMBOLS[0], SYMBOLS[0], *SYMBOLS[2:]])
    found, said = named_alike(reference, other)
    values = other.adata.X.toarray()
    np.testing.assert_array_equal(found.adata[:, SYMBOLS[0]].X.toarray()[:, 0], values[:, 0] + values[:, 1])
    assert said is not None and "1 name occurs more than once" in said.what and found.n_genes == 39


def test_nothing_is_done_where_names_agree_or_nothing_translates_them():
    reference = dataset(SYMBOLS, "reference")
    for other in (dataset(SYMBOLS[5:], "bulk"), dataset(ENSEMBL, "bulk")):
        assert named_alike(reference, other) == (other, None)
    with pytest.raises(DataError, match="share no gene"):
        shared_findings(reference, dataset(ENSEMBL, "bulk"))


def test_a_table_of_names_is_used_when_a_file_is_read(tmp_path: Path):
    pd.DataFrame({"id": [f"{name}.1" for name in ENSEMBL], "name": SYMBOLS}).to_csv(tmp_path / "names.tsv", sep="\t")
    pd.DataFrame({"id": ENSEMBL, "name": SYMBOLS}).to_csv(tmp_path / "names.csv", index=False)
    table = pd.DataFrame(
        np.arange(120).reshape(40, 3) + 1, index=pd.Index(ENSEMBL, name="gene"), columns=["a", "b", "c"]
    )
    table.to_csv(tmp_path / "bulk.csv")
    source = SourceSpec(path=str(tmp_path / "bulk.csv"), gene_table=str(tmp_path / "names.csv"))
    found = read(source, "bulk")
    assert sorted(found.genes) == sorted(SYMBOLS)
    assert any("got the name" in finding.what for finding in found.report.findings)
    assert read_gene_table(tmp_path / "names.csv")[ENSEMBL[3]] == SYMBOLS[3]


@pytest.mark.parametrize(
    ("content", "said"), [("a\nb\n", "has one column"), ("x,y\nOTHER,GENE\n", "names no gene of the bulk")]
)
def test_a_table_that_does_not_fit_is_refused_in_three_parts(tmp_path: Path, content: str, said: str):
    (tmp_path / "names.csv").write_text(content)
    table = pd.DataFrame(
        np.arange(120).reshape(40, 3) + 1, index=pd.Index(ENSEMBL, name="gene"), columns=["a", "b", "c"]
    )
    table.to_csv(tmp_path / "bulk.csv")
    with pytest.raises(DataError, match=said) as refused:
        read(SourceSpec(path=str(tmp_path / "bulk.csv"), gene_table=str(tmp_path / "names.csv")), "bulk")
    assert refused.value.value is not None and refused.value.remedy
