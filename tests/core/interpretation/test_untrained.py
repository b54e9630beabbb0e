from __future__ import annotations

import torch
from torch import nn

from core.interpretation.untrained import untrained
from core.networks.build import build
from core.specs import LayerSpec, NetworkSpec, ObjectiveSpec, ReconstructionSpec
from tests.core.interpretation.small import network


def test_weights_are_new_and_the_same_for_one_seed_while_the_network_stays_as_it_was():
    net = network("relu", layers=2, norm="batch", input_norm=True)
    before = {name: value.clone() for name, value in net.state_dict().items()}
    one, again, other = untrained(net, 1), untrained(net, 1), untrained(net, 2)
    weights = [name for name in before if name.endswith("linear.weight")]
    assert weights
    for name in weights:
        assert torch.equal(one.state_dict()[name], again.state_dict()[name])
        assert not torch.equal(one.state_dict()[name], other.state_dict()[name])
        assert not torch.equal(one.state_dict()[name], before[name])
    assert all(torch.equal(value, net.state_dict()[name]) for name, value in before.items())


def test_the_norm_of_the_input_is_kept_and_the_others_begin_anew():
    net = network("relu", norm="batch", input_norm=True)
    for module in net.modules():
        if isinstance(module, nn.BatchNorm1d) and module.running_mean is not None:
            module.running_mean.fill_(3.0)
    made = untrained(net, 0)
    means = {name: value.mean().item() for name, value in made.state_dict().items() if name.endswith("running_mean")}
    assert {name.split(".")[0]: value for name, value in means.items()} == {
        "input": 3.0,
        "encoder": 0.0,
        "decoder": 0.0,
    }


def test_weights_that_may_not_be_negative_begin_anew_without_a_negative_one():
    spec = NetworkSpec(encoder=(LayerSpec(units=4, non_negative=True),), code=LayerSpec(units=3))
    net = build(spec, ObjectiveSpec(reconstruction=ReconstructionSpec()), 6, 0, torch.Generator().manual_seed(0))
    first, second = untrained(net, 1).encoder
    assert first.linear.weight.min() >= 0 > second.linear.weight.min()
