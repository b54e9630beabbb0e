"""Covariates of cells as numbers."""

import numpy as np
import pandas as pd
import pytest

from core.composition.simulated.cell_covariates import cell_design
from core.errors import DataError

CODES = np.array([0, 0, 0, 1, 1, 1])
LIBRARY = np.full(6, 100.0)


def design(**columns):
    return cell_design(CODES, ("A", "B"), LIBRARY, pd.DataFrame(columns))


def test_levels_and_numbers_become_columns():
    made = design(batch=["x", "y", "z", "x", "y", "z"], age=[1.0, 2, 3, 3, 2, 4])
    assert made.columns == ("batch: y", "batch: z", "age")
    np.testing.assert_array_equal(made.covariates[:, :2], np.array([[0, 1, 0, 0, 1, 0], [0, 0, 1, 0, 0, 1]]).T)
    np.testing.assert_allclose((made.covariates[:, 2].mean(), made.covariates[:, 2].std()), (0, 1), atol=1e-12)


def test_yes_and_no_are_levels():
    assert design(treated=[True, False, True, False, True, False]).columns == ("treated: True",)


def test_rows_may_repeat():
    made = design(batch=["x", "y", "x", "x", "y", "y"]).rows(np.array([4, 4, 0]))
    assert made.codes.tolist() == [1, 1, 0] and made.covariates[:, 0].tolist() == [1, 1, 0]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (["x"] * 6, "same in every cell. Got batch"),
        (["x"] * 3 + ["y"] * 3, "follows from the cell type .* Got batch"),
        ([1.0, 1, 1, 4, 4, 4], "follows from the cell type"),
        (["x", None, "y", "x", "x", "y"], "has gaps. Got batch"),
    ],
)
def test_covariates_that_tell_nothing_are_refused(values, words):
    with pytest.raises(DataError, match=words):
        design(batch=values)


def test_the_second_of_two_equal_covariates_is_refused():
    with pytest.raises(DataError, match="Got lane"):
        design(batch=["x", "y", "x", "x", "y", "y"], lane=["1", "2", "1", "1", "2", "2"])


def test_a_type_of_one_cell_and_empty_cells_are_refused():
    with pytest.raises(DataError, match=r"fewer than two cells to learn from\. Got \['B'\]"):
        cell_design(np.array([0, 0, 1]), ("A", "B"), np.ones(3))
    with pytest.raises(DataError, match=r"no counts\. Got 1"):
        cell_design(np.array([0, 0]), ("A",), np.array([0.0, 3.0]))
