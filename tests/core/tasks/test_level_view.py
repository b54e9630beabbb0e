from __future__ import annotations

import numpy as np
import pandas as pd

from core.annotation.backoff import SAFE
from core.figures.palette import NOT_ASSIGNED
from core.tasks.level_view import at_level, of_level, on_the_way, raised, resafe

LEVELS = ("coarse", "fine")
LABELS = pd.DataFrame(
    {
        "level_1": ["T", "T", "B"],
        "level_1_probability": [0.9, 0.8, 0.4],
        "level_2": ["CD4", "CD8", "B"],
        "level_2_probability": [0.85, 0.45, 0.4],
        "safe_level": ["fine", "coarse", "none"],
    }
)
ANNOTATION = pd.DataFrame(
    {"cell_type": ["CD4", "CD8", "B"], "probability": [0.85, 0.45, 0.4], "assigned": [True, True, True]}
)
PER_TYPE = pd.DataFrame({"level": ["coarse"] * 2 + ["fine"] * 3, "cell_type": ["T", "B", "CD4", "CD8", "B"]})


def test_a_level_has_its_own_labels_and_probabilities():
    found = at_level(ANNOTATION, LABELS, LEVELS, "coarse")
    assert found["cell_type"].tolist() == ["T", "T", "B"]
    assert found["probability"].tolist() == [0.9, 0.8, 0.4]
    assert found["assigned"].all()


def test_the_finest_level_is_the_annotation_itself():
    found = at_level(ANNOTATION, LABELS, LEVELS, "fine")
    pd.testing.assert_frame_equal(found.drop(columns="level"), ANNOTATION)


def test_as_deep_as_is_safe_mixes_levels_and_leaves_out_what_is_safe_at_none():
    found = at_level(ANNOTATION, LABELS, LEVELS, SAFE)
    assert found["cell_type"].tolist() == ["CD4", "T", "B"]
    assert found["level"].tolist() == ["fine", "coarse", "coarse"]
    assert found["assigned"].tolist() == [True, True, False]
    # a cell that the reference does not know stays without a label
    refused = at_level(ANNOTATION.assign(assigned=[False, True, True]), LABELS, LEVELS, SAFE)
    assert refused["assigned"].tolist() == [False, True, False]


def test_only_labels_that_cells_have_are_looked_up():
    found = at_level(ANNOTATION, LABELS, LEVELS, SAFE)
    assert of_level(PER_TYPE, found, SAFE, "cell_type")["cell_type"].tolist() == ["T", "CD4"]
    assert of_level(PER_TYPE, found, "fine", "cell_type")["cell_type"].tolist() == ["CD4", "CD8", "B"]


def test_a_kept_cut_off_changes_the_safe_labels_too():
    assert resafe(LABELS, LEVELS, np.array([True, True, True])).tolist() == ["CD4", "T", NOT_ASSIGNED]
    assert resafe(LABELS, LEVELS, np.array([False, True, True])).tolist()[0] == NOT_ASSIGNED


TREE = pd.DataFrame({"coarse": ["T", "T", "B"], "fine": ["CD4", "CD8", "B"]})


def test_own_labels_are_named_as_a_level_names_them():
    assert raised(["CD8", "B", "T", "stroma"], TREE, "coarse").tolist() == ["T", "B", "T", "stroma"]
    assert raised(["CD8"], TREE, "fine").tolist() == ["CD8"]


def test_a_label_above_the_own_type_is_right():
    given = ["CD4", "T", "CD8", "B", NOT_ASSIGNED]
    assert on_the_way(["CD4", "CD4", "CD4", "CD4", "CD4"], given, TREE).tolist() == [True, True, False, False, False]
    assert on_the_way(["stroma"], ["T"], TREE).tolist() == [False]
