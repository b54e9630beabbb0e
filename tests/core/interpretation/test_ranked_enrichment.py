from __future__ import annotations

import numpy as np
import pytest

from core.errors import DataError
from core.interpretation.ranked_enrichment import COLUMNS, ranked_enrichment

GENES = [f"g{number}" for number in range(200)]
CHANGES = np.linspace(3, -3, 200)
SETS = {
    "TOP": GENES[:15],
    "BOTTOM": GENES[-15:],
    "EVEN": GENES[::14],
    "SMALL": GENES[:3],
    "ELSEWHERE": ["x1", "x2", "x3", "x4", "x5", "x6"],
}


def test_sets_at_either_end_are_found_with_their_sign_and_an_even_one_is_not():
    table = ranked_enrichment(CHANGES, GENES, SETS, permutations=200)
    assert list(table.columns) == list(COLUMNS)
    found = table.set_index("gene_set")
    assert set(found.index) == {"TOP", "BOTTOM", "EVEN"}
    assert found.at["TOP", "score"] == pytest.approx(1.0) and found.at["BOTTOM", "score"] == pytest.approx(-1.0)
    assert found.at["TOP", "normalised"] > 1.5 and found.at["BOTTOM", "normalised"] < -1.5
    assert found.loc[["TOP", "BOTTOM"], "p_adjusted"].max() < 0.05 < found.at["EVEN", "p_adjusted"]
    assert set(str(found.at["TOP", "genes"]).split(";")) == set(GENES[:15]) and found.at["TOP", "size"] == 15
    assert table["gene_set"].iloc[-1] == "EVEN"


def test_no_p_is_smaller_than_the_permutations_allow_and_a_seed_repeats_it():
    first = ranked_enrichment(CHANGES, GENES, SETS, permutations=100, seed=3)
    assert first["p"].min() == pytest.approx(1 / 101)
    again = ranked_enrichment(CHANGES, GENES, SETS, permutations=100, seed=3)
    assert first.equals(again)


def test_turning_the_signs_turns_the_scores():
    up = ranked_enrichment(CHANGES, GENES, SETS, permutations=100).set_index("gene_set")["score"]
    down = ranked_enrichment(-CHANGES, GENES, SETS, permutations=100).set_index("gene_set")["score"]
    np.testing.assert_allclose(up[["TOP", "BOTTOM"]], -down[["TOP", "BOTTOM"]], atol=1e-9)


def test_nothing_to_test_is_refused():
    with pytest.raises(DataError, match="No gene set has 5 genes"):
        ranked_enrichment(CHANGES, GENES, {"ELSEWHERE": SETS["ELSEWHERE"]})
    with pytest.raises(DataError, match="changes no gene"):
        ranked_enrichment(np.zeros(200), GENES, SETS)
