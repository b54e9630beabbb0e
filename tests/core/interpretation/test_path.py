"""Integrated gradients of any output: they add up, a linear network in closed form, and both engines agree."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from core.interpretation import saliency as module
from core.interpretation.integrated import integrated_gradients
from core.interpretation.path import cells_at_once, nodes
from core.interpretation.saliency import saliency, saliency_by_label
from core.interpretation.targets import outputs
from tests.core.interpretation.small import Encoder, network

X = np.random.default_rng(0).normal(size=(9, 12)).astype(np.float32)
START = np.random.default_rng(1).normal(size=12).astype(np.float32)


def test_the_points_integrate_polynomials_exactly():
    at, weights = nodes(4, torch.zeros(1, dtype=torch.float64))
    for power in range(8):
        assert float((weights * at**power).sum()) == pytest.approx(1 / (power + 1))
    assert cells_at_once(32) == 32 and cells_at_once(5000) == 1


@pytest.mark.parametrize("target", ["code", "classes", "proportions", "reconstruction"])
@pytest.mark.parametrize("layers", [1, 2])
def test_parts_add_up_to_the_change_of_every_output(target, layers):
    net = network("tanh", layers=layers).eval()
    found = saliency(net, X, method="integrated", target=target, baseline=START, steps=128)
    with torch.no_grad():
        change = outputs(net, torch.from_numpy(X), target) - outputs(net, torch.from_numpy(START)[None], target)
    np.testing.assert_allclose(found.signed.sum(axis=1), change.mean(dim=0), atol=2e-5)
    assert 0 <= found.gap < 1e-4
    assert (found.absolute >= np.abs(found.signed) - 1e-6).all()


def test_few_points_on_a_bent_path_leave_a_gap_that_more_points_close():
    net = network("relu", layers=2).eval()
    gaps = [saliency(net, X, method="integrated", baseline=START, steps=steps).gap for steps in (8, 64, 1024)]
    assert gaps[0] > gaps[1] > gaps[2] and gaps[2] < 0.01
    assert saliency(net, X).gap == 0


@pytest.mark.parametrize("activation", ["softplus", "relu", "tanh", "gelu"])
def test_closed_form_and_graph_agree(activation, monkeypatch):
    net = network(activation, norm="batch").eval()
    fast = saliency(net, X, method="integrated", baseline=START, steps=8, units=[3, 1])
    monkeypatch.setattr(module, "two_layers", lambda *_: None)
    graph = saliency(net, X, method="integrated", baseline=START, steps=8, units=[3, 1])
    np.testing.assert_allclose(fast.absolute, graph.absolute, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(fast.signed, graph.signed, rtol=1e-4, atol=1e-6)
    assert fast.gap == pytest.approx(graph.gap, abs=1e-5)


def test_a_linear_network_gives_weight_times_distance():
    net = Encoder(nn.Linear(12, 3)).eval()
    found = saliency(net, X, method="integrated")  # type: ignore[arg-type]
    weight = net.layers[0].weight.detach().numpy()
    np.testing.assert_allclose(found.signed, weight * X.mean(axis=0), atol=1e-6)


def test_the_same_as_attributions_of_single_cells():
    net = network("softplus", layers=2).eval()
    single = integrated_gradients(net, X, START, np.eye(3), steps=16).values
    found = saliency(net, X, method="integrated", target="classes", baseline=START, steps=16)
    np.testing.assert_allclose(found.absolute, np.abs(single).mean(axis=1), atol=1e-6)


def test_labels_add_up_and_keep_the_larger_gap():
    net = network("relu", layers=2).eval()
    more = {"method": "integrated", "baseline": START, "steps": 4}
    parts = saliency_by_label(net, X, list("abacccabb"), **more)
    whole = saliency(net, X, **more)
    total = parts["a"] + parts["b"] + parts["c"]
    np.testing.assert_allclose(total.signed, whole.signed, atol=1e-6)
    np.testing.assert_allclose(total.by("absolute"), whole.by("absolute"), atol=1e-6)
    assert total.gap == max(part.gap for part in parts.values()) > 0
