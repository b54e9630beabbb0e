from __future__ import annotations

import pytest
import torch

from core.errors import SpecError
from core.networks.start_weights import linear_layer, masked_layer, start, start_backwards, start_masked


def generator() -> torch.Generator:
    return torch.Generator().manual_seed(1)


def test_xavier_stays_within_its_bound_and_has_a_small_bias():
    layer = linear_layer(40, 20)
    start(layer, "xavier", generator())
    assert layer.weight.abs().max() <= (6 / 60) ** 0.5
    assert torch.all(layer.bias == 0.01)


def test_he_stays_within_its_bound_without_bias():
    layer = linear_layer(40, 20)
    start(layer, "he", generator())
    assert 0 < layer.weight.abs().max() <= (6 / 40) ** 0.5
    assert torch.all(layer.bias == 0)


def test_identity_is_ones_on_the_diagonal_and_noise_of_two_hundredths():
    layer = linear_layer(60, 50)
    start(layer, "identity", generator())
    assert (layer.weight - torch.eye(50, 60)).std().item() == pytest.approx(0.02, rel=0.05)


def test_pca_gives_the_scores_of_centred_cells():
    components = torch.tensor([[1.0, 0.0, 0.0], [0.0, 0.6, 0.8]])
    centre = torch.tensor([1.0, 2.0, 3.0])
    layer = linear_layer(3, 2)
    start(layer, "pca", generator(), components=components, centre=centre)
    cells = torch.rand(5, 3, generator=generator())
    torch.testing.assert_close(layer(cells), (cells - centre) @ components.T)
    back = linear_layer(2, 3)
    start_backwards(back, components, generator(), centre=centre)
    torch.testing.assert_close(back(layer(centre[None])), centre[None])


def test_pca_units_beyond_the_components_start_at_random():
    layer = linear_layer(3, 4)
    start(layer, "pca", generator(), components=torch.eye(2, 3))
    assert torch.equal(layer.weight[:2], torch.eye(2, 3))
    assert torch.all(layer.weight[2:] != 0)


@pytest.mark.parametrize("components", [None, torch.eye(2, 5)])
def test_pca_without_fitting_components_is_refused(components):
    with pytest.raises(SpecError, match="components"):
        start(linear_layer(3, 2), "pca", generator(), components=components)


def test_start_weights_leave_the_default_random_stream_alone():
    before = torch.get_rng_state()
    for init in ("xavier", "he", "identity"):
        start(linear_layer(4, 3), init, generator())
    assert torch.equal(before, torch.get_rng_state())


MASK = torch.tensor([[True, True, False, False, False], [False, True, True, True, True], [True] * 5])


@pytest.mark.parametrize("init", ["xavier", "he"])
def test_a_masked_layer_starts_and_computes_with_its_own_inputs_alone(init):
    linear = masked_layer(MASK)
    start_masked(linear, init, torch.Generator().manual_seed(0))
    assert torch.equal(linear.weight != 0, MASK)
    x = torch.rand(4, 5)
    torch.testing.assert_close(linear(x), x @ linear.weight.T + linear.bias)
    moved = x.clone()
    moved[:, 2:] += 1
    assert torch.equal(linear(moved)[:, 0], linear(x)[:, 0])


def test_a_masked_unit_starts_as_wide_as_one_with_so_few_inputs():
    mask = torch.zeros(2, 1000, dtype=torch.bool)
    mask[0, :10], mask[1, :] = True, True
    linear = masked_layer(mask)
    start_masked(linear, "he", torch.Generator().manual_seed(0))
    few, all_of_them = linear.weight[0, :10].abs().max(), linear.weight[1].abs().max()
    assert few <= (6 / 10) ** 0.5 and few > 5 * all_of_them and all_of_them <= (6 / 1000) ** 0.5 + 1e-6


def test_what_lies_outside_the_mask_has_no_gradient():
    linear = masked_layer(MASK)
    start_masked(linear, "xavier", torch.Generator().manual_seed(0))
    linear(torch.rand(4, 5)).square().sum().backward()
    assert torch.all(linear.weight.grad[~MASK] == 0) and torch.all(linear.weight.grad[MASK] != 0)
