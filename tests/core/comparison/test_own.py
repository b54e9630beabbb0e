"""Annotators that need no other program, on cells whose types anyone can see."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from core.comparison.methods import METHODS, OURS, OWN, provided
from core.comparison.own import learner, log_values, logistic_regression, majority, warm_up, z_scores
from core.data.align import Aligned
from core.errors import DataError


def blobs(seed: int, n: int = 90) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    number = np.arange(n) % 3
    values = draw.normal(size=(n, 6)).astype(np.float32)
    values[np.arange(n), number] += 6
    return values, np.array(["B", "NK", "T"], dtype=object)[number]


@pytest.mark.parametrize("name", ["logistic_regression", "knn"])
def test_far_apart_types_are_told_apart(name: str):
    train, labels = blobs(0)
    test, known = blobs(1)
    types, probability = learner(name)(train, labels, test, 0)
    assert (types == known).mean() > 0.97
    assert ((probability > 1 / 3 - 1e-6) & (probability <= 1)).all()


def test_the_largest_type_with_its_share():
    types, probability = majority(np.zeros((4, 1)), np.array(["B", "T", "T", "T"]), np.zeros((2, 1)), 0)
    assert list(types) == ["T", "T"] and list(probability) == [0.75, 0.75]
    tied, _ = majority(np.zeros((2, 1)), np.array(["T", "B"]), np.zeros((1, 1)), 0)
    assert list(tied) == ["B"]


def test_scores_of_genes_come_from_the_training_cells_alone():
    train = np.array([[0.0, 5.0], [2.0, 5.0]], dtype=np.float32)
    test = np.array([[3.0, np.nan], [1000.0, 5.0]], dtype=np.float32)
    first, second = z_scores(train, test)
    np.testing.assert_allclose(first, [[-1, 0], [1, 0]])
    np.testing.assert_allclose(second, [[2, 0], [10, 0]])  # a gene that is missing is at its mean; far values are cut


def test_a_gene_that_a_file_lacks_is_no_zero():
    cells = Aligned(sparse.csr_matrix([[5.0, 0.0]]), np.array([10.0]), "counts", ("A", "B"), ("B",))
    values = log_values(cells)
    assert values[0, 0] == pytest.approx(np.log1p(5000)) and np.isnan(values[0, 1])


def test_one_type_is_refused():
    with pytest.raises(DataError, match="two types"):
        logistic_regression(np.zeros((2, 1)), np.array(["B", "B"]), np.zeros((1, 1)), 0)


def test_every_method_says_what_it_sees_and_who_provides_it():
    assert OURS not in OWN and provided("celltypist") == ("celltypist", "celltypist_voting")
    assert all(method.sees and method.title for method in METHODS)
    for name in OWN:
        warm_up(name)
