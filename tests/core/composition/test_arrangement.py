import numpy as np
import pandas as pd
import pytest

from core.composition.arrangement import arrange
from core.errors import DataError
from core.specs.groups import GroupSpec

COLUMNS = pd.DataFrame(
    {
        "status": ["sick", "well", "sick", "well", None, "sick"],
        "dose": [10.0, 2.0, 10.0, 2.0, 2.0, 30.0],
        "age": [30, 41, 52, 63, 74, 85],
        "grade": pd.Categorical(["low", "high", "mid", "low", "high", "mid"], categories=["low", "mid", "high"]),
        "person": ["a", "a", "b", "b", "c", "c"],
        "name": [f"n{i}" for i in range(6)],
        "same": "x",
        "treated": [True, False, True, False, True, False],
    },
    index=pd.Index(list("uvwxyz")),
)


def arranged(column: str, **more):
    return arrange(COLUMNS, GroupSpec(column=column, **more))


def test_groups_stand_in_the_order_of_names_numbers_or_categories():
    assert arranged("status").groups == ("sick", "well")
    assert arranged("dose").groups == ("2", "10", "30")
    assert arranged("grade").groups == ("low", "mid", "high")
    assert arranged("treated").groups == ("False", "True")
    assert arranged("grade", groups=("high", "low")).groups == ("high", "low")


def test_samples_without_a_value_are_counted():
    found = arranged("status")
    assert found.left_out == 1 and found.sizes == {"sick": 3, "well": 2} and found.large == ("sick",)
    assert not found.enough


def test_numbers_of_many_values_are_numbers_unless_asked_otherwise():
    assert arranged("age").kind == "number" and arranged("dose").kind == "two"
    assert arranged("age", read_as="groups").groups == ("30", "41", "52", "63", "74", "85")
    assert arranged("dose", read_as="number").kind == "number"


def test_parts_are_rows_of_each_group():
    values = np.arange(12.0).reshape(2, 6)
    (part,) = arranged("age").parts(values)
    np.testing.assert_array_equal(part, values)
    sick, well = arrange(COLUMNS.assign(status=["a", "b"] * 3), GroupSpec(column="status")).parts(values)
    np.testing.assert_array_equal(sick, values[:, ::2])
    np.testing.assert_array_equal(well, values[:, 1::2])


def test_pairs_leave_out_who_has_no_partner():
    found = arranged("status", paired_by="person")
    assert found.kind == "paired" and found.n_pairs == 2 and found.left_out == 2
    first, second = found.parts(np.arange(6.0))
    np.testing.assert_array_equal(first, [0, 2])
    np.testing.assert_array_equal(second, [1, 3])


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"column": "sex"}, r"no such column. Got sex. Bring it in the sample sheet. There are: status"),
        ({"column": "same"}, "All samples have one value of same. Got x"),
        ({"column": "name", "read_as": "number"}, "cannot be read as a number"),
        ({"column": "status", "groups": ("sick",)}, "needs two groups"),
        ({"column": "status", "groups": ("sick", "dead")}, r"Got \['dead'\]. Use some of: sick, well"),
        ({"column": "grade", "paired_by": "person"}, "Choose two of the groups"),
        ({"column": "age", "paired_by": "person"}, "age, a number. Choose a column of two groups"),
        ({"column": "status", "paired_by": "name"}, "No name has samples in both groups"),
        ({"column": "status", "paired_by": "status"}, "is the one that is compared"),
    ],
)
def test_what_cannot_be_compared_is_said(asked, said):
    with pytest.raises(DataError, match=said):
        arrange(COLUMNS, GroupSpec(**asked))


def test_too_many_groups_are_said_with_their_number():
    many = pd.DataFrame({"donor": [f"d{i}" for i in range(20)]}, index=pd.Index([f"s{i}" for i in range(20)]))
    with pytest.raises(DataError, match=r"donor has more groups than can be compared. Got 20. Choose up to 12"):
        arrange(many, GroupSpec(column="donor"))
