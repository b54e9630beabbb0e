"""Gradients of a composition network, against those that can be written out."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.errors import SpecError
from core.interpretation.class_gradients import class_gradients, type_gradients
from core.interpretation.integrated import Projection
from core.networks.build import build
from core.networks.network import Network
from core.specs import ClassSpec, LayerSpec, NetworkSpec, ObjectiveSpec, ProportionSpec

GENES, TYPES = 7, 3


def linear_network(seed: int = 0, *, batch_norm: bool = True) -> Network:
    """One linear layer, the head's own, batch norm with statistics of its own, softmax."""
    spec = NetworkSpec(encoder=(LayerSpec(units=5, activation="linear", norm="none"),), code=None)
    objective = ObjectiveSpec(proportions=ProportionSpec(batch_norm=batch_norm))
    made = build(spec, objective, GENES, TYPES, torch.Generator().manual_seed(seed))
    assert made.proportion_head is not None
    norm = made.proportion_head.norm
    if isinstance(norm, torch.nn.BatchNorm1d):
        with torch.no_grad():
            norm.running_mean.copy_(torch.tensor([0.3, -0.2, 0.1]))  # type: ignore[union-attr]
            norm.running_var.copy_(torch.tensor([0.5, 2.0, 1.5]))  # type: ignore[union-attr]
            norm.weight.copy_(torch.tensor([1.2, 0.7, -0.4]))
            norm.bias.copy_(torch.tensor([0.1, 0.0, -0.1]))
    return made


def written_out(network: Network, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(n, types) shares, and the (types, genes) slope of the logits: both layers and the batch norm rotated through."""
    head = network.proportion_head
    assert head is not None

    def of(tensor: torch.Tensor) -> np.ndarray:
        return tensor.detach().double().numpy()

    first = network.encoder[0].linear  # type: ignore[union-attr]
    slope, bias = (
        of(head.linear.weight) @ of(first.weight),
        of(head.linear.weight) @ of(first.bias) + of(head.linear.bias),
    )
    if isinstance(head.norm, torch.nn.BatchNorm1d):
        factor = of(head.norm.weight) / np.sqrt(of(head.norm.running_var) + head.norm.eps)  # type: ignore[arg-type]
        bias = (bias - of(head.norm.running_mean)) * factor + of(head.norm.bias)  # type: ignore[arg-type]
        slope = slope * factor[:, None]
    logits = x @ slope.T + bias
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    return shares / shares.sum(axis=1, keepdims=True), slope


@pytest.fixture
def samples() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return rng.normal(size=(12, GENES)), np.repeat(np.arange(TYPES), 4)


@pytest.mark.parametrize("batch_norm", [False, True])
def test_the_gradient_of_a_share_is_the_softmax_rule_through_batch_norm(samples, batch_norm):
    x, own = samples
    network = linear_network(batch_norm=batch_norm)
    shares, slope = written_out(network, x)
    mine = shares[np.arange(len(own)), own][:, None]
    known = mine * (slope[own] - shares @ slope)
    np.testing.assert_allclose(class_gradients(network, x, own), known, rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize(
    ("loss", "of_share"),
    [
        ("kl", lambda share: -1 / share),
        ("mse", None),
        ("mae", lambda share: -2 / TYPES * np.ones_like(share)),
        ("kl_mae", lambda share: -1 / share - 2 / TYPES),
    ],
)
def test_the_gradient_of_the_loss_follows_from_that_of_the_shares(samples, loss, of_share):
    x, own = samples
    network = linear_network()
    shares, slope = written_out(network, x)
    mine = shares[np.arange(len(own)), own][:, None]
    if of_share is not None:  # these losses are functions of the own share alone
        known = of_share(mine) * mine * (slope[own] - shares @ slope)
    else:
        of_shares = 2 / TYPES * (shares - np.eye(TYPES)[own])
        known = (of_shares * shares) @ slope - (of_shares * shares).sum(axis=1, keepdims=True) * (shares @ slope)
    found = class_gradients(network, x, own, of="loss", loss=loss)
    np.testing.assert_allclose(found, known, rtol=1e-4, atol=1e-7)


def test_a_network_that_is_all_but_certain_keeps_its_gradient(samples):
    x, own = samples
    network = linear_network(batch_norm=False)
    assert network.proportion_head is not None
    with torch.no_grad():
        network.proportion_head.linear.bias[0] += 25  # share of the first type: 1 less some 1e-11
    shares, slope = written_out(network, x)
    rest = shares[:, 1:] @ (slope[:1] - slope[1:])
    found = class_gradients(network, x, np.zeros_like(own))
    np.testing.assert_allclose(found, shares[:, :1] * rest, rtol=1e-3, atol=1e-15)
    assert 0 < np.abs(found).max() < 1e-8


def test_components_are_led_back_to_genes_and_the_network_is_left_as_it_was(samples):
    x, own = samples
    network = linear_network().train()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    loadings = np.random.default_rng(1).normal(size=(GENES, 20))
    found = class_gradients(network, x, own, projection=Projection(loadings, np.zeros(20)))
    np.testing.assert_allclose(found, class_gradients(network, x, own) @ loadings)
    assert network.training and all(torch.equal(before[name], value) for name, value in network.state_dict().items())


def test_means_errors_and_signs_are_those_of_the_samples_and_networks(samples):
    x, own = samples
    networks = [linear_network(seed) for seed in range(3)]
    each = np.stack([class_gradients(network, x, own) for network in networks])
    found = type_gradients(networks, x, own, TYPES)
    np.testing.assert_allclose(found.mean[1], each[:, 4:8].mean(axis=(0, 1)))
    np.testing.assert_allclose(found.error[2], each.mean(axis=0)[8:].std(axis=0, ddof=1) / 2)
    votes = np.sign(found.networks) == np.sign(found.mean)
    np.testing.assert_allclose(found.agreement, votes.sum(axis=0) / 3)
    alone = type_gradients(networks, x[[0, 4, 8]], own[[0, 4, 8]], TYPES)
    assert np.isnan(alone.error).all()


def test_a_network_without_proportions_is_refused(samples):
    x, own = samples
    spec = NetworkSpec(encoder=(LayerSpec(units=5),), code=None)
    labels = build(spec, ObjectiveSpec(classes=ClassSpec()), GENES, TYPES, torch.Generator())
    with pytest.raises(SpecError, match="no such head"):
        class_gradients(labels, x, own)
