from __future__ import annotations

import pandas as pd

from core.tasks import unit_words
from core.tasks.unit_words import moved_words, stability_words, stable_units, suggested_name


def _matches(*rows: tuple[str, float, float]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=pd.Index(["network", "likeness", "within"]))
    return table.assign(unit="unit_1", match="unit_4")


def test_stability_in_plain_words():
    assert "training.members" in stability_words(pd.DataFrame(), 0, 0)
    found = _matches(("Run 2", 0.95, 0.4), ("Run 3", 0.5, 0.4))
    assert "Found again in 1 of 2 other trainings** (r 0.50 to 0.95" in stability_words(found, 0, 2)
    assert "Cannot be told" in stability_words(_matches(("Run 2", 0.9, 0.97)), 0, 1)
    assert "Not found again** in the other training (r 0.30, below 0.8)" in stability_words(
        _matches(("Run 2", 0.3, 0.2)), 0, 1
    )
    assert "too few genes" in stability_words(found, 1, 2)
    assert stable_units(found) == {"unit_1": 1}


def test_a_name_is_suggested_from_a_certain_term_alone():
    terms = pd.DataFrame(
        {
            "gene_set": ["HALLMARK_E2F_TARGETS", "HALLMARK_HYPOXIA"],
            "p_adjusted": [1e-9, 0.3],
            "p_bonferroni": [0.06, 1.0],
        }
    )
    assert suggested_name(terms) == ("E2F targets", 1e-9)
    assert suggested_name(terms, "p_bonferroni") is None
    assert suggested_name(terms.iloc[:0]) is None


def test_how_units_were_moved():
    assert moved_words({"amount": 2.0, "direction": "up"}) == "rises by 2 standard deviations"
    assert moved_words({"amount": 1.0, "direction": "down"}) == "falls by 1 standard deviation"
    assert "100 strongest genes, against the 3,190" in unit_words.tested_words({"taken": 100, "background": 3190})
