"""Gene sets in the data."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import DataError
from core.interpretation.membership import membership

SETS = {"A": ["g1", "g2"], "B": ["g2", "g3", "g4", "x"], "C": ["g1", "x", "y"]}
GENES = ["g4", "g3", "g2", "g1"]


def test_rows_sum_to_one_and_dropped_sets_are_listed():
    found = membership(SETS, GENES, 2)
    assert found.names == ("A", "B")
    np.testing.assert_allclose(found.matrix.toarray(), [[0, 0, 0.5, 0.5], [1 / 3, 1 / 3, 1 / 3, 0]])
    assert found.sizes.tolist() == [2, 3]
    assert found.rows("A").tolist() == [2, 3]
    assert found.dropped.to_dict("list") == {"gene_set": ["C"], "genes": [3], "in_data": [1]}
    np.testing.assert_allclose(found.mean(np.array([[4.0], [3], [2], [1]])), [[1.5], [3]])


def test_identifiers_of_another_kind():
    with pytest.raises(DataError) as caught:
        membership({"WNT": ["AXIN1", "MYC"]}, ["ENSG01", "ENSG02", "ENSG03", "ENSG04"], 5)
    assert str(caught.value) == (
        "No gene set has 5 genes in the data; the best, WNT, has 0. Got ['ENSG01', 'ENSG02', 'ENSG03']. "
        "Check that data and gene sets use the same species and identifier (symbols, not Ensembl)."
    )


def test_another_species_gets_a_hint():
    with pytest.raises(DataError, match="capital letters"):
        membership({"WNT": ["AXIN1", "MYC"]}, ["Axin1", "Myc"], 2)


def test_no_sets_at_all():
    with pytest.raises(DataError, match="No gene set has 5 genes in the data"):
        membership({}, GENES, 5)
