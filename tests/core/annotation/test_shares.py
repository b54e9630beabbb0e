from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import log_softmax

from core.annotation.shares import KINDS, Shares, learned_shares, set_shares
from core.annotation.transfer import Votes

LABELS = np.repeat([0, 1, 2], 40)


def voice(right: float, loud: float = 1.0, seed: int = 0) -> Votes:
    """Votes on LABELS that are right for a share of the cells."""
    rng = np.random.default_rng(seed)
    called = np.where(rng.random(len(LABELS)) < right, LABELS, rng.integers(0, 3, len(LABELS)))
    logits = loud * (2 * np.eye(3)[called] + rng.normal(size=(len(LABELS), 3)) / 2)
    return Votes(log_softmax(logits, axis=1), logits)


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        (["networks"], {"networks": 1}),
        (["networks", "linear"], {"networks": 0.4, "linear": 0.6}),
        (["linear"], {"linear": 1}),
        (["networks", "linear", "boosted"], {"networks": 0.1, "linear": 0.6, "boosted": 0.3}),
        (["linear", "boosted"], {"linear": 2 / 3, "boosted": 1 / 3}),
    ],
)
def test_networks_have_what_the_others_leave(kinds, expected):
    assert set_shares(kinds, 0.6, 0.3).weights == pytest.approx(expected)


def test_members_without_any_share_count_alike():
    assert set_shares(["linear", "boosted"], 0, 0).weights == {"linear": 0.5, "boosted": 0.5}


def test_the_better_member_has_more_to_say_and_none_is_silenced():
    found = learned_shares({"networks": voice(0.5, seed=1), "linear": voice(0.95)}, LABELS)
    assert found.weights["linear"] > 0.7
    assert found.weights["networks"] >= 0.25
    assert sum(found.weights.values()) == pytest.approx(1)


def test_a_loud_member_is_heard_no_more_than_a_quiet_one():
    quiet = learned_shares({"networks": voice(0.8, seed=1), "linear": voice(0.8)}, LABELS)
    loud = learned_shares({"networks": voice(0.8, 5, seed=1), "linear": voice(0.8)}, LABELS)
    assert loud.weights["networks"] == pytest.approx(quiet.weights["networks"], abs=1e-3)
    assert loud.temperatures["networks"] == pytest.approx(5 * quiet.temperatures["networks"], rel=1e-3)


@given(st.lists(st.floats(0.01, 1), min_size=3, max_size=3), st.integers(0, 9))
def test_joined_probabilities_are_the_weighted_mean(weights, seed):
    said = {kind: voice(0.8, seed=seed + number) for number, kind in enumerate(KINDS)}
    shares = np.array(weights) / sum(weights)
    made = Shares(dict(zip(KINDS, shares, strict=True)), dict.fromkeys(KINDS, 1.0)).joined(said)
    mean = sum(share * said[kind].probabilities() for share, kind in zip(shares, KINDS, strict=True))
    np.testing.assert_allclose(made.probabilities(), mean, atol=1e-9)


def test_shares_come_back_from_a_model_file():
    made = learned_shares({"networks": voice(0.6), "boosted": voice(0.9, seed=2)}, LABELS)
    assert Shares.from_dict(made.to_dict()) == made
