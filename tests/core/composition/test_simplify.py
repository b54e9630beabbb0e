"""Cell types put together after the fact."""

import pandas as pd
import pytest

from core.composition.simplify import simplify_majority, simplify_set
from core.errors import DataError

FOUND = pd.DataFrame([[0.1, 0.3, 0.4, 0.2], [0.5, 0.1, 0.0, 0.4]], index=["a", "b"], columns=["CD4", "CD8", "B", "NK"])


def test_a_set_is_summed_into_a_new_type():
    simple = simplify_set(FOUND, {"T": ["CD4", "CD8"]})
    assert simple.columns.tolist() == ["B", "NK", "T"]
    assert simple["T"].tolist() == pytest.approx([0.4, 0.6])
    assert simple.sum(axis=1).tolist() == pytest.approx([1, 1])


def test_the_majority_takes_the_whole_group():
    simple = simplify_majority(FOUND, {"T": ["CD4", "CD8"], "other": ["B", "NK"]})
    assert simple.to_numpy().tolist() == [
        pytest.approx([0.0, 0.4, 0.6, 0.0]),
        pytest.approx([0.6, 0.0, 0.0, 0.4]),
    ]


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ({"T": ["CD4", "gamma delta"]}, "not in the composition"),
        ({"T": ["CD4"], "U": ["CD4"]}, "more than one group"),
        ({"T": []}, "holds no cell type"),
        ({"B": ["CD4", "CD8"]}, "name of a cell type outside it"),
    ],
)
def test_groups_that_do_not_fit_are_refused(groups, message):
    with pytest.raises(DataError, match=message):
        simplify_set(FOUND, groups)


def test_a_group_may_keep_the_name_of_one_of_its_types():
    assert simplify_set(FOUND, {"B": ["B", "NK"]})["B"].tolist() == pytest.approx([0.6, 0.4])
