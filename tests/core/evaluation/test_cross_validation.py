from __future__ import annotations

import numpy as np

from core.evaluation.autoencoder import CLASSIFIER, PLAIN
from core.evaluation.cross_validation import folds
from tests.core.evaluation.toy import cells, fit, one_fold


def test_every_type_is_on_both_sides_of_every_split():
    values, labels = cells()
    cuts = list(folds(values, labels, fit, test_share=0.25, n_folds=3, n_code=3, seed=4))
    assert [cut.seed for cut in cuts] == [4, 5, 6]
    for cut in cuts:
        assert np.bincount(cut.test_labels).tolist() == [3, 3, 3]
        assert len(cut.train) + len(cut.test) == len(values)
    assert not np.array_equal(cuts[0].test, cuts[1].test)


def test_the_same_seed_gives_the_same_splits():
    np.testing.assert_array_equal(one_fold().test, one_fold().test)


def test_each_network_is_trained_once():
    values, labels = cells()
    asked = []

    def counted(*arguments):
        asked.append(arguments[2])
        return fit(*arguments)

    cut = next(folds(values, labels, counted, test_share=0.25, n_folds=1, n_code=3, seed=0))
    for _ in range(3):
        assert set(cut.networks) == {PLAIN, CLASSIFIER}
    assert asked == [False, True]


def test_codes_hold_every_view():
    codes = one_fold().codes
    assert list(codes) == ["genes", "pca", PLAIN, CLASSIFIER]
    assert codes["pca"][1].shape == (9, 3)
