"""The table of findings, cleanliness of units, agreement of runs."""

from __future__ import annotations

import pandas as pd
import pytest

from core.interpretation.findings import cleanliness, found_in, strongest_findings
from core.interpretation.null import Chance

IMPACT = pd.DataFrame(
    {"unit_1": [1.0, 0.2, 0.0], "unit_2": [0.9, 0.1, 0.0], "unit_3": [0.0, 0.3, 0.8]}, index=["A", "B", "C"]
)
Z = pd.DataFrame({"unit_1": [4.0, 0, 0], "unit_2": [5.0, 0, 0], "unit_3": [0.0, 0, 2]}, index=IMPACT.index)
P = pd.DataFrame({"unit_1": [0.001, 1, 1], "unit_2": [0.01, 1, 1], "unit_3": [1.0, 1, 0.2]}, index=IMPACT.index)
CHANCE = Chance(expected=IMPACT * 0, z=Z, p=P, p_adjusted=P)
CONTROL = pd.DataFrame({"T": [0.1, 0.9, 0.5], "B": [2.0, 1.0, 0.0]}, index=IMPACT.index)


def test_findings_by_z_with_the_rank_of_the_plain_difference():
    table = strongest_findings(IMPACT, CHANCE, control=CONTROL, highest_label={"unit_1": "T", "unit_2": "B"})
    assert table["unit"].tolist() == ["unit_2", "unit_1"]
    assert table["gene_set"].tolist() == ["A", "A"]
    assert table["impact"].tolist() == [0.9, 1.0]
    assert table["label"].tolist() == ["B", "T"]
    assert table["control_rank"].tolist() == [1, 3]


def test_findings_without_control_and_without_any():
    assert strongest_findings(IMPACT, CHANCE)["control_rank"].isna().all()
    assert strongest_findings(IMPACT, CHANCE, level=1e-9).empty


def test_cleanliness():
    found = cleanliness(IMPACT, CHANCE)
    assert (found.winners, found.units, found.beyond_chance) == (2, 3, 2)
    assert (found.winners_by_z, found.winners_beyond) == (2, 1)
    below = Chance(IMPACT * 0, -Z, P, P)
    assert cleanliness(IMPACT, below, two_sided=True).winners_beyond == 1
    assert cleanliness(IMPACT, below).winners_beyond == 0
    pairs = IMPACT.corr().abs()
    assert found.likeness == pytest.approx(sorted([pairs.iat[0, 1], pairs.iat[0, 2], pairs.iat[1, 2]])[1])


def test_sets_found_in_several_runs_whatever_the_unit():
    other = Chance(IMPACT * 0, Z, P, P[["unit_3", "unit_1", "unit_2"]] * 0.1)
    assert found_in([CHANCE, other]).to_dict() == {"A": 2, "B": 0, "C": 1}
