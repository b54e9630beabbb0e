from __future__ import annotations

import pytest
import torch

from core.networks import penalties
from core.networks.build import build
from core.specs import LayerSpec, NetworkSpec, ObjectiveSpec, ReconstructionSpec


def test_orthonormal_weights_cost_nothing():
    weight = torch.linalg.qr(torch.randn(20, 8, generator=torch.Generator().manual_seed(0)))[0].T
    assert penalties.orthogonality(weight).item() == pytest.approx(0, abs=1e-5)


def test_orthogonality_is_the_frobenius_norm_not_squared():
    assert penalties.orthogonality(torch.zeros(4, 6)).item() == pytest.approx(2.0)
    assert penalties.orthogonality(torch.tensor([[2.0, 0.0]])).item() == pytest.approx(3.0)


def test_decorrelation_by_hand():
    same = torch.tensor([[1.0, 2.0], [2.0, 4.0], [3.0, 6.0]])
    unrelated = torch.tensor([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]])
    assert penalties.decorrelation(same).item() == pytest.approx(1.0, abs=1e-5)
    assert penalties.decorrelation(unrelated).item() == pytest.approx(0.0, abs=1e-6)
    three = torch.cat([unrelated, unrelated[:, :1]], dim=1)
    assert penalties.decorrelation(three).item() == pytest.approx(2 / 6, abs=1e-5)


def test_decorrelation_stays_finite_for_constant_units_single_cells_and_single_units():
    code = torch.ones(4, 3, requires_grad=True)
    penalties.decorrelation(code).backward()
    assert torch.isfinite(code.grad).all()
    assert penalties.decorrelation(torch.ones(1, 3)).item() == 0
    assert penalties.decorrelation(torch.rand(4, 1)).item() == 0


def test_l1_and_l2_sum_over_layer_weights_and_spare_biases():
    spec = NetworkSpec(encoder=(), code=LayerSpec(units=1))
    network = build(spec, ObjectiveSpec(reconstruction=ReconstructionSpec()), 2, 0, torch.Generator().manual_seed(0))
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.fill_(-2.0)
    weights = penalties.layer_weights(network)
    assert penalties.l1(weights).item() == 8  # two weights in, two weights out
    assert penalties.l2(weights).item() == 16
