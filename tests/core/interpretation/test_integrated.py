"""Integrated gradients: the completeness axiom, a linear model in closed form, and paths through components."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import SpecError
from core.interpretation import integrated as module
from core.interpretation.integrated import (
    Attributions,
    Projection,
    against,
    against_rest,
    integrated_gradients,
    linear_attributions,
    weighted,
)
from tests.core.interpretation.small import encoder, network

X = np.random.default_rng(0).normal(size=(5, 12)).astype(np.float32)
BASELINE = np.random.default_rng(1).normal(size=12).astype(np.float32)


def logits(net, values: np.ndarray) -> np.ndarray:
    with torch.no_grad():
        return net(torch.from_numpy(np.atleast_2d(values)))["class_logits"].numpy()


@pytest.mark.parametrize("activation", ["relu", "softplus", "tanh", "elu"])
@pytest.mark.parametrize("norm", ["none", "batch"])
def test_attributions_sum_to_the_difference_of_logits(activation: str, norm: str):
    net = network(activation, layers=2, norm=norm).train()
    found = integrated_gradients(net, X, BASELINE, against_rest(3))
    net.eval()
    expected = (logits(net, X) - logits(net, BASELINE)) @ against_rest(3).T
    np.testing.assert_allclose(found.difference, expected.T, atol=1e-5)
    assert (np.abs(found.gap) <= module.TOLERANCE * np.maximum(np.abs(found.difference), 1)).all()
    assert net.training is False


def test_a_network_in_training_is_left_as_it_was():
    net = network("relu").train()
    integrated_gradients(net, X, BASELINE, against_rest(3))
    assert all(part.training for part in net.modules())


def test_steps_are_doubled_until_the_sum_is_complete():
    net = network("relu", layers=2)
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.mul_(2)  # sharper bends
    few = module._attributions(module._logits_of(net, None), net, 3 * X, BASELINE, against_rest(3), 4)
    found = integrated_gradients(net, 3 * X, BASELINE, against_rest(3), steps=4)
    assert np.abs(few.gap / np.maximum(np.abs(few.difference), 1)).max() > module.TOLERANCE
    assert np.abs(found.gap / np.maximum(np.abs(found.difference), 1)).max() <= module.TOLERANCE


def test_the_mean_gradient_of_a_smooth_network_agrees_with_finite_differences():
    net, contrast = network("tanh").double(), against(3, 0, 2)
    net.float()
    fine = 2000
    total, h = np.zeros(12), 1e-2
    for alpha in (np.arange(fine) + 0.5) / fine:
        point = BASELINE + alpha * (X[0] - BASELINE)
        around = np.concatenate([point + h * np.eye(12), point - h * np.eye(12)]).astype(np.float32)
        value = (logits(net, around) @ contrast.T)[:, 0]
        total += (value[:12] - value[12:]) / (2 * h)
    found = integrated_gradients(net, X[:1], BASELINE, contrast)
    np.testing.assert_allclose(found.values[0, 0], total / fine * (X[0] - BASELINE), atol=5e-3)


def test_a_linear_model_in_closed_form():
    weight = np.random.default_rng(2).normal(size=(3, 12))
    found = linear_attributions(weight, X, BASELINE, against(3, 1, 0))
    np.testing.assert_allclose(found.values[0], (weight[1] - weight[0]) * (X - BASELINE), rtol=1e-6)
    np.testing.assert_allclose(found.gap, 0, atol=1e-12)


def test_attributions_reach_the_genes_behind_components():
    rng = np.random.default_rng(3)
    through = Projection(rng.normal(size=(12, 20)).astype(np.float32), rng.normal(size=20).astype(np.float32))
    genes, start = rng.normal(size=(4, 20)).astype(np.float32), through.centre
    net = network("softplus")
    found = integrated_gradients(net, genes, start, against_rest(3), projection=through)
    seen = (genes - through.centre) @ through.loadings.T
    expected = (logits(net, seen.astype(np.float32)) - logits(net, np.zeros(12, np.float32))) @ against_rest(3).T
    assert found.values.shape == (3, 4, 20)
    np.testing.assert_allclose(found.values.sum(axis=2), expected.T, rtol=0.02, atol=0.02)
    weight = rng.normal(size=(3, 12))
    linear = linear_attributions(weight, genes, start, against(3, 0, 1), projection=through)
    np.testing.assert_allclose(linear.difference[0], seen @ (weight[0] - weight[1]), rtol=1e-4)


def test_the_attributions_of_a_mean_are_the_mean_of_the_attributions():
    parts = [Attributions(np.full((1, 1, 2), number), np.full((1, 1), 2.0 * number)) for number in (1.0, 3.0)]
    joined = weighted(parts, np.array([0.25, 0.75]))
    assert joined.values.tolist() == [[[2.5, 2.5]]] and joined.difference.tolist() == [[5.0]]


@settings(max_examples=30)
@given(st.integers(2, 12), st.floats(-50, 50))
def test_contrasts_ignore_what_is_added_to_all_logits(n_types: int, added: float):
    contrasts = against_rest(n_types)
    np.testing.assert_allclose(contrasts @ np.full(n_types, added), 0, atol=1e-9)
    np.testing.assert_allclose(np.diag(contrasts), 1)


def test_a_network_without_a_class_head_is_refused():
    net = encoder(torch.nn.ReLU(), torch.nn.ReLU())
    net.class_head = None
    with pytest.raises(SpecError, match="no such head"):
        integrated_gradients(net, X[:, :7], BASELINE[:7], against_rest(3))  # type: ignore[arg-type]
