from __future__ import annotations

import copy

import pytest
import torch

from core.networks.build import build
from core.networks.objective import Objective
from core.specs import ClassSpec, LayerSpec, NetworkSpec, ObjectiveSpec, ReconstructionSpec
from core.training.batches import ArrayBatches
from core.training.precision import PRECISIONS
from core.training.probe import Product, _products, measure

CPU = torch.device("cpu")
NETWORK = NetworkSpec(
    encoder=(LayerSpec(units=16, dropout=0.5, norm="batch"),), code=LayerSpec(units=4), input_dropout=0.2
)
OBJECTIVE = ObjectiveSpec(reconstruction=ReconstructionSpec(loss="mse"), classes=ClassSpec())


@pytest.fixture
def network():
    return build(NETWORK, OBJECTIVE, 30, 3, torch.Generator().manual_seed(0))


@pytest.fixture
def cells():
    generator = torch.Generator().manual_seed(1)
    return ArrayBatches(torch.randn(100, 30, generator=generator), labels=torch.randint(3, (100,), generator=generator))


def test_every_precision_has_a_speed_an_error_and_a_peak(network, cells):
    modes = {mode.precision: mode for mode in measure(network, Objective(OBJECTIVE), cells, batch_size=64, device=CPU)}
    assert tuple(modes) == PRECISIONS
    assert modes["fp32"].speed == 1 and modes["fp32"].error == 0
    assert 1e-4 < modes["bf16"].output_error < 0.1 and 1e-4 < modes["bf16"].gradient_error < 0.3
    assert all(mode.peak > 0 and mode.seconds > 0 for mode in modes.values())
    assert modes["bf16"].to_json()["error"] == modes["bf16"].error


def test_measuring_changes_neither_the_network_nor_any_random_number(network, cells):
    before, drawn = copy.deepcopy(network.state_dict()), torch.get_rng_state()
    measure(network, Objective(OBJECTIVE), cells, batch_size=64, device=CPU)
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    assert all(parameter.grad is None for parameter in network.parameters())
    assert torch.equal(torch.get_rng_state(), drawn)


def test_the_products_of_a_step_are_those_of_its_linear_layers(network, cells):
    (batch, *_) = cells.epoch(0, 64, None, CPU)
    found = _products(network, batch)
    assert found[0] == Product(30, 16, backwards=False)  # nobody asks for the gradient of the cells
    assert {(each.inputs, each.outputs) for each in found[1:]} == {(16, 4), (4, 16), (16, 30), (4, 3)}
    assert all(each.backwards for each in found[1:])


@pytest.mark.gpu
def test_a_gpu_is_measured_too(network, cells):
    if not torch.cuda.is_available():
        pytest.skip("no GPU")
    modes = measure(network, Objective(OBJECTIVE), cells, batch_size=64, device=torch.device("cuda"))
    assert all(mode.peak > 0 for mode in modes)
