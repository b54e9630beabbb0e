from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.annotation.backoff import NONE, SAFE, Backoff, answers, certainty, fit_backoff, safe_from
from core.annotation.hierarchy import from_table

TREE = from_table(pd.DataFrame({"coarse": ["T", "T", "B"], "fine": ["CD4", "CD8", "B"]}))
"""Types in the order B, CD4, CD8; labels above them in the order B, T."""


def confused(n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """T and B are told apart well, CD4 and CD8 badly: (n, 3) calibrated probabilities, and types drawn from them."""
    logits = np.column_stack([rng.choice([-4.0, 4.0], n), rng.normal(0, 1, n), rng.normal(0, 1, n)])
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    types = (rng.random(n)[:, None] > probabilities.cumsum(axis=1)).sum(axis=1)
    return probabilities, types


def test_the_cut_off_is_the_lowest_that_keeps_to_the_rate():
    sure = np.array([0.9, 0.8, 0.7, 0.6, 0.5])
    right = np.array([True, True, True, False, True])
    assert safe_from(sure, right, 0.25) == 0.7  # (0 + 1) / (3 + 1); at 0.6 two of five would count as wrong
    assert safe_from(sure, right, 0.34) == 0.5
    assert safe_from(sure, right, 0.1) == np.inf
    assert safe_from(np.empty(0), np.empty(0, dtype=bool), 0.1) == np.inf


def test_cells_of_equal_probability_are_kept_or_left_together():
    assert safe_from(np.array([0.9, 0.9, 0.9]), np.array([True, True, False]), 0.4) == np.inf


def test_a_cell_gets_its_deepest_safe_label():
    backoff = Backoff(TREE, np.array([0.7, 0.8]), 0.05, {})
    probabilities = np.array([[0.05, 0.9, 0.05], [0.1, 0.5, 0.4], [0.5, 0.3, 0.2], [0.72, 0.2, 0.08]])
    path = TREE.path(probabilities)
    deepest = backoff.deepest(path, certainty(TREE, probabilities, path))
    # B has no label above it but itself, so what is safe above is safe below
    assert deepest.tolist() == [1, 0, NONE, 1]


def test_labels_keep_to_the_rate_at_every_level_on_other_cells():
    rng = np.random.default_rng(0)
    backoff = fit_backoff(TREE, *confused(20_000, rng), 0.05)
    probabilities, types = confused(20_000, rng)
    path = TREE.path(probabilities)
    deepest = backoff.deepest(path, certainty(TREE, probabilities, path))
    right = path == TREE.above(types)
    for level in (0, 1):
        assert (deepest == level).mean() > 0.1
        assert (~right[deepest == level, level]).mean() <= 0.06


def test_too_few_cells_left_over_learn_from_all():
    probabilities = np.vstack([np.tile([0.98, 0.01, 0.01], (60, 1)), np.tile([0.02, 0.5, 0.48], (3, 1))])
    types = np.array([0] * 60 + [1, 2, 2])
    backoff = fit_backoff(TREE, probabilities, types, 0.04)
    assert backoff.thresholds[1] == 0.98
    assert backoff.thresholds[0] == pytest.approx(0.98)  # all 63 are right above, at least at 0.98


def test_the_answers_count_every_cell():
    probabilities, types = confused(3000, np.random.default_rng(1))
    levels, table = answers(TREE, probabilities, types, np.arange(3000) % 3, 0.05)
    assert levels["level"].tolist() == ["coarse", "fine"]
    table = table.set_index("answer")
    assert table["coverage"].tolist()[:2] == [1, 1]
    safe = table.loc[SAFE]
    assert levels["reported"].sum() == pytest.approx(safe["coverage"])
    assert safe["accuracy"] == pytest.approx(safe["precision"] * safe["coverage"])
    assert safe["precision"] > 0.93 > table.loc["fine", "precision"]
    assert safe["hierarchical_precision"] > table.loc["fine", "hierarchical_precision"]
    assert (levels["reported_right"] > 0.93).all()
    assert levels.loc[1, ["set_90", "set_95"]].tolist() == pytest.approx([0.9, 0.95], abs=0.02)
    assert (levels.loc[0, ["set_90", "set_95"]] >= [0.88, 0.93]).all()  # a set is never empty, so it may hold more


def test_hierarchical_scores_by_hand():
    probabilities = np.array([[0.1, 0.6, 0.3], [0.1, 0.6, 0.3]])
    table = answers(TREE, probabilities, np.array([1, 2]), np.array([0, 1]), 0.5)[1].set_index("answer")
    # both lie under T; the first is CD4 as said, the second is not
    assert table.loc["fine", ["accuracy", "hierarchical_precision", "hierarchical_recall"]].tolist() == [
        0.5,
        0.75,
        0.75,
    ]
    assert table.loc["coarse", ["accuracy", "hierarchical_precision", "hierarchical_recall"]].tolist() == [1, 1, 0.5]


def test_it_comes_back_from_plain_values():
    backoff = fit_backoff(TREE, *confused(500, np.random.default_rng(2)), 0.1)
    back = Backoff.from_dict(backoff.to_dict())
    np.testing.assert_array_equal(back.thresholds, backoff.thresholds)
    np.testing.assert_array_equal(back.cutoffs[0.9], backoff.cutoffs[0.9])
    assert back.hierarchy.labels == TREE.labels
