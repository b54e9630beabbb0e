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


def test_a_label_that_the_cell_did_not_choose_itself_is_told_with_where_it_came_from():
    facts = {"cell_type": "T", "other": "NK", "lead": -1.0, "genes_to_change": 0, "tried": 9}
    facts |= {"probability": 0.12, "other_probability": 0.56}
    assert words.why_words({**facts, "vote": {}}, []).endswith("came of the most probable group of types.")
    said = words.why_words({**facts, "vote": {"voters": 3}}, [])
    assert said == "By itself the cell is rather NK (0.56) than T (0.12), which came of the vote."


def test_mixing_stands_beside_the_control_or_is_said_to_be_missing():
    table = pd.DataFrame({"space": ["code", "code", "genes"], "mixing": [0.8, 0.6, 0.1]})
    said = words.mixing_words(table)
    assert "70 %" in said and "without the network 10 %" in said and "no proof" in said
    assert "cannot be measured" in words.mixing_words(table.iloc[:0])


def path(*safe: bool) -> list[dict]:
    names = [("lineage", "T", 0.97, 0.6), ("type", "CD4 T", 0.62, 0.81), ("state", "naive", 0.5, None)]
    return [
        {"level": level, "label": label, "probability": p, "safe_from": limit, "safe": here}
        for (level, label, p, limit), here in zip(names, safe, strict=True)
    ]


def test_the_way_down_the_levels_is_told_with_its_limits():
    said = words.decision_words({"path": path(True, False, False), "safe_label": "T", "cell_type": "naive"})
    assert said == [
        "Down the levels: lineage: T, 0.97 (safe from 0.60); type: CD4 T, 0.62 (safe from 0.81); state: naive, 0.50 "
        "(no label is safe here). The deepest safe label is T."
    ]
    refused = words.decision_words({"path": path(True, False, False), "safe_label": NOT_ASSIGNED, "cell_type": "naive"})
    assert refused[0].endswith("Not assigned: the reference does not know the cell.")
    unsafe = words.decision_words({"path": path(False, False, False), "safe_label": NOT_ASSIGNED, "cell_type": "naive"})
    assert unsafe[0].endswith("Not assigned: no label is safe.")
    assert words.decision_words({"cell_type": "B"}) == []


def test_a_vote_is_told_with_the_cell_s_own_type():
    vote = {"own_type": "NK", "own_probability": 0.4, "vote_fraction": 0.75, "voters": 20, "counted": True}
    assert words.decision_words({"vote": vote, "cell_type": "T"}) == [
        "75 % of 20 votes of its neighbours are for T; by itself it would be NK (0.40)."
    ]
    same = words.decision_words({"vote": {**vote, "cluster": "3"}, "cell_type": "NK"})[0]
    assert "its cluster 3 are for NK, as is its own best type" in same
    small = words.decision_words({"vote": {**vote, "cluster": "9", "voters": 4, "counted": False}, "cell_type": "NK"})
    assert small == ["Its cluster 9 of 4 cells is too small to vote; its own best type is NK (0.40)."]


def test_what_stands_in_for_the_reference_is_told():
    assert words.reference_words({}) == ""
    assert words.reference_words({"reference": {"source": "file", "cells": 5, "of": 5}}) == ""
    said = words.reference_words({"reference": {"source": "model", "cells": 400, "of": 2638}})
    assert "averages of 2,638 reference cells and 400 of these cells" in said
    bridge = words.reference_words({"reference": {"source": "bridge", "cells": 0, "of": 90}})
    assert "90 cells of the bridge and none of the cells" in bridge


def test_labels_of_several_levels_are_compared_with_types_below_them():
    right, labelled = np.array([True, True, False, False]), np.array([True, True, True, False])
    said = words.safe_words(right, labelled, "truth")
    assert said.startswith("75.0 % of 4 cells") and "66.7 % of these labels are the cell's truth" in said
    assert words.safe_words(right, np.zeros(4, dtype=bool), "truth").startswith("0.0 % of 4 cells")
