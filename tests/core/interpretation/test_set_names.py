from __future__ import annotations

import anndata
import pytest

from core.errors import DataError
from core.interpretation.gene_sets import GeneSets, read_gmt
from core.interpretation.set_names import fit, looked_up
from tests.conftest import real

SYMBOLS = ["CD3D", "CD3E", "MS4A1", "NKG7", "LYZ", "PPBP"]
ENSEMBL = [f"ENSG0000000000{number}" for number in range(6)]
ENTREZ = ["915", "916", "931", "4818", "4069", "5473"]


def of(genes: list[str], name: str = "SET") -> GeneSets:
    return GeneSets({name: tuple(genes)})


def test_sets_and_data_named_alike_fit_as_they_are():
    found = fit(of(["CD3D", "CD3E", "FOXP3"]), SYMBOLS)
    assert found.alike and found.found == 2 and found.sets["SET"] == ("CD3D", "CD3E", "FOXP3")
    assert found.words == "Sets and data hold human symbols. 2 of 3 genes of the sets are in the data."
    found.refuse()


@pytest.mark.parametrize(
    ("sets", "cells", "of_sets", "of_data"),
    [("hallmark_mouse.gmt", "pbmc3k.h5ad", "mouse", "human"), ("dmap_derived.gmt", "paul15.h5ad", "human", "mouse")],
)
def test_real_sets_of_another_species_are_refused_and_not_folded(sets, cells, of_sets, of_data):
    found = fit(read_gmt(real(sets)), list(anndata.read_h5ad(real(cells), backed="r").var_names))
    assert (found.of_sets.species, found.of_data.species) == (of_sets, of_data)
    assert found.share < 0.01
    with pytest.raises(DataError) as refused:
        found.refuse()
    assert f"hold {of_sets} symbols, the data {of_data} symbols" in refused.value.what
    assert "Orthologs are missing" in refused.value.remedy


@pytest.mark.parametrize(
    ("sets", "cells"), [("hallmark_human.gmt", "pbmc3k.h5ad"), ("hallmark_mouse.gmt", "paul15.h5ad")]
)
def test_real_sets_of_the_right_species_fit(sets, cells):
    found = fit(read_gmt(real(sets)), list(anndata.read_h5ad(real(cells), backed="r").var_names))
    found.refuse()
    assert found.alike and found.share > 0.2


def test_identifiers_of_another_kind_are_refused_without_a_table():
    found = fit(of(SYMBOLS), ENSEMBL)
    with pytest.raises(DataError, match="human symbols, the data human Ensembl identifiers"):
        found.refuse()
    assert "gene_table" in found.remedy
    assert fit(of(ENTREZ), SYMBOLS).of_sets.kind == "entrez"


def test_a_column_of_the_data_translates_symbols_and_one_symbol_may_be_several_genes():
    names = {**dict(zip(ENSEMBL, SYMBOLS, strict=True)), "ENSG00000000009": "CD3D"}
    found = fit(of(["CD3D", "NKG7", "FOXP3"]), [*ENSEMBL, "ENSG00000000009"], {"the column `symbol`": names})
    assert found.by == "the column `symbol`" and found.found == 2
    assert found.sets["SET"] == ("ENSG00000000000", "ENSG00000000009", "ENSG00000000003", "FOXP3")
    assert "the column `symbol` names both" in found.words
    found.refuse()


def test_a_column_of_another_species_translates_nothing():
    names = dict(zip(ENSEMBL, ["Cd3d", "Cd3e", "Ms4a1", "Nkg7", "Lyz2", "Ppbp"], strict=True))
    assert fit(of(SYMBOLS), ENSEMBL, {"the column `symbol`": names}).by == ""


def test_versions_of_ensembl_identifiers_are_dropped():
    found = fit(of([f"{gene}.4" for gene in ENSEMBL]), ENSEMBL)
    assert found.found == 6 and found.sets["SET"] == tuple(ENSEMBL)


def test_genes_looked_up_say_what_may_have_been_meant():
    found, missing = looked_up(["CD3D", "cd3e", "FOO"], SYMBOLS)
    assert found == ["CD3D"] and missing == {"cd3e": "CD3E", "FOO": ""}
