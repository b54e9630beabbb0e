"""Dropout against its definition."""

import pytest
import torch

from core.networks.dropout import Dropout


@pytest.mark.parametrize("rate", [0.1, 0.3, 0.5, 0.77])
def test_the_rate_asked_for_is_dropped_and_the_mean_stays(rate):
    torch.manual_seed(0)
    kept = Dropout(rate)(torch.ones(1000, 999))
    assert float((kept == 0).float().mean()) == pytest.approx(rate, abs=2e-3)
    assert float(kept.mean()) == pytest.approx(1, abs=5e-3)
    assert len(kept.unique()) == 2


def test_what_is_dropped_is_drawn_anew_and_repeated_by_the_seed():
    ones = torch.ones(7, 13)
    torch.manual_seed(0)
    first, second = Dropout(0.5)(ones), Dropout(0.5)(ones)
    torch.manual_seed(0)
    assert torch.equal(Dropout(0.5)(ones), first)
    assert not torch.equal(first, second)


def test_rows_and_columns_are_dropped_independently():
    torch.manual_seed(0)
    dropped = (Dropout(0.5)(torch.ones(2000, 64)) == 0).float()
    shared = torch.corrcoef(dropped.T) - torch.eye(64)
    assert float(shared.abs().max()) < 0.12


def test_the_gradient_passes_where_values_do():
    torch.manual_seed(0)
    x = torch.ones(50, 20, requires_grad=True)
    kept = Dropout(0.3)(x)
    kept.sum().backward()
    assert torch.equal(x.grad, kept.detach())


@pytest.mark.parametrize("kind", [torch.bfloat16, torch.float64])
def test_the_type_of_number_stays(kind):
    assert Dropout(0.3)(torch.ones(4, 4, dtype=kind)).dtype == kind


def test_nothing_is_dropped_outside_training():
    layer = Dropout(0.5).eval()
    ones = torch.ones(3, 3)
    assert layer(ones) is ones
