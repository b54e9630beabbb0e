import numpy as np
import pytest

from core.composition import share_draws as drawn
from core.composition.share_draws import share_draws

SHARES = np.array([[0.5, 0.3, 0.2], [0.2, 0.2, 0.6]])


def _all(low, high, draws=4000, seed=0):
    return np.concatenate(list(share_draws(SHARES, low, high, 0.9, draws, np.random.default_rng(seed))))


def test_rows_sum_to_one_and_repeat_with_the_seed():
    found = _all(SHARES - 0.1, SHARES + 0.1, 50)
    assert found.shape == (50, 2, 3) and (found >= 0).all()
    np.testing.assert_allclose(found.sum(axis=-1), 1)
    np.testing.assert_array_equal(found, _all(SHARES - 0.1, SHARES + 0.1, 50))


def test_a_share_that_is_sure_stays():
    np.testing.assert_allclose(_all(SHARES, SHARES, 10), np.broadcast_to(SHARES, (10, 2, 3)))


def test_the_interval_holds_as_many_draws_as_it_says():
    # one share alone is unsure, so that scaling to one hardly moves it
    low, high = SHARES.copy(), SHARES.copy()
    low[0, 2], high[0, 2] = 0.19, 0.22
    found = _all(low, high)[:, 0, 2]
    total = 0.8 / (1 - found)  # what the sum was before it was scaled to one
    unscaled = found * total
    assert np.mean((unscaled >= 0.19) & (unscaled <= 0.22)) == pytest.approx(0.9, abs=0.02)
    assert np.mean(unscaled < 0.19) == pytest.approx(0.05, abs=0.015)


def test_blocks_do_not_change_the_draws(monkeypatch):
    whole = _all(SHARES - 0.1, SHARES + 0.1, 7)
    monkeypatch.setattr(drawn, "AT_ONCE", 12)
    np.testing.assert_array_equal(whole, _all(SHARES - 0.1, SHARES + 0.1, 7))
