"""Saliency against hand-written gradients, finite differences, and the graph against the closed form."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import sparse
from torch import nn

from core.errors import SpecError
from core.interpretation import saliency as module
from core.interpretation.saliency import saliency, saliency_by_label, sample_of_each
from tests.core.interpretation.small import Encoder, encoder, network

NAMES = ["relu", "leaky_relu", "elu", "gelu", "selu", "sigmoid", "logsigmoid", "tanh", "softplus", "softshrink"]
X = np.random.default_rng(0).normal(size=(9, 12)).astype(np.float32)


def per_cell(net, values: np.ndarray, method: str, target: str = "code") -> np.ndarray:
    """(n_cells, n_units, n_genes), one cell at a time."""
    return np.stack([saliency(net, cell[None], method=method, target=target).signed for cell in values])  # type: ignore[arg-type]


def test_guided_softplus_by_hand():
    net = encoder(nn.Softplus(), nn.Softplus())
    w1, w2 = net.layers[0].weight.detach().numpy(), net.layers[2].weight.detach().numpy()
    b1, b2 = net.layers[0].bias.detach().numpy(), net.layers[2].bias.detach().numpy()
    x = np.random.default_rng(1).normal(size=(4, 7)).astype(np.float32)
    hidden = x @ w1.T + b1
    before = np.log1p(np.exp(hidden)) @ w2.T + b2
    s1, s2 = 1 / (1 + np.exp(-hidden)), 1 / (1 + np.exp(-before))
    guided = np.einsum("ij,jk,ik,kg->ijg", s2, np.maximum(w2, 0), s1, w1)
    plain = np.einsum("ij,jk,ik,kg->ijg", s2, w2, s1, w1)
    for method, expected in {"guided": guided, "gradient": plain, "guided_x_input": guided * x[:, None]}.items():
        found = saliency(net, x, method=method)  # type: ignore[arg-type]
        np.testing.assert_allclose(found.absolute, np.abs(expected).mean(axis=0), rtol=1e-5, atol=1e-7)
        np.testing.assert_allclose(found.signed, expected.mean(axis=0), rtol=1e-5, atol=1e-7)
        assert found.cells == 4


def test_guided_relu_is_the_published_rule_by_hand():
    net = Encoder(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 1), nn.ReLU(), nn.Linear(1, 1))
    with torch.no_grad():
        net.layers[0].weight.copy_(torch.tensor([[1.0, 2.0], [3.0, -1.0]]))
        net.layers[2].weight.copy_(torch.tensor([[1.0, -1.0]]))
        net.layers[4].weight.copy_(torch.tensor([[2.0]]))
        for layer in (0, 2, 4):
            net.layers[layer].bias.fill_(1.0)
    x = np.array([[2.0, 3.0]], dtype=np.float32)
    # hidden 9 and 4, next 6: both active. Plain: 2 (1 (1, 2) - 1 (3, -1)) = (-4, 6). Guided drops the negative path.
    np.testing.assert_allclose(saliency(net, x, method="gradient").signed, [[-4, 6]])
    np.testing.assert_allclose(saliency(net, x, method="guided").signed, [[2, 4]])


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("activation", [*NAMES, "softmax"])
def test_plain_gradient_is_the_finite_difference(activation, layers):
    net = network(activation, layers=layers).double()
    net.eval()
    step = 1e-5
    x = torch.as_tensor(X, dtype=torch.float64)
    expected = np.empty((9, 4, 12))
    with torch.no_grad():
        for gene in range(12):
            move = torch.zeros(12, dtype=torch.float64)
            move[gene] = step
            expected[:, :, gene] = ((net.encode(x + move) - net.encode(x - move)) / (2 * step)).numpy()
    np.testing.assert_allclose(per_cell(net.float(), X, "gradient"), expected, atol=2e-5)


@pytest.mark.parametrize("method", ["guided", "gradient", "guided_x_input", "gradient_x_input"])
@pytest.mark.parametrize("activation", NAMES)
def test_graph_and_closed_form_agree(activation, method, monkeypatch):
    net = network(activation)
    fast = saliency(net, X, method=method)
    monkeypatch.setattr(module, "two_layers", lambda *_: None)
    graph = saliency(net, X, method=method)
    np.testing.assert_allclose(fast.absolute, graph.absolute, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(fast.signed, graph.signed, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("activation", [*NAMES, "softmax"])
def test_guided_is_its_recursion_in_deep_networks(activation):
    net = network(activation, layers=2)
    net.eval()
    cell = torch.as_tensor(X[:1])
    dense = list(net.encoder)
    before = []
    values = cell
    for layer in dense:
        before.append(layer.linear(values).detach().requires_grad_())
        values = layer.activation(before[-1])
    for unit in range(4):
        back = torch.zeros(1, 4)
        back[0, unit] = 1.0
        for layer, at in zip(reversed(dense), reversed(before), strict=True):
            (through,) = torch.autograd.grad(layer.activation(at), at, back.clamp(min=0))
            back = through @ layer.linear.weight.detach()
        np.testing.assert_allclose(per_cell(net, X[:1], "guided")[0, unit], back[0], rtol=1e-5, atol=1e-7)


def test_guided_and_plain_agree_where_nothing_works_against():
    net = encoder(nn.Softplus(), nn.Softplus())
    with torch.no_grad():
        net.layers[2].weight.abs_()
    x = X[:, :7]
    np.testing.assert_allclose(saliency(net, x).signed, saliency(net, x, method="gradient").signed, rtol=1e-6)


@pytest.mark.parametrize("target", ["classes", "proportions"])
def test_heads_as_targets(target):
    net = network()
    found = saliency(net, X, method="gradient", target=target)
    assert found.absolute.shape == (3, 12)
    x = torch.as_tensor(X).requires_grad_()
    net.eval()
    (expected,) = torch.autograd.grad(net(x)["class_logits" if target == "classes" else target][:, 1].sum(), x)
    np.testing.assert_allclose(found.signed[1], expected.mean(dim=0), rtol=1e-5, atol=1e-7)
    assert not np.allclose(saliency(net, X, target=target).signed, found.signed)


def test_sparse_chunks_units_and_labels(monkeypatch):
    net = network()
    whole = saliency(net, X)
    monkeypatch.setattr(module, "CHUNK", 2)
    seen = []
    parts = saliency(net, sparse.csr_matrix(X), units=[2, 0], progress=lambda *done: seen.append(done))
    np.testing.assert_allclose(parts.absolute, whole.absolute[[2, 0]], rtol=1e-6)
    assert seen == [(2, 9), (4, 9), (6, 9), (8, 9), (9, 9)]
    by_label = saliency_by_label(net, X, ["a", "b", "a", "c", "c", "c", "a", "b", "b"])
    total = by_label["a"] + by_label["b"] + by_label["c"]
    assert total.cells == 9
    np.testing.assert_allclose(total.absolute, whole.absolute, rtol=1e-6)


def test_the_network_is_left_as_it_was():
    net = network(norm="batch")
    net.train()
    net.encoder[0].eval()
    before = {name: value.clone() for name, value in net.state_dict().items()}
    saliency(net, X)
    saliency(net, X, target="classes")
    assert net.training
    assert not net.encoder[0].training
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())
    assert all(parameter.grad is None for parameter in net.parameters())
    assert not any(layer._forward_hooks for layer in net.modules())


def test_a_missing_head_and_a_missing_unit_are_refused():
    from core.networks.build import build
    from core.specs import NetworkSpec, ObjectiveSpec, ReconstructionSpec

    plain = build(
        NetworkSpec(), ObjectiveSpec(reconstruction=ReconstructionSpec()), 12, 0, torch.Generator().manual_seed(0)
    )
    with pytest.raises(SpecError, match=r"no such head\. Got classes\."):
        saliency(plain, X, target="classes")
    with pytest.raises(SpecError, match="from 1 to 4"):
        saliency(network(), X, units=[4])


def test_sample_of_each_label():
    labels = ["a"] * 80 + ["b"] * 19 + ["c"]
    rows = sample_of_each(labels, 20, np.random.default_rng(0))
    counts = np.unique(np.array(labels)[rows], return_counts=True)[1]
    assert len(rows) == len(set(rows.tolist())) == 20
    assert counts[0] in (15, 16)
    assert counts[2] == 1
    assert len(sample_of_each(labels, None, np.random.default_rng(0))) == 100
    assert len(sample_of_each(labels, 2, np.random.default_rng(0))) == 3
