"""Cells for training and for test."""

import numpy as np
import pytest

from core.composition.split import split_cells
from core.errors import DataError

CODES = np.repeat([0, 1, 2], [80, 16, 4])


@pytest.mark.parametrize("balanced", [True, False])
def test_no_cell_is_on_both_sides_and_every_type_on_each(balanced):
    for seed in range(20):
        train, test = split_cells(CODES, ["a", "b", "c"], 0.75, np.random.default_rng(seed), balanced=balanced)
        assert sorted([*train, *test]) == list(range(100))
        assert set(CODES[train]) == set(CODES[test]) == {0, 1, 2}


def test_balanced_sides_keep_the_ratio_of_each_type():
    train, _ = split_cells(CODES, ["a", "b", "c"], 0.75, np.random.default_rng(0))
    assert np.bincount(CODES[train]).tolist() == [60, 12, 3]


def test_a_type_with_one_cell_is_refused_by_name():
    with pytest.raises(DataError, match=r"too few cells .* Got \['rare'\]"):
        split_cells(np.array([0, 0, 1]), ["common", "rare"], 0.75, np.random.default_rng(0))
