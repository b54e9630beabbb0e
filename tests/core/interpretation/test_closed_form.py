"""Which encoders have a closed form, and that norms fold into it."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from core.interpretation import saliency as module
from core.interpretation.closed_form import two_layers
from core.interpretation.saliency import saliency
from core.networks.build import build
from core.specs import (
    GeneSetLayerSpec,
    LayerSpec,
    NetworkSpec,
    ObjectiveSpec,
    ReconstructionSpec,
    VariationalSpec,
)
from tests.core.interpretation.small import Encoder, network

X = np.random.default_rng(0).normal(size=(16, 12)).astype(np.float32)


def used_norms(net: nn.Module) -> nn.Module:
    """Batch norms that have seen data and have learned."""
    generator = torch.Generator().manual_seed(1)
    for norm in net.modules():
        if isinstance(norm, nn.BatchNorm1d) and norm.running_mean is not None and norm.running_var is not None:
            norm.running_mean.copy_(torch.randn(norm.num_features, generator=generator))
            norm.running_var.copy_(torch.rand(norm.num_features, generator=generator) + 0.5)
            with torch.no_grad():
                norm.weight.copy_(torch.randn(norm.num_features, generator=generator))
                norm.bias.copy_(torch.randn(norm.num_features, generator=generator))
    return net.eval()


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"norm": "batch"},
        {"input_norm": True, "norm": "batch", "input_dropout": 0.2, "input_noise": 0.1},
    ],
)
def test_norms_fold_into_the_closed_form(settings, monkeypatch):
    net = used_norms(network("elu", **settings))
    assert two_layers(net, torch.as_tensor(X)) is not None
    for method in ("guided", "gradient"):
        fast = saliency(net, X, method=method)
        with monkeypatch.context() as patch:
            patch.setattr(module, "two_layers", lambda *_: None)
            graph = saliency(net, X, method=method)
        np.testing.assert_allclose(fast.absolute, graph.absolute, rtol=1e-4, atol=1e-6)


def test_norm_behind_the_first_activation_folds_too():
    net = used_norms(Encoder(nn.Linear(12, 6), nn.Tanh(), nn.BatchNorm1d(6), nn.Linear(6, 3)))
    found = two_layers(net, torch.as_tensor(X))
    assert found is not None
    assert isinstance(found.act2, nn.Identity)
    torch.testing.assert_close(found.code(torch.as_tensor(X)), net.encode(torch.as_tensor(X)), rtol=1e-4, atol=1e-5)


class Around(nn.Module):
    """A two-layer encoder with something between its modules."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.act, self.second = nn.Linear(12, 6), nn.Softplus(), nn.Linear(6, 3)

    def encode(self, x: torch.Tensor) -> torch.Tensor:
        return self.second(self.act(self.first(x)).sqrt())


@pytest.mark.parametrize(
    "net",
    [
        network("softplus", layers=2),
        network("softmax"),
        network("softplus", norm="layer"),
        network("softplus", linear_path=True),
        Encoder(nn.Linear(12, 3), nn.ReLU()),
        Encoder(nn.Linear(12, 6), nn.Linear(6, 3)),
        Encoder(nn.Linear(12, 6), nn.ReLU(), nn.Linear(6, 3), nn.BatchNorm1d(3)),
        Encoder(nn.Linear(12, 6), nn.ReLU(), nn.Linear(6, 3), nn.ReLU(), nn.BatchNorm1d(3)),
        Around(),
    ],
)
def test_every_other_encoder_takes_the_graph(net):
    net = used_norms(net)
    if isinstance(net, Encoder) and isinstance(net.layers[-1], nn.BatchNorm1d) and len(net.layers) == 4:
        assert two_layers(net, torch.as_tensor(X)) is not None  # a norm before the absent activation folds
    else:
        assert two_layers(net, torch.as_tensor(X)) is None
    found = saliency(net, X)
    assert np.isfinite(found.absolute).all()
    assert found.absolute.max() > 0


@pytest.mark.parametrize("of_sets", [False, True])
def test_of_a_variational_code_the_mean_is_what_saliency_reads(of_sets, monkeypatch):
    first = LayerSpec(units=6, activation="softplus")
    spec = NetworkSpec(encoder=(first,), code=LayerSpec(units=4, activation="linear"))
    mask = None
    if of_sets:
        spec = spec.model_copy(update={"gene_sets": GeneSetLayerSpec()})
        mask = torch.rand(6, 12, generator=torch.Generator().manual_seed(2)) < 0.4
    objective = ObjectiveSpec(reconstruction=ReconstructionSpec(), variational=VariationalSpec())
    net = build(spec, objective, 12, 0, torch.Generator().manual_seed(0), mask=mask).train()
    fast = saliency(net, X, method="guided")
    with monkeypatch.context() as patch:
        patch.setattr(module, "two_layers", lambda *_: None)
        graph = saliency(net, X, method="guided")
    np.testing.assert_allclose(fast.absolute, graph.absolute, rtol=1e-4, atol=1e-6)
    assert two_layers(net.eval(), torch.as_tensor(X)) is not None
