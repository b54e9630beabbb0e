"""Two devices in one process: what each gives to be gathered is known beforehand."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from core.errors import SpecError
from core.networks.build import build
from core.specs import LayerSpec, NetworkSpec, ObjectiveSpec, ReconstructionSpec
from core.training.shared_norm import SharedNorm, share_norms


def cells(n: int = 12, units: int = 4) -> Tensor:
    """Values far from zero, where a variance from sums of squares would lose its digits."""
    return 1000 + torch.randn(n, units, generator=torch.Generator().manual_seed(0))


def moments(x: Tensor) -> Tensor:
    mean = x.mean(dim=0) if len(x) else torch.zeros(x.shape[1])
    return torch.cat([torch.tensor([float(len(x))]), mean, (x - mean).square().sum(dim=0)])


@pytest.mark.parametrize("cut", [0, 1, 5, 12])
def test_two_parts_are_normed_as_the_whole(cut):
    x = cells()
    expected = nn.BatchNorm1d(4)
    whole = expected(x)
    for part, rest, share in ((x[:cut], x[cut:], slice(0, cut)), (x[cut:], x[:cut], slice(cut, 12))):
        norm = SharedNorm(nn.BatchNorm1d(4), lambda own, rest=rest: torch.stack([own, moments(rest)]))
        torch.testing.assert_close(norm(part), whole[share], rtol=0, atol=2e-3)
        torch.testing.assert_close(norm.running_mean, expected.running_mean)
        torch.testing.assert_close(norm.running_var, expected.running_var)
        assert norm.num_batches_tracked == 1


def test_the_gradient_is_that_of_batch_norm():
    weights = torch.randn(12, 4, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    gradients = []
    for norm in (nn.BatchNorm1d(4), SharedNorm(nn.BatchNorm1d(4), lambda own: own[None])):
        x = (cells() - 1000).requires_grad_()
        (norm(x) * weights).sum().backward()
        gradients.append((x.grad, norm.weight.grad, norm.bias.grad))
    for one, other in zip(*gradients, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)


def test_in_evaluation_it_is_batch_norm():
    norm = nn.BatchNorm1d(4)
    norm(cells())
    norm.eval()
    shared = SharedNorm(norm, lambda own: own[None])
    assert not shared.training
    assert torch.equal(shared(cells()), norm(cells()))


def test_every_norm_of_a_network_is_shared_under_its_own_names():
    layer = LayerSpec(units=4, norm="batch")
    objective = ObjectiveSpec(reconstruction=ReconstructionSpec())
    spec = NetworkSpec(encoder=(layer,), code=LayerSpec(units=2, norm="layer"), input_norm=True)
    network = build(spec, objective, 6, 0, torch.Generator().manual_seed(0))
    before = {name: value.clone() for name, value in network.state_dict().items()}
    share_norms(network, lambda own: own[None])
    assert sum(isinstance(module, SharedNorm) for module in network.modules()) == 3
    assert all(isinstance(m, SharedNorm) for m in network.modules() if isinstance(m, nn.BatchNorm1d))
    after = network.state_dict()
    assert list(after) == list(before)
    assert all(torch.equal(after[name], value) for name, value in before.items())


def test_norms_of_another_kind_are_refused():
    with pytest.raises(SpecError, match="BatchNorm2d"):
        share_norms(nn.Sequential(nn.BatchNorm2d(3)), lambda own: own[None])
    share_norms(nn.Sequential(nn.InstanceNorm1d(3), nn.LayerNorm(3)), lambda own: own[None])
