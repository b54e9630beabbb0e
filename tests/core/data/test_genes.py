from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from core.data.genes import gene_names, resolve_genes, symbol_column
from core.errors import DataError
from core.specs import SourceSpec
from tests.conftest import real

HUMAN = ["CD3D", "MS4A1", "LYZ", "HLA-DRA", "C1orf21", "RP11-34P13.7"]
MOUSE = ["Cd3d", "Ms4a1", "Lyz2", "H2-Aa", "0610007L01Rik", "Gm1992"]


@pytest.mark.parametrize(
    ("names", "kind", "species"),
    [
        (HUMAN, "symbol", "human"),
        (MOUSE, "symbol", "mouse"),
        (["ENSG00000011304", "ENSG00000065268.10"], "ensembl", "human"),
        (["ENSMUSG00000011304", "ENSMUSG00000065268"], "ensembl", "mouse"),
        (["ENSDARG00000011304"], "ensembl", None),
        (["1007_s_at", "1053_at"], "probe", None),
        (["0", "1", "2"], "number", None),
        (["7157", "1956", "672"], "entrez", None),
        (["acss1", "adcyap1"], "symbol", None),
        ([], "other", None),
    ],
)
def test_kinds_of_names(names, kind, species):
    found = gene_names(names)
    assert (found.kind, found.species) == (kind, species)


@pytest.mark.parametrize(
    ("name", "species"), [("pbmc3k.h5ad", "human"), ("paul15.h5ad", "mouse"), ("tasic_v1.h5ad", "mouse")]
)
def test_species_of_real_files(name, species):
    import h5py

    with h5py.File(real(name)) as file:
        names = [one.decode() for one in file["var/_index"][:]]
    assert gene_names(names).species == species


def resolved(values, names, unit="counts", columns=None, **settings):
    var = pd.DataFrame(columns or {}, index=names)
    matrix = sparse.csr_matrix(np.array(values, dtype=np.float32))
    found, var, findings = resolve_genes(matrix, var, unit, SourceSpec(path="file", **settings), "query")
    return found.toarray(), list(var.index), {one.key: one for one in findings}


def test_versions_are_dropped_and_genes_that_meet_are_added():
    values, names, found = resolved([[1, 2, 4]], ["ENSG00000011304.18", "ENSG00000065268.1", "ENSG00000011304.2"])
    assert names == ["ENSG00000011304", "ENSG00000065268"]
    np.testing.assert_array_equal(values, [[5, 2]])
    assert "3 Ensembl identifiers carry a version" in found["versions"].what
    assert found["duplicates"].what == "1 gene name occurs more than once. Their counts were added together."
    assert found["duplicates"].items == ("ENSG00000011304",)


def test_dots_in_symbols_are_no_versions():
    assert resolved([[1, 2]], ["AL627309.1", "RP11-34P13.7"])[1] == ["AL627309.1", "RP11-34P13.7"]


def test_duplicates_of_logged_values_are_added_before_the_logarithm_and_others_averaged():
    names = ["A1", "B1", "A1"]
    values, _, found = resolved(np.log1p([[1, 2, 4]]), names, "log1p")
    np.testing.assert_allclose(values, np.log1p([[5, 2]]), rtol=1e-6)
    assert "linear scale" in found["duplicates"].what
    values, _, _ = resolved(np.log2(np.array([[1, 2, 4]]) + 1), names, "log2")
    np.testing.assert_allclose(values, np.log2([[6, 3]]), rtol=1e-6)
    values, _, found = resolved([[1, 2, 4]], names, "values")
    np.testing.assert_allclose(values, [[2.5, 2]])
    assert "averaged" in found["duplicates"].what


def test_a_symbol_column_is_suggested_and_used_when_chosen():
    ids, columns = ["ENSG00000011304", "ENSG00000065268"], {"feature_name": ["PTBP1", "WDR18"]}
    _, names, found = resolved([[1, 2]], ids, columns=columns)
    assert names == ids
    choice = found["gene_column"]
    assert (choice.kind, choice.setting, choice.value) == ("choose", "data.query.gene_column", "feature_name")
    _, names, found = resolved([[1, 2]], ids, columns=columns, gene_column="feature_name")
    assert names == ["PTBP1", "WDR18"] and "gene_column" not in found


def test_numbered_genes_take_their_names_from_the_symbol_column():
    _, names, found = resolved([[1, 2]], ["0", "1"], columns={"gene_symbols": ["PTBP1", "WDR18"]})
    assert names == ["PTBP1", "WDR18"] and found["gene_column"].kind == "note"


def test_genes_without_a_symbol_keep_their_identifier_and_nameless_ones_go():
    ids, columns = ["ENSG00000011304", "ENSG00000065268"], {"symbol": ["PTBP1", None]}
    _, names, found = resolved([[1, 2]], ids, columns=columns, gene_column="symbol")
    assert names == ["PTBP1", "ENSG00000065268"] and "1 gene has no name in `symbol`" in found["filled_names"].what
    values, names, found = resolved([[1, 2]], ["CD3D", ""])
    assert names == ["CD3D"] and found["nameless"].what == "1 gene has no name. It was left out."
    np.testing.assert_array_equal(values, [[1]])


def test_an_absent_column_lists_the_others():
    with pytest.raises(DataError, match="Choose one of: `symbol`"):
        resolved([[1, 2]], ["a", "b"], columns={"symbol": ["x", "y"]}, gene_column="symbols")
    with pytest.raises(DataError, match="No gene of the query has a name"):
        resolved([[1, 2]], ["", " "])


def test_symbol_columns_are_known_by_name_and_content():
    assert symbol_column(pd.DataFrame({"Symbol": HUMAN, "gene_id": range(6)})) == "Symbol"
    assert symbol_column(pd.DataFrame({"name": ["1", "2"]})) is None


def test_probes_are_noted():
    found = resolved([[1, 2]], ["1007_s_at", "1053_at"])[2]
    assert found["gene_names"].kind == "note" and "array probes" in found["gene_names"].what
