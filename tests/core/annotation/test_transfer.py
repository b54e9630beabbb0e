from __future__ import annotations

import numpy as np
import pandas as pd
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.annotation.transfer import best_types, joined, mean_votes, network_logits, scalings
from core.networks.build import build
from core.specs import ClassSpec, LayerSpec, NetworkSpec, ObjectiveSpec

SURE = np.log([[0.9, 0.1]])
UNSURE = np.log([[0.5, 0.5]])


def test_joined_probabilities_are_the_weighted_mean():
    votes = joined([SURE, UNSURE], np.array([0.25, 0.75]))
    np.testing.assert_allclose(votes.probabilities(), [[0.6, 0.4]])
    np.testing.assert_allclose(votes.logits, 0.25 * SURE + 0.75 * UNSURE)


def test_members_may_add_any_constant_to_their_logits():
    shares = np.array([0.5, 0.5])
    moved = joined([SURE + 100, UNSURE - 50], shares).probabilities()
    np.testing.assert_allclose(moved, joined([SURE, UNSURE], shares).probabilities())


def test_two_views_count_the_same():
    views = mean_votes([joined([SURE], np.ones(1)), joined([UNSURE], np.ones(1))])
    np.testing.assert_allclose(views.probabilities(), [[0.7, 0.3]])


@given(st.floats(0.1, 10))
def test_a_temperature_never_changes_the_best_type(temperature):
    logits = np.random.default_rng(0).normal(size=(20, 4))
    votes = joined([logits], np.ones(1))
    probabilities = votes.probabilities(temperature)
    np.testing.assert_array_equal(probabilities.argmax(axis=1), logits.argmax(axis=1))
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)


def test_both_scalings_are_two_views():
    assert scalings("both") == ("reference", "query")
    assert scalings("query") == ("query",)


def test_best_types_name_the_largest_probability():
    table = best_types(np.array([[0.2, 0.8], [0.7, 0.3]]), ["B", "T"], ["c1", "c2"])
    expected = pd.DataFrame({"cell": ["c1", "c2"], "cell_type": ["T", "B"], "probability": [0.8, 0.7]})
    pd.testing.assert_frame_equal(table, expected)


def test_network_logits_do_not_depend_on_blocks_or_dropout():
    spec = NetworkSpec(encoder=(LayerSpec(units=5, dropout=0.5),), code=None, input_noise=0.3)
    network = build(spec, ObjectiveSpec(classes=ClassSpec()), 4, 3, torch.Generator().manual_seed(0))
    values = np.random.default_rng(0).normal(size=(7, 4)).astype(np.float32)
    whole = network_logits(network, values)
    assert whole.shape == (7, 3)
    np.testing.assert_allclose(network_logits(network, values, batch_size=2), whole, rtol=1e-5, atol=1e-6)
    assert network_logits(network, values[:0]).shape == (0, 3)
