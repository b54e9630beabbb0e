from __future__ import annotations

import torch

from core.training.units import SAMPLE, UnitHealth


def judged(code: torch.Tensor, bounds: tuple[float, float] | None = None) -> dict[str, list[int]]:
    health = UnitHealth(bounds)
    health.add(code)
    return health.judged()


def test_units_that_do_not_vary_are_silent():
    code = torch.tensor([[0.0, 1.0, 5.0], [0.0, 2.0, 5.0001]])
    assert judged(code) == {"silent": [0, 2], "saturated": []}
    assert judged(torch.ones(3, 2))["silent"] == [0, 1]


def test_units_at_their_bounds_are_saturated():
    code = torch.tensor([[0.999, 0.5, 0.001], [0.001, 0.6, 0.5]])
    assert judged(code, (0.0, 1.0)) == {"silent": [], "saturated": [0]}
    assert judged(code)["saturated"] == []


def test_only_the_first_cells_are_looked_at():
    health = UnitHealth(None)
    for _ in range(3):
        health.add(torch.rand(SAMPLE - 100, 2))
    assert sum(len(code) for code in health.codes) == SAMPLE


def test_no_cells_no_judgement():
    assert UnitHealth(None).judged() == {"silent": [], "saturated": []}
