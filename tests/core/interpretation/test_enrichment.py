"""Enrichment against scipy's hypergeometric distribution."""

from __future__ import annotations

import pandas as pd
import pytest
from scipy import stats

from core.errors import DataError
from core.interpretation.enrichment import enrichment, unit_enrichment, unit_links

BACKGROUND = [f"g{number}" for number in range(100)]
SETS = {
    "hit": [*BACKGROUND[:10], "elsewhere"],
    "half": BACKGROUND[8:28],
    "none": BACKGROUND[50:60],
    "tiny": BACKGROUND[:2],
}


def test_hypergeometric_p_and_both_corrections():
    table = enrichment([*BACKGROUND[:9], "unknown"], SETS, BACKGROUND)
    assert table["gene_set"].tolist() == ["hit", "half", "none"]
    assert table["overlap"].tolist() == [9, 1, 0]
    assert table["size"].tolist() == [10, 20, 10]
    expected = [stats.hypergeom.sf(k - 1, 100, size, 9) for k, size in [(9, 10), (1, 20), (0, 10)]]
    assert table["p"].tolist() == pytest.approx(expected)
    assert table["p_bonferroni"].tolist() == pytest.approx([min(1, 3 * p) for p in expected])
    assert table["p_adjusted"].tolist() == pytest.approx(stats.false_discovery_control(expected))
    assert set(table["genes"][0].split(";")) == set(BACKGROUND[:9])
    assert table["genes"][2] == ""


def test_no_overlap_at_all_is_an_answer():
    table = enrichment(["g99"], SETS, BACKGROUND)
    assert table["p"].tolist() == [1, 1, 1]
    assert table["overlap"].tolist() == [0, 0, 0]


def test_foreign_genes_and_foreign_sets_are_refused():
    with pytest.raises(DataError, match=r"None of the chosen genes.*Got \['x'\]"):
        enrichment(["x"], SETS, BACKGROUND)
    with pytest.raises(DataError, match="No gene set has 5 genes"):
        enrichment(["g1"], {"mouse": ["Myc"] * 9}, BACKGROUND)


def test_units_and_their_links():
    top = pd.DataFrame({"unit": ["unit_2"] * 9 + ["unit_1"] * 9, "gene": BACKGROUND[:9] + BACKGROUND[1:10]})
    table = unit_enrichment(top, SETS, BACKGROUND)
    assert list(table.columns[:2]) == ["unit", "gene_set"]
    assert table["unit"].value_counts().to_dict() == {"unit_1": 3, "unit_2": 3}
    links = unit_links(table)
    assert set(zip(links["unit"], links["gene_set"], strict=True)) == {("unit_1", "hit"), ("unit_2", "hit")}
    assert links["units"].tolist() == [2, 2]
    assert (links["strength"] > 5).all()
    assert unit_links(table, level=1e-30).empty
