from __future__ import annotations

import anndata
import pytest

from core.data.genes import gene_names
from core.errors import DataError
from core.interpretation.textbook_markers import textbook_markers
from tests.conftest import real


@pytest.mark.parametrize(("species", "least"), [("human", 30), ("mouse", 15)])
def test_every_set_holds_six_to_twelve_genes_of_its_species(species, least):
    sets = textbook_markers(species)
    assert len(sets) >= least
    assert gene_names(sets.genes).spoken == f"{species} symbols"
    for name, genes in sets.items():
        assert 6 <= len(genes) == len(set(genes)) <= 12, name
    assert set(sets.descriptions.values()) == {f"Textbook markers written for CellDesk, {species}"}


def test_no_two_sets_are_the_same():
    genes = list(textbook_markers("human").genes_of.values())
    assert len({frozenset(each) for each in genes}) == len(genes)


def test_the_blood_sets_are_found_in_blood():
    genes = set(anndata.read_h5ad(real("pbmc3k.h5ad"), backed="r").var_names)
    for name in ("T cell", "B cell", "NK cell", "Classical monocyte", "Platelet"):
        found = [gene for gene in textbook_markers("human")[name] if gene in genes]
        assert len(found) >= 6, (name, found)


def test_another_species_is_refused():
    with pytest.raises(DataError, match="no textbook markers"):
        textbook_markers("fly")  # type: ignore[arg-type]  what the annotation forbids
