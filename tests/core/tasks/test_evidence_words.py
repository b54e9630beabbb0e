"""Sentences about evidence, computed from the tables."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.tasks import evidence_words as words
from core.tasks.evidence_names import CLUSTERS, NOT_ASSIGNED, PREDICTED


def overlap(grouping: str, best: dict[str, str]) -> tuple[pd.DataFrame, pd.Series]:
    rows = [
        {"grouping": grouping, "reference": kind, "query": group, "cells": 9, "jaccard": 0.5 if kind == own else 0.1,
         "p_adjusted": 0.001 if kind == own else 0.5}
        for group, own in best.items()
        for kind in ("B", "T")
    ]  # fmt: skip
    return pd.DataFrame(rows), pd.Series({"grouping": grouping, "score": 0.5, "chance": 0.05, "left_out": 1})


def test_groups_with_the_markers_of_another_type_are_named():
    said = words.match_words(*overlap(PREDICTED, {"B": "B", "T": "B", NOT_ASSIGNED: "B"}))
    assert said.startswith("matchSCore 0.50, 0.05 by chance. 1 of 2 groups") and said.endswith("look again at T (B).")
    assert "All 2 groups" in words.match_words(*overlap(PREDICTED, {"B": "B", "T": "T"}))
    assert "3 of 3 groups share more" in words.match_words(*overlap(CLUSTERS, {"1": "B", "2": "B", "3": "T"}))
    assert words.left_out_words(pd.Series({"left_out": 0})) == ""


def test_accuracy_is_told_on_all_cells_with_coverage_beside_it():
    scores = {
        "accuracy": 0.8,
        "coverage": 0.9,
        "accuracy_assigned": 0.85,
        "unknown_refused": 0.25,
        "cells": 120.0,
        "cells_of_shared_types": 100.0,
    }
    said = words.identity_words(scores, "cell_type")
    assert "80.0 % of all 100 cells" in said and "90.0 % keep their label, of these 85.0 % are right" in said
    assert "Of 20 cells of other types 25 % are refused." in said
    nobody = words.identity_words({**scores, "coverage": 0.0, "accuracy_assigned": np.nan, "cells": 100.0}, "cell_type")
    assert nobody.endswith("0.0 % keep their label.")


def test_what_would_change_a_call_is_told_as_it_is():
    facts = {"cell_type": "CD4 T", "other": "CD8 T", "lead": 1.2, "genes_to_change": 2, "tried": 200}
    said = words.why_words(facts, ["NKG7", "CCL5", "GZMH"])
    assert said.endswith("With 2 genes (NKG7, CCL5) as in the average CD8 T cell it would be called CD8 T.")
    assert "would still be called CD4 T" in words.why_words({**facts, "genes_to_change": None}, [])
    assert "mean logit is higher for CD8 T" in words.why_words({**facts, "lead": -0.3, "genes_to_change": 0}, [])


def test_mixing_stands_beside_the_control_or_is_said_to_be_missing():
    table = pd.DataFrame({"space": ["code", "code", "genes"], "mixing": [0.8, 0.6, 0.1]})
    said = words.mixing_words(table)
    assert "70 %" in said and "without the network 10 %" in said and "no proof" in said
    assert "cannot be measured" in words.mixing_words(table.iloc[:0])
