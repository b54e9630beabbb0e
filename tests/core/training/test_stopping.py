from __future__ import annotations

import pytest

from core.errors import RunError, SpecError
from core.training.stopping import Stopping, check_monitor


def test_a_lower_loss_is_better_and_waiting_ends_training():
    stopping = Stopping("loss", patience=2)
    assert [stopping.better(value, n) for n, value in enumerate((3.0, 2.0, 2.0), 1)] == [True, True, False]
    assert (stopping.best, stopping.best_epoch, stopping.waited, stopping.exhausted) == (2.0, 2, 1, False)
    assert not stopping.better(2.5, 4)
    assert stopping.exhausted


@pytest.mark.parametrize("monitor", ["accuracy", "macro_f1", "proportion_ccc"])
def test_a_higher_score_is_better(monitor):
    stopping = Stopping(monitor, patience=None)
    assert [stopping.better(value, n) for n, value in enumerate((0.5, 0.4, 0.6), 1)] == [True, False, True]
    assert not stopping.exhausted


def test_a_watched_value_that_is_no_number_is_refused():
    with pytest.raises(RunError, match="loss is no longer a number in epoch 3"):
        Stopping("loss", patience=2).better(float("nan"), 3)


def test_an_unknown_monitor_is_refused_with_those_there_are():
    check_monitor("loss", ["loss", "classes"])
    with pytest.raises(SpecError, match="cannot watch accuracy") as caught:
        check_monitor("accuracy", ["loss", "reconstruction"])
    assert "loss, reconstruction" in caught.value.remedy
