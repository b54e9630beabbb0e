from __future__ import annotations

import time

import anndata
import numpy as np
import pytest
from scipy.special import softmax

from core.annotation.linear import LinearMember, fit_linear
from core.errors import DataError
from tests.conftest import real

CORNERS = np.array([[3, 0, 0], [0, 3, 0], [0, 0, 3]], dtype=np.float32)


def test_each_corner_is_called_its_own_type():
    member = fit_linear(np.repeat(CORNERS, 5, axis=0), np.repeat([0, 1, 2], 5), 3)
    assert member.logits(CORNERS).argmax(axis=1).tolist() == [0, 1, 2]
    assert member.weight.shape == (3, 3)
    assert member.weight.dtype == np.float32


def test_probabilities_are_those_of_scikit_learn():
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(0)
    values = rng.normal(size=(60, 4)).astype(np.float32)
    for n_types in (2, 3):
        labels = np.arange(60) % n_types
        member = fit_linear(values, labels, n_types, balanced=False)
        peer = LogisticRegression(C=0.1, tol=1e-3).fit(values, labels)
        np.testing.assert_allclose(softmax(member.logits(values), axis=1), peer.predict_proba(values), atol=1e-5)


def test_a_type_without_cells_gets_next_to_no_probability():
    member = fit_linear(np.repeat(CORNERS[:2], 5, axis=0), np.repeat([0, 2], 5), 4)
    probabilities = softmax(member.logits(CORNERS), axis=1)
    assert probabilities[:, [1, 3]].max() < 1e-6


def test_balanced_classes_weigh_the_same():
    rng = np.random.default_rng(1)
    values = np.concatenate([rng.normal(0, 1, (200, 2)), rng.normal(1, 1, (10, 2))]).astype(np.float32)
    labels = np.repeat([0, 1], [200, 10])
    rare = [(fit_linear(values, labels, 2, balanced=b).logits(values).argmax(axis=1) == 1).sum() for b in (False, True)]
    assert rare[0] < rare[1]


def test_one_type_alone_is_refused():
    with pytest.raises(DataError, match="two types"):
        fit_linear(CORNERS, np.zeros(3, dtype=int), 3)


def test_the_arrays_bring_the_member_back():
    member = fit_linear(np.repeat(CORNERS, 5, axis=0), np.repeat([0, 1, 2], 5), 3)
    again = LinearMember.from_dict(member.to_dict())
    np.testing.assert_array_equal(again.logits(CORNERS), member.logits(CORNERS))


def test_pbmc3k_takes_less_than_one_and_a_half_cpu_seconds():
    cells = anndata.read_h5ad(real("pbmc3k.h5ad"))
    counts = cells.X[:, :8000].toarray()
    counts = counts[:, np.argsort(-counts.var(axis=0))[:2000]]
    values = np.log1p(counts)
    values = np.clip((values - values.mean(axis=0)) / values.std(axis=0), -10, 10).astype(np.float32)
    labels = cells.obs["cell_type"].astype("category").cat.codes.to_numpy()
    started = time.process_time()
    member = fit_linear(values[::2], labels[::2], 8)
    assert time.process_time() - started < 1.5
    assert (member.logits(values[1::2]).argmax(axis=1) == labels[1::2]).mean() > 0.93
