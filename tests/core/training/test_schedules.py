from __future__ import annotations

import pytest
import torch

from core.specs import TrainSpec
from core.training.schedules import Schedule


def rates(schedule: str, epochs: int = 3, steps: int = 5, **settings) -> list[float]:
    chosen = Schedule(TrainSpec(schedule=schedule, learning_rate=0.3, epochs=epochs, **settings))
    return [chosen.rate(epoch, step, steps) for epoch in range(1, epochs + 1) for step in range(steps)]


def test_constant():
    assert set(rates("constant")) == {0.3}


def test_within_epoch_falls_to_a_third_and_starts_again():
    found = rates("within_epoch")
    assert found[:5] == found[5:10] == found[10:]
    assert found[0] == pytest.approx(0.3)
    assert found[4] == pytest.approx(0.1)
    assert found[2] == pytest.approx(0.3 / 3**0.5)
    assert rates("within_epoch", steps=1)[0] == pytest.approx(0.3)


@pytest.mark.parametrize("total", [10, 50])
def test_one_cycle_is_that_of_torch(total):
    parameter = torch.nn.Parameter(torch.zeros(1))
    optimiser = torch.optim.SGD([parameter], lr=1.0)
    theirs = torch.optim.lr_scheduler.OneCycleLR(optimiser, max_lr=0.3, total_steps=total, cycle_momentum=False)
    expected = []
    for _ in range(total):
        expected.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        theirs.step()
    assert rates("one_cycle", epochs=5, steps=total // 5) == pytest.approx(expected, abs=1e-9)


def test_cosine_falls_from_the_rate_towards_zero():
    found = rates("cosine", epochs=4)
    assert found[0] == pytest.approx(0.3)
    assert found[10] == pytest.approx(0.15)
    assert 0 < found[-1] < 0.01
    assert found == sorted(found, reverse=True)


def test_plateau_halves_after_half_the_patience_without_a_better_value():
    schedule = Schedule(TrainSpec(schedule="plateau", learning_rate=0.4, patience=4))
    for better in (True, False):
        schedule.after_epoch(better)
    assert schedule.rate(3, 0, 1) == pytest.approx(0.4)
    schedule.after_epoch(False)
    assert schedule.rate(4, 0, 1) == pytest.approx(0.2)
    assert Schedule(schedule.spec, schedule.halvings, schedule.stuck).rate(4, 0, 1) == pytest.approx(0.2)


@pytest.mark.parametrize("schedule", ["within_epoch", "one_cycle", "cosine"])
def test_a_stream_that_gives_more_batches_than_expected_stays_within_the_schedule(schedule):
    chosen = Schedule(TrainSpec(schedule=schedule, epochs=1, learning_rate=1.0))
    assert 0 <= chosen.rate(1, 99, 5) == chosen.rate(1, 4, 5)
