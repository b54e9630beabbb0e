import pandas as pd
import pytest

from core.data.join import joined, read_types
from core.data.read import read
from core.errors import DataError
from core.specs import SourceSpec
from tests.conftest import real

TYPES = pd.DataFrame(
    [
        ("pbmc3k", "B", "B"),
        ("pbmc3k", "NK", "NK"),
        ("pbmc_3tech", "B", "B"),
        ("pbmc_3tech", "NK", "NK"),
        ("pbmc_3tech", "HSC", "Stem"),
    ],
    columns=["reference", "label", "cell_type"],
)


def references():
    paths = [real("pbmc3k.h5ad"), real("pbmc_3tech.h5ad")]
    return [read(SourceSpec(path=str(path), label_column="cell_type"), "reference") for path in paths]


def test_cells_of_two_references_lie_in_one_with_the_genes_of_both_and_common_names():
    first, second = references()
    types = TYPES[TYPES["label"].isin([*first.labels.cat.categories, *second.labels.cat.categories])]
    one = joined([first, second], types)
    wanted = [each.labels.isin(["B", "NK", "HSC"]).sum() for each in (first, second)]
    assert one.n_cells == sum(wanted)
    assert set(one.genes) == set(first.genes) & set(second.genes)
    assert set(one.labels.cat.categories) <= {"B", "NK", "Stem"}
    assert one.batches is not None and one.batches.value_counts().to_dict() == dict(
        zip(["pbmc3k", "pbmc_3tech"], wanted, strict=True)
    )
    cell = first.adata.obs_names[first.labels.isin(["B"]).to_numpy()][0]
    gene = next(gene for gene in one.genes)
    assert one.adata[f"pbmc3k:{cell}", gene].X.toarray() == first.adata[cell, gene].X.toarray()
    assert any("without a common name" in finding.what for finding in one.report.findings)


def test_without_a_table_labels_are_taken_as_they_are():
    first, second = references()
    one = joined([first, second])
    assert one.n_cells == first.n_cells + second.n_cells
    assert set(one.labels.cat.categories) == set(first.labels.cat.categories) | set(second.labels.cat.categories)


def test_a_table_that_fits_no_label_is_refused():
    wrong = pd.DataFrame([("pbmc3k", "Neuron", "Neuron")], columns=["reference", "label", "cell_type"])
    with pytest.raises(DataError, match="does not fit pbmc3k"):
        joined(references(), wrong)


def test_a_table_without_its_columns_is_refused(tmp_path):
    (tmp_path / "types.csv").write_text("a,b\n1,2\n")
    with pytest.raises(DataError, match="lacks columns"):
        read_types(tmp_path / "types.csv")
