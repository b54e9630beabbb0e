from __future__ import annotations

import sys

import numpy as np
import pytest

from core.annotation.boosted import ABSENT, BoostedMember, fit_boosted
from core.errors import DataError, MissingExtraError
from core.model import join_arrays, split_arrays


def cells(seed: int = 0, n: int = 300) -> tuple[np.ndarray, np.ndarray]:
    """Types that depend on a combination of two programmes of six genes, which no linear model sees."""
    rng = np.random.default_rng(seed)
    programmes = rng.normal(size=(n, 2))
    values = np.repeat(programmes, 6, axis=1) + 0.1 * rng.normal(size=(n, 12))
    return values.astype(np.float32), (programmes.prod(axis=1) > 0).astype(int)


def test_trees_learn_a_combination_of_genes():
    member = fit_boosted(*cells(), 2, seed=0)
    values, labels = cells(seed=1)
    assert (member.logits(values).argmax(axis=1) == labels).mean() > 0.85


def test_the_same_seed_gives_the_same_trees():
    first, again, other = (fit_boosted(*cells(), 2, seed=seed, rounds=5).text for seed in (0, 0, 1))
    assert first == again
    assert first != other


def test_a_type_without_cells_is_never_called():
    values, labels = cells()
    logits = fit_boosted(values, 2 * labels, 3, seed=0, rounds=5).logits(values)
    assert (logits[:, 1] == ABSENT).all()
    assert logits.shape == (300, 3)


def test_no_cells_give_no_answers():
    assert fit_boosted(*cells(), 2, seed=0, rounds=2).logits(np.zeros((0, 12))).shape == (0, 2)


def test_one_type_is_refused():
    with pytest.raises(DataError, match="two types"):
        fit_boosted(cells()[0], np.zeros(300, dtype=int), 2, seed=0)


def test_trees_come_back_from_a_model_file():
    values, _ = cells()
    member, tensors = fit_boosted(*cells(), 2, seed=0, rounds=5), {}
    tree = split_arrays(member.to_dict(), tensors)
    again = BoostedMember.from_dict(join_arrays(tree, tensors))
    np.testing.assert_array_equal(again.logits(values), member.logits(values))


def test_attributions_add_up_to_the_change_of_the_contrast():
    values = np.random.default_rng(0).normal(size=(300, 12)).astype(np.float32)
    member = fit_boosted(values, np.where(values[:, 0] > 0, 2, 0), 3, seed=0, rounds=50)
    start, contrasts = values[:50].mean(axis=0), np.array([[1.0, 0, -1], [0.5, 0, 0.5]])
    found = member.attributions(values[:9], start, contrasts)
    expected = contrasts @ (member.logits(values[:9]) - member.logits(start[None])).T
    np.testing.assert_allclose(found.sum(axis=2), expected, atol=1e-4)
    assert np.abs(found[0]).mean(axis=0).argmax() == 0


def test_a_missing_library_says_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "lightgbm", None)
    with pytest.raises(MissingExtraError, match="libgomp1"):
        fit_boosted(*cells(), 2, seed=0)
